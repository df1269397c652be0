extension NormColumns {
    /// How many parameters there are.
    package var parameters: Int { Int(columnParameters.max() ?? 0) + Int(pointParameters.max() ?? 0) + 1 }

    /// dx of some columns of one panel, and their share of the gradients of scale and shift, in one pass over x and dy.
    ///
    ///     dx = inverse · (g − mean(g) − x̂ · mean(g · x̂)),   g = dy · scale,   x̂ = (x − mean) · inverse
    ///
    /// - Parameters:
    ///   - dyTable, dxTable: where the gradients lie.
    ///   - moments: of the forward pass.
    ///   - dx: nil where not wanted.
    ///   - sums: gets (parameters) of the scale, then of the shift where that is wanted, summed over these columns and all
    ///     lanes; nil where not wanted.
    package func backward(
        columns: Range<Int>, _ x: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ dyTable: Columns,
        to dx: UnsafeMutablePointer<Float>?, _ dxTable: Columns, adds: Bool, scale: UnsafePointer<Float>?,
        moments: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>?, wantsShift: Bool = true
    ) {
        let floats = sums == nil ? 0 : 2 * 16 * parameters
        withScratch(of: Float.self, capacity: max(floats, 16)) { chains in
            if sums != nil { chains.baseAddress!.update(repeating: 0, count: floats) }
            self.x.withTables { xColumns, xPoints in
                dyTable.withTables { dyColumns, dyPoints in
                    dxTable.withTables { dxColumns, dxPoints in
                        columnParameters.withUnsafeBufferPointer { columnParameters in
                            pointParameters.withUnsafeBufferPointer { pointParameters in
                                NormBackward(
                                    x: x, dy: dy, dx: dx, scale: scale, moments: moments,
                                    chains: sums == nil ? nil : chains.baseAddress!, xColumns: xColumns,
                                    xPoints: xPoints, dyColumns: dyColumns, dyPoints: dyPoints, dxColumns: dxColumns,
                                    dxPoints: dxPoints, columnParameters: columnParameters.baseAddress!,
                                    pointParameters: pointParameters.baseAddress!, parameters: parameters,
                                    length: self.x.length, lanes: self.x.lanes, centers: centers, adds: adds
                                ).run(lanes: self.x.lanes, columns: columns)
                            }
                        }
                    }
                }
            }
            if let sums {
                for parameter in 0..<(wantsShift ? 2 : 1) * parameters {
                    sums[parameter] = treeSum(load16(chains.baseAddress! + parameter &* 16))
                }
            }
        }
    }
}

private struct NormBackward: ColumnWork {
    let x, dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>?
    let scale: UnsafePointer<Float>?
    let moments: UnsafePointer<Float>
    /// Sixteen lanes for each parameter.
    let chains: UnsafeMutablePointer<Float>?
    let xColumns, xPoints, dyColumns, dyPoints, dxColumns, dxPoints: UnsafePointer<Int32>
    let columnParameters, pointParameters: UnsafePointer<Int32>
    let parameters, length, lanes: Int
    let centers, adds: Bool

    @inline(__always)
    func run<P: Place>(_ place: P.Type, column: Int, part: Int) {
        let from = P(xColumns, column: column, part: part), given = P(dyColumns, column: column, part: part)
        let target = P(dxColumns, column: column, part: part)
        let mean = load16(moments + (column &* 2 &* lanes &+ part))
        let inverse = load16(moments + ((column &* 2 &+ 1) &* lanes &+ part))
        let first = Int(columnParameters[column])
        @inline(__always)
        func normal(_ point: Int) -> Sixteen { (from.load(x, xPoints[point]) - mean) * inverse }
        @inline(__always)
        func slope(_ point: Int, _ dy: Sixteen) -> Sixteen {
            guard let scale else { return dy }
            return dy * Sixteen(repeating: scale[first &+ Int(pointParameters[point])])
        }
        // Two chains of each sum: points with an even number, and those with an odd one.
        var s0 = Sixteen.zero, s1 = s0, t0 = s0, t1 = s0
        let one = Sixteen(repeating: 1)
        @inline(__always)
        func add(_ point: Int, _ s: inout Sixteen, _ t: inout Sixteen) {
            let dy = given.load(self.dy, dyPoints[point]), hat = normal(point), g = slope(point, dy)
            s = s.plus(one, times: g)
            t = t.plus(g, times: hat)
            guard let chains else { return }
            let scaleChain = chains + (first &+ Int(pointParameters[point])) &* 16
            let shiftChain = scaleChain + parameters &* 16
            store16(load16(scaleChain).plus(dy, times: hat), scaleChain)
            store16(load16(shiftChain) + dy, shiftChain)
        }
        var point = 0
        while point &+ 2 <= length {
            add(point, &s0, &t0)
            add(point &+ 1, &s1, &t1)
            point &+= 2
        }
        if point < length { add(point, &s0, &t0) }
        guard let dx else { return }
        let share = Sixteen(repeating: 1 / Float(length)) * inverse
        let slopes = centers ? (s0 + s1) * share : .zero, products = (t0 + t1) * share
        for point in 0..<length {
            let g = slope(point, given.load(dy, dyPoints[point]))
            var gradient = (-slopes).plus(inverse, times: g).plus(-products, times: normal(point))
            if adds { gradient = gradient + target.load(dx, dxPoints[point]) }
            target.store(gradient, dx, dxPoints[point])
        }
    }
}
