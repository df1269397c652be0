/// Points of an output that are weighted sums of a few points of the input: interpolation.
package struct WeightedMap: Sendable {
    /// Of one axis: for each number of the output the numbers of the input and their weights.
    package typealias Taps = [[(index: Int, weight: Float)]]

    private let lanes: Int
    private let outputs: [Int32]
    private let inputs: [Int32]
    /// Of output k those from `starts[k]` to `starts[k + 1]`; offsets in floats.
    private let starts: [Int32]
    private let sources: [Int32]
    private let weights: [Float]

    /// - Parameters:
    ///   - taps: for each axis; the weights of a point are their products.
    package init(taps: [Taps], input: AxisStrides, output: AxisStrides) {
        lanes = output.lanes
        outputs = output.offsets
        inputs = input.offsets
        var lists: [[(offset: Int32, weight: Float)]] = [[(0, 1)]]
        for (axis, numbers) in taps.enumerated() {
            lists = lists.flatMap { list in
                numbers.map { number in
                    list.flatMap { held in
                        number.map { (held.offset + Int32($0.index * input.strides[axis]), held.weight * $0.weight) }
                    }
                }
            }
        }
        var starts: [Int32] = [0], sources: [Int32] = [], weights: [Float] = []
        for list in lists {
            for (offset, weight) in list {
                sources.append(offset)
                weights.append(weight)
            }
            starts.append(Int32(sources.count))
        }
        (self.starts, self.sources, self.weights) = (starts, sources, weights)
    }

    /// Points of the output: what is cut into tasks.
    package var count: Int { outputs.count }

    package func forward(points: Range<Int>, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        var point = points.lowerBound
        while point < points.upperBound {
            if lanes == 1 {
                // Up to sixteen points of one image, whose sums have the terms of the others in the same order.
                let sum = SIMD2<Float>.zero
                var total = sum
                for tap in Int(starts[point])..<Int(starts[point &+ 1]) {
                    total = total.plus(SIMD2(weights[tap], 0), times: SIMD2(x[Int(sources[tap])], 0))
                }
                y[Int(outputs[point])] = total[0]
            } else {
                for lane in stride(from: 0, to: lanes, by: 16) {
                    var sum = Sixteen.zero
                    for tap in Int(starts[point])..<Int(starts[point &+ 1]) {
                        sum = sum.plus(Sixteen(repeating: weights[tap]), times: load16(x + Int(sources[tap]) + lane))
                    }
                    store16(sum, y + Int(outputs[point]) + lane)
                }
            }
            point &+= 1
        }
    }

    /// dx = what the sums have of each point, in ascending order of the points of y; or added to dx.
    package func backward(dy: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, adds: Bool) {
        if !adds {
            for offset in inputs {
                for lane in stride(from: 0, to: lanes, by: 16) { store16(.zero, dx + Int(offset) + lane) }
            }
        }
        for point in outputs.indices {
            for lane in stride(from: 0, to: lanes, by: 16) {
                let given = load16(dy + Int(outputs[point]) + lane)
                for tap in Int(starts[point])..<Int(starts[point &+ 1]) {
                    let target = dx + Int(sources[tap]) + lane
                    store16(load16(target).plus(Sixteen(repeating: weights[tap]), times: given), target)
                }
            }
        }
    }
}
