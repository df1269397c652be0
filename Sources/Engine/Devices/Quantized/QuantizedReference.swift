import Kernels

/// A quantised network rule by rule as the formulas stand, without any thought of speed: what every other executor must agree
/// with, to the bit.
package struct QuantizedReference {
    private let network: QuantizedNetwork

    package init(_ network: QuantizedNetwork) { self.network = network }

    /// The value of every tensor for one image.
    package func values(_ image: [Int8]) -> [[Int8]] {
        var values = network.tensors.map { $0.constant ?? [] }
        values[0] = image
        for node in network.nodes { values[node.output] = value(of: node, node.inputs.map { values[$0] }) }
        return values
    }

    package func answer(_ image: [Float]) -> [Float] {
        let output = network.tensors[network.output]
        return values(image.map(network.tensors[0].quantized))[network.output].map(output.number)
    }

    /// One node alone.
    package func value(of node: QuantizedNode, _ inputs: [[Int8]]) -> [Int8] {
        let place = Place(node, inputs, network)
        switch node.rule {
        case .sums(let sums): return place.sums(sums)
        case .table(let table): return place.table(table)
        case .addition(let addition): return place.addition(addition)
        case .product(let pairs, let requantization):
            return place.pairs(pairs) { a, b in place.y(requantization(Int64(a - place.za) * Int64(b - place.zb))) }
        case .extreme(let pairs, let isLargest):
            return place.pairs(pairs) { a, b in place.clamp(Int64(isLargest ? max(a, b) : min(a, b))) }
        case .largest(let area):
            return place.windows(area) { points, _ in Int8(points.max() ?? -128) }
        case .mean(let mean): return place.mean(mean)
        case .softmax(let softmax): return place.softmax(softmax)
        case .move(let sources):
            let all = Array(inputs.joined())
            return sources.map { $0 < 0 ? Int8(place.zy) : all[Int($0)] }
        case .reshape: return inputs[0]
        case .blend(let blend): return place.blend(blend)
        case .matrix(let matrix): return place.matrix(matrix)
        case .norm(let norm): return place.norm(norm)
        case .lookup(let lookup):
            return inputs[0].flatMap { x in
                let first = lookup.first(Int(Int32(x) - place.za))
                return lookup.table[first..<first + lookup.features]
            }
        }
    }
}

/// A node with the values that it reads.
private struct Place {
    let node: QuantizedNode
    let inputs: [[Int8]]
    let za: Int32
    let zb: Int32
    let zy: Int32

    init(_ node: QuantizedNode, _ inputs: [[Int8]], _ network: QuantizedNetwork) {
        (self.node, self.inputs) = (node, inputs)
        za = network.tensors[node.inputs[0]].zero
        zb = network.tensors[node.inputs.last!].zero
        zy = network.tensors[node.output].zero
    }

    func clamp(_ value: Int64) -> Int8 { Int8(min(max(value, Int64(node.low)), Int64(node.high))) }
    func y(_ steps: Int64) -> Int8 { clamp(Int64(zy) + steps) }

    func sums(_ sums: QuantizedSums) -> [Int8] {
        var weights = [Int32](repeating: 0, count: sums.weights)
        for (number, value) in sums.values.enumerated() { weights[sums.indices?[number] ?? number] = Int32(value) }
        let window = sums.window, channels = sums.channels / sums.groups, rowsPerGroup = sums.rows / sums.groups
        let x = inputs[0]
        var result: [Int8] = []
        for row in 0..<sums.rows {
            for oy in 0..<sums.outputHeight {
                for ox in 0..<sums.outputWidth {
                    var sum = sums.bias[row], column = row * sums.columns
                    for channel in row / rowsPerGroup * channels..<(row / rowsPerGroup + 1) * channels {
                        for ky in 0..<window.height {
                            for kx in 0..<window.width {
                                let y = oy * window.stride.y - window.pads.top + ky * window.dilation.y
                                let at = ox * window.stride.x - window.pads.left + kx * window.dilation.x
                                if (0..<sums.height).contains(y), (0..<sums.width).contains(at) {
                                    let value = x[(channel * sums.height + y) * sums.width + at]
                                    sum += weights[column] * (Int32(value) - za)
                                }
                                column += 1
                            }
                        }
                    }
                    result.append(self.y(sums.requantizations[row](Int64(sum))))
                }
            }
        }
        return result
    }

    func table(_ table: [Int8]) -> [Int8] {
        let x = inputs[0], points = x.count / (table.count / 256)
        return x.indices.map { table[$0 / points * 256 + Int(x[$0]) + 128] }
    }

