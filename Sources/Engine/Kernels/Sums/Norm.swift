/// Normalisation of each column of a sample by its own mean and deviation: of layers, groups, instances; by the root of the
/// mean square alone where `centers` is false. Then times a scale, plus a shift.
/// Reference: Ba, Kiros & Hinton 2016, arXiv:1607.06450; Wu & He 2018, arXiv:1803.08494; Zhang & Sennrich 2019, arXiv:1910.07467.
package struct NormColumns: Sendable {
    let x: Columns
    let y: Columns
    let epsilon: Float
    let centers: Bool
    /// The parameter of a point is that of its column and that of its number in it, added.
    let columnParameters: [Int32]
    let pointParameters: [Int32]
    /// Whether all columns have the same parameters.
    private let sharesParameters: Bool

    /// - Parameters:
    ///   - columnParameters, pointParameters: by column, and by point of a column.
    package init(
        x: Columns, y: Columns, epsilon: Float, centers: Bool, columnParameters: [Int32], pointParameters: [Int32]
    ) {
        (self.x, self.y, self.epsilon, self.centers) = (x, y, epsilon, centers)
        (self.columnParameters, self.pointParameters) = (columnParameters, pointParameters)
        sharesParameters = columnParameters.allSatisfy { $0 == columnParameters[0] }
    }

    package var count: Int { x.count }

    /// y = (x − mean) · inverse · scale + shift; y may be x.
    /// - Parameters:
    ///   - scale, shift: by parameter; nil for 1 and 0.
    ///   - moments: of panels gets mean and inverse deviation of each column, `2 · lanes` floats each; nil where nothing is
    ///     trained.
    package func forward(
        columns: Range<Int>, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>,
        scale: UnsafePointer<Float>?, shift: UnsafePointer<Float>?, moments: UnsafeMutablePointer<Float>?
    ) {
        self.x.withTables { xColumns, xPoints in
            self.y.withTables { yColumns, yPoints in
                columnParameters.withUnsafeBufferPointer { columnParameters in
                    pointParameters.withUnsafeBufferPointer { pointParameters in
                        NormForward(
                            x: x, y: y, scale: scale, shift: shift, moments: moments, xColumns: xColumns,
                            xPoints: xPoints, yColumns: yColumns, yPoints: yPoints,
                            columnParameters: columnParameters.baseAddress!,
                            pointParameters: pointParameters.baseAddress!, length: self.x.length, lanes: self.x.lanes,
                            epsilon: epsilon, centers: centers, sharesParameters: sharesParameters
                        ).run(lanes: self.x.lanes, columns: columns)
                    }
                }
            }
        }
    }
}

private struct NormForward: ColumnWork {
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let scale, shift: UnsafePointer<Float>?
    let moments: UnsafeMutablePointer<Float>?
    let xColumns, xPoints, yColumns, yPoints, columnParameters, pointParameters: UnsafePointer<Int32>
    let length, lanes: Int
    let epsilon: Float
    let centers, sharesParameters: Bool

    @inline(__always)
    func run<P: Place>(_ place: P.Type, column: Int, part: Int) {
        let from = P(xColumns, column: column, part: part), to = P(yColumns, column: column, part: part)
        let one = Sixteen(repeating: 1), count = Sixteen(repeating: Float(length))
        var mean = Sixteen.zero
        if centers {
            mean = fourChains(length) { $1.plus(one, times: from.load(x, xPoints[$0])) } / count
        }
        let squares = fourChains(length) { point, sum in
            let difference = from.load(x, xPoints[point]) - mean
            return sum.plus(difference, times: difference)
        }
        let inverse = one / roots(squares / count + Sixteen(repeating: epsilon))
        if let moments {
            store16(mean, moments + (column &* 2 &* lanes &+ part))
            store16(inverse, moments + ((column &* 2 &+ 1) &* lanes &+ part))
        }
        guard scale != nil || shift != nil else {
            for point in 0..<length { to.store((from.load(x, xPoints[point]) - mean) * inverse, y, yPoints[point]) }
            return
        }
        for point in 0..<length {
            let value = (from.load(x, xPoints[point]) - mean) * inverse
            to.store(scaled(value, P.self, column, part, pointParameters[point]), y, yPoints[point])
        }
    }

    /// Of panels a column has one parameter for a point; of one image each of its columns may have its own.
    @inline(__always)
    private func scaled<P: Place>(
        _ value: Sixteen, _ place: P.Type, _ column: Int, _ part: Int, _ point: Int32
    ) -> Sixteen {
        func parameter(_ values: UnsafePointer<Float>?, _ fallback: Float) -> Sixteen {
            guard let values else { return Sixteen(repeating: fallback) }
            if P.self == SamplePlace.self || sharesParameters {
                return Sixteen(repeating: values[Int(columnParameters[column] &+ point)])
            }
            var chunk = Sixteen.zero
            for lane in 0..<part { chunk[lane] = values[Int(columnParameters[column &+ lane] &+ point)] }
            return chunk
        }
        return parameter(shift, 0).plus(parameter(scale, 1), times: value)
    }
}
