/// Where the points of an output come from: for each, in row-major order of its axes, a point of an input or nothing.
package struct PointMap: Sendable, Equatable {
    /// Axes of the output.
    package let axes: [Int]
    /// By point of the output: points of all inputs counted through, one input after the other; −1: the constant.
    package let sources: [Int32]

    package init(axes: [Int], sources: [Int32]) {
        precondition(sources.count == axes.reduce(1, *), "one source for each point")
        self.axes = axes
        self.sources = sources
    }

    /// Of one input that is read axis by axis.
    /// - Parameters:
    ///   - input: axes of the input.
    ///   - from: for each axis of the output the one of the input that it follows.
    ///   - indices: for each axis of the output where its numbers read that one; −1: the constant.
    package init(input: [Int], from axes: [Int], indices: [[Int]]) {
        let strides = AxisStrides(axes: input, lanes: 1).strides
        // Axes of the input that none follows have size 1.
        var sources: [Int32] = [0]
        for (axis, numbers) in zip(axes, indices) {
            var next: [Int32] = []
            next.reserveCapacity(sources.count * numbers.count)
            for source in sources {
                for number in numbers {
                    next.append(source < 0 || number < 0 ? -1 : source + Int32(number * strides[axis]))
                }
            }
            sources = next
        }
        self.init(axes: indices.map(\.count), sources: sources)
    }
}

/// A map on memory: runs of points that lie evenly apart in the output and in one input.
package struct MoveRuns: Sendable {
    struct Run {
        /// Floats from the first point of each tensor.
        var output: Int32
        var input: Int32
        var count: Int32
        /// Which input; −1: the constant.
        var number: Int32
        /// Floats from one point to the next.
        var outputStep: Int32
        var inputStep: Int32
    }
    let runs: [Run]
    let lanes: Int
    /// Whether each point of each input is read exactly once.
    package let isBijective: Bool
    private let inputOffsets: [[Int32]]
    /// Of the output.
    package let points: Int
    package var inputs: Int { inputOffsets.count }

    package init(_ map: PointMap, inputs: [AxisStrides], output: AxisStrides) {
        lanes = output.lanes
        inputOffsets = inputs.map(\.offsets)
        points = map.sources.count
        var places: [(number: Int32, offset: Int32)] = []
        for (number, offsets) in inputOffsets.enumerated() {
            for offset in offsets { places.append((Int32(number), offset)) }
        }
        var isRead = [Bool](repeating: false, count: places.count)
        var readTwice = false
        var runs: [Run] = []
        for (source, to) in zip(map.sources, output.offsets) {
            let (number, from) = source < 0 ? (-1, 0) : places[Int(source)]
            if source >= 0 {
                readTwice = readTwice || isRead[Int(source)]
                isRead[Int(source)] = true
            }
            if var last = runs.last, last.number == number {
                if last.count == 1 {
                    last.outputStep = to - last.output
                    last.inputStep = from - last.input
                }
                if to == last.output + last.count * last.outputStep, from == last.input + last.count * last.inputStep {
                    last.count += 1
                    runs[runs.count - 1] = last
                    continue
                }
                // A pair that does not go on: its second point begins the next run.
                if last.count == 2 {
                    runs[runs.count - 1].count = 1
                    let second = Run(
                        output: last.output + last.outputStep, input: last.input + last.inputStep, count: 2,
                        number: number, outputStep: to - last.output - last.outputStep,
                        inputStep: from - last.input - last.inputStep)
                    runs.append(second)
                    continue
                }
            }
            runs.append(
                Run(
                    output: to, input: from, count: 1, number: number, outputStep: Int32(output.lanes),
                    inputStep: Int32(output.lanes)))
        }
        self.runs = runs
        isBijective = !readTwice && !isRead.contains(false)
    }

    /// How many runs there are: what is cut into tasks.
    package var count: Int { runs.count }

    /// Writes the points of some runs.
    package func forward(
        runs range: Range<Int>, inputs: UnsafePointer<UnsafeMutablePointer<Float>>, to y: UnsafeMutablePointer<Float>,
        constant: Float
    ) {
        for run in runs[range] {
            let target = y + Int(run.output), step = Int(run.outputStep)
            if run.number < 0 {
                for point in 0..<Int(run.count) {
                    for lane in 0..<lanes { target[point &* step &+ lane] = constant }
                }
                continue
            }
            copyPoints(
                inputs[Int(run.number)] + Int(run.input), step: Int(run.inputStep), to: target, step: step,
                count: Int(run.count), lanes: lanes)
        }
    }

    /// dx = what its readers have of dy, added up in ascending order of the points of y; or added to dx.
    /// - Parameter gradient: of input `number`.
    package func backward(
        dy: UnsafePointer<Float>, input number: Int, to gradient: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        if !adds, !isBijective {
            for offset in inputOffsets[number] {
                for lane in stride(from: 0, to: lanes, by: 16) { store16(.zero, gradient + Int(offset) + lane) }
            }
        }
        for run in runs where run.number == number {
            let from = dy + Int(run.output), to = gradient + Int(run.input)
            let count = Int(run.count), step = Int(run.outputStep), inputStep = Int(run.inputStep)
            if !adds, isBijective {
                copyPoints(from, step: step, to: to, step: inputStep, count: count, lanes: lanes)
            } else {
                addPoints(from, step: step, to: to, step: inputStep, count: count, lanes: lanes)
            }
        }
    }
}

@inline(__always)
private func copyPoints(
    _ x: UnsafePointer<Float>, step from: Int, to y: UnsafeMutablePointer<Float>, step to: Int, count: Int, lanes: Int
) {
    if from == lanes, to == lanes {
        let floats = count &* lanes
        var index = 0
        while index &+ 16 <= floats {
            store16(load16(x + index), y + index)
            index &+= 16
        }
        while index < floats {
            y[index] = x[index]
            index &+= 1
        }
        return
    }
    if lanes == 1 {
        for point in 0..<count { y[point &* to] = x[point &* from] }
        return
    }
    for point in 0..<count {
        for lane in stride(from: 0, to: lanes, by: 16) {
            store16(load16(x + (point &* from &+ lane)), y + (point &* to &+ lane))
        }
    }
}

@inline(__always)
private func addPoints(
    _ x: UnsafePointer<Float>, step from: Int, to y: UnsafeMutablePointer<Float>, step to: Int, count: Int, lanes: Int
) {
    for lane in stride(from: 0, to: lanes, by: 16) {
        if to == 0 {
            // All of them are added to one point.
            var sum = load16(y + lane)
            for point in 0..<count { sum += load16(x + (point &* from &+ lane)) }
            store16(sum, y + lane)
            continue
        }
        for point in 0..<count {
            let target = y + (point &* to &+ lane)
            store16(load16(target) + load16(x + (point &* from &+ lane)), target)
        }
    }
}