    func pairs(_ pairs: QuantizedPairs, _ body: (Int32, Int32) -> Int8) -> [Int8] {
        pairs.places.map { body(Int32(inputs[0][$0.a]), Int32(inputs[1][$0.b])) }
    }

    func addition(_ addition: QuantizedAddition) -> [Int8] {
        let half = Int64(1) << Int64(addition.shift - 1)
        return pairs(addition.pairs) { a, b in
            let sum = Int64(a - za) * Int64(addition.aMultiplier) + Int64(b - zb) * Int64(addition.bMultiplier)
            return y((sum + half) >> Int64(addition.shift))
        }
    }

    /// - Parameter body: gets the points of a window, and how many of its taps read the border.
    func windows(_ area: QuantizedWindow, _ body: (_ points: [Int32], _ pads: Int) -> Int8) -> [Int8] {
        let window = area.window
        let vertical = window.vertical(area.height), horizontal = window.horizontal(area.width)
        var result: [Int8] = []
        for channel in 0..<area.channels {
            for oy in 0..<area.outputHeight {
                for ox in 0..<area.outputWidth {
                    var points: [Int32] = []
                    for ky in vertical.inside(oy) {
                        for kx in horizontal.inside(ox) {
                            let y = vertical.first(oy) + ky * window.dilation.y
                            let x = horizontal.first(ox) + kx * window.dilation.x
                            points.append(Int32(inputs[0][(channel * area.height + y) * area.width + x]))
                        }
                    }
                    result.append(body(points, vertical.counted(oy) * horizontal.counted(ox) - points.count))
                }
            }
        }
        return result
    }

    func mean(_ mean: QuantizedMean) -> [Int8] {
        windows(mean.area) { points, pads in
            let count = points.count + (mean.countsPads ? pads : 0)
            let scale = mean.counts.first { $0.points == count }!.requantization
            return y(scale(points.reduce(0) { $0 + Int64($1 - za) }))
        }
    }

    func softmax(_ softmax: QuantizedSoftmax) -> [Int8] {
        let x = inputs[0]
        var result = x
        for line in 0..<softmax.outer * softmax.inner {
            let first = line / softmax.inner * softmax.inner * softmax.count + line % softmax.inner
            let places = (0..<softmax.count).map { first + $0 * softmax.inner }
            let most = places.map { Int(x[$0]) }.max()!
            let all = places.map { Int64(softmax.exponentials[most - Int(x[$0])]) }
            let sum = all.reduce(0, +)
            for (place, value) in zip(places, all) { result[place] = clamp(-128 + (256 * value + sum / 2) / sum) }
        }
        return result
    }

    func matrix(_ matrix: QuantizedMatrix) -> [Int8] {
        var result: [Int8] = []
        for (a, b) in matrix.leading.places {
            for row in 0..<matrix.rows {
                for column in 0..<matrix.columns {
                    let sum = (0..<matrix.depth).reduce(Int64(0)) { sum, k in
                        let first = inputs[0][a + row * matrix.a.row + k * matrix.a.column]
                        let second = inputs[1][b + k * matrix.b.row + column * matrix.b.column]
                        return sum + Int64(Int32(first) - za) * Int64(Int32(second) - zb)
                    }
                    result.append(y(matrix.requantization(sum)))
                }
            }
        }
        return result
    }

    func norm(_ norm: QuantizedNorm) -> [Int8] {
        var result = inputs[0]
        for line in 0..<norm.outer * norm.inner {
            let first = line / norm.inner * norm.inner * norm.count + line % norm.inner
            let places = (0..<norm.count).map { first + $0 * norm.inner }
            let values = places.map { Int64(Int32(inputs[0][$0]) - za) }
            let scale = norm.scale(sum: values.reduce(0, +), squares: values.reduce(0) { $0 + $1 * $1 })
            for (place, value) in zip(places, values) {
                let parameter = place / norm.stride % norm.weights.count
                let f = scale(value, count: Int64(norm.count))
                result[place] = y(
                    norm.requantization(f * Int64(norm.weights[parameter]) + Int64(norm.bias[parameter])))
            }
        }
        return result
    }

    func blend(_ blend: QuantizedBlend) -> [Int8] {
        (0..<blend.starts.count - 1).map { point in
            let terms = Int(blend.starts[point])..<Int(blend.starts[point + 1])
            let sum = terms.reduce(Int64(1 << 13)) {
                $0 + Int64(blend.weights[$1]) * Int64(Int32(inputs[0][Int(blend.sources[$1])]) - za)
            }
            return y(sum >> 14)
        }
    }
}
