import Descriptors
import Kernels

/// Axes of another length: each point of the output lies somewhere between points of the input. As ONNX defines it.
package struct Resize: StridedOperator {
    package enum Mode: String, CaseIterable, Sendable { case nearest, linear, cubic }
    package enum Coordinates: String, CaseIterable, Sendable {
        case halfPixel = "half-pixel"
        case pytorchHalfPixel = "pytorch-half-pixel"
        case halfPixelSymmetric = "half-pixel-symmetric"
        case alignCorners = "align-corners"
        case asymmetric
    }
    package enum Nearest: String, CaseIterable, Sendable {
        case roundPreferFloor = "round-prefer-floor"
        case roundPreferCeil = "round-prefer-ceil"
        case floor, ceil
    }

    package static let descriptor = Descriptor(
        name: "resize", summary: "axes of another length: the nearest point, or between points",
        parameters: [
            Parameter(
                "sizes", "of the output's axes; none: by the scales", .integers(1...1 << 30, count: 0...8),
                default: .integers([])),
            Parameter(
                "scales", "of each axis; none: by the sizes", .numbers(1e-6...1e6, count: 0...8), default: .numbers([])),
            Parameter(
                "mode", "how a point is made", .choice(Mode.allCases.map(\.rawValue)), default: .text("nearest")),
            Parameter(
                "coordinates", "where a point lies in the input", .choice(Coordinates.allCases.map(\.rawValue)),
                default: .text("half-pixel")),
            Parameter(
                "nearest", "of two points the one that is taken", .choice(Nearest.allCases.map(\.rawValue)),
                default: .text("round-prefer-floor")),
            Parameter("cubic-a", "of the cubic kernel", .number(-4...4), default: .number(-0.75)),
            Parameter(
                "exclude-outside", "cubic: points outside weigh nothing", .boolean, default: .boolean(false)),
        ])
    package static let cases = [
        OperatorCase(["sizes": .integers([7])], inputs: [Shape([4])], samples: 17),
        OperatorCase(
            ["scales": .numbers([1, 2, 3]), "coordinates": .text("asymmetric"), "nearest": .text("floor")],
            inputs: [Shape([2, 3, 2])]),
        OperatorCase(["sizes": .integers([2, 5, 3]), "mode": .text("linear")], inputs: [Shape([2, 3, 4])]),
        OperatorCase(
            ["sizes": .integers([2, 5]), "mode": .text("linear"), "coordinates": .text("align-corners")],
            inputs: [Shape([2, 3])]),
        OperatorCase(["sizes": .integers([1, 9]), "mode": .text("cubic")], inputs: [Shape([1, 5])]),
    ]

    package let sizes: [Int]
    package let scales: [Double]
    package let mode: Mode
    package let coordinates: Coordinates
    package let nearest: Nearest
    package let cubic: Double
    package let excludesOutside: Bool

    package init(_ arguments: Arguments) throws {
        sizes = arguments.integers("sizes")
        scales = arguments.numbers("scales")
        mode = Mode(rawValue: arguments.text("mode"))!
        coordinates = Coordinates(rawValue: arguments.text("coordinates"))!
        nearest = Nearest(rawValue: arguments.text("nearest"))!
        cubic = arguments.number("cubic-a")
        excludesOutside = arguments.boolean("exclude-outside")
        guard !sizes.isEmpty || !scales.isEmpty, sizes.isEmpty || scales.isEmpty || sizes.count == scales.count else {
            throw ArgumentError.outOfRange(
                name: "sizes", of: "resize", value: "\(sizes)", accepted: "sizes or scales of all axes")
        }
    }

    package var arguments: [String: Value] {
        [
            "sizes": .integers(sizes), "scales": .numbers(scales), "mode": .text(mode.rawValue),
            "coordinates": .text(coordinates.rawValue), "nearest": .text(nearest.rawValue), "cubic-a": .number(cubic),
            "exclude-outside": .boolean(excludesOutside),
        ]
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let input = inputs[0], given = max(sizes.count, scales.count)
        guard given == input.rank else {
            throw GraphError.shape(node: "", found: "\(input)", expected: "\(given) axes")
        }
        if !sizes.isEmpty { return Shape(sizes) }
        let scaled = input.axes.indices.map { Int((Double(input[$0]) * scales[$0]).rounded(.down)) }
        guard scaled.allSatisfy({ $0 > 0 }) else {
            throw GraphError.shape(node: "", found: "\(input)", expected: "a point and more to be left of each axis")
        }
        return Shape(scaled)
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    /// An axis that keeps its length is read number by number.
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        guard let output = try? outputShape(inputs) else { return rule }
        for axis in 0..<output.rank where isSame(axis, inputs[0][axis], output[axis]) {
            rule.link(.input(0, axis: axis), .output(axis: axis))
        }
        return rule
    }
    private func isSame(_ axis: Int, _ input: Int, _ output: Int) -> Bool {
        input == output && (scales.isEmpty || scales[axis] == 1)
    }
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        guard !sizes.isEmpty else { return self }
        return try? Operators.make(
            Self.descriptor.name, arguments.merging(["sizes": .integers(change.newOutput.axes)]) { $1 })
    }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        let (input, output) = (places.inputs[0], places.output)
        let taps = taps(input: input.axes, output: output.axes)
        guard mode == .nearest else {
            return ResizeKernel(
                forward: WeightedMap(taps: taps, input: input, output: output),
                back: WeightedMap(taps: taps, input: places.inputGradients[0], output: places.outputGradient))
        }
        let map = PointMap(
            input: input.axes, from: Array(input.axes.indices), indices: taps.map { $0.map { $0[0].index } })
        return MoveKernel(
            forward: MoveRuns(map, inputs: places.inputs, output: output),
            back: MoveRuns(map, inputs: places.inputGradients, output: places.outputGradient), filling: 0)
    }

    /// Of each axis: for each number of the output the numbers of the input and their weights.
    package func taps(input: [Int], output: [Int]) -> [WeightedMap.Taps] {
        input.indices.map { axis in
            let scale = scales.isEmpty ? Double(output[axis]) / Double(input[axis]) : scales[axis]
            return (0..<output[axis]).map { taps($0, of: output[axis], scale: scale, input: input[axis]) }
        }
    }

    /// Points of one axis that a point of the output is made of, and their weights.
    private func taps(_ index: Int, of count: Int, scale: Double, input: Int) -> [(index: Int, weight: Float)] {
        // A length that stays is not resized, wherever its points would lie.
        if count == input, scale == 1 { return [(index, 1)] }
        let place = place(Double(index), of: count, scale: scale, input: input)
        func held(_ index: Double) -> Int { min(max(Int(index), 0), input - 1) }
        switch mode {
        case .nearest:
            let rounded =
                switch nearest {
                case .roundPreferFloor: (place - 0.5).rounded(.up)
                case .roundPreferCeil: (place + 0.5).rounded(.down)
                case .floor: place.rounded(.down)
                case .ceil: place.rounded(.up)
                }
            return [(held(rounded), 1)]
        case .linear:
            let first = place.rounded(.down), share = place - first
            let (low, high) = (held(first), held(first + 1))
            if low == high || share == 0 { return [(low, 1)] }
            return [(low, Float(1 - share)), (high, Float(share))]
        case .cubic: return cubicTaps(place, input: input)
        }
    }

    private func place(_ index: Double, of count: Int, scale: Double, input: Int) -> Double {
        switch coordinates {
        case .halfPixel: (index + 0.5) / scale - 0.5
        case .pytorchHalfPixel: count > 1 ? (index + 0.5) / scale - 0.5 : 0
        case .halfPixelSymmetric:
            Double(input) / 2 * (1 - Double(count) / (scale * Double(input))) + (index + 0.5) / scale - 0.5
        // The corners are those of the length before it was rounded down.
        case .alignCorners: count == 1 ? 0 : index * Double(input - 1) / (Double(input) * scale - 1)
        case .asymmetric: index / scale
        }
    }

    /// Reference: Keys 1981, "Cubic convolution interpolation for digital image processing".
    private func cubicTaps(_ place: Double, input: Int) -> [(index: Int, weight: Float)] {
        let first = place.rounded(.down), a = cubic
        var taps: [(index: Int, weight: Double)] = []
        for step in -1...2 {
            let distance = abs(place - first - Double(step))
            let weight =
                distance <= 1
                ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
                : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
            let index = Int(first) + step
            let isOutside = !(0..<input).contains(index)
            if isOutside, excludesOutside { continue }
            taps.append((min(max(index, 0), input - 1), weight))
        }
        let total = excludesOutside ? taps.reduce(0) { $0 + $1.weight } : 1
        return taps.map { ($0.index, Float($0.weight / total)) }
    }
}

private struct ResizeKernel: StridedKernel {
    let forward: WeightedMap
    let back: WeightedMap

    var tasks: Int { max(1, forward.count / 1024) }
    var gradientTasks: Int { 1 }

    func forward(_ panel: StridedPanel, task: Int) {
        forward.forward(
            points: Parts(blocks: forward.count, count: tasks)[task], panel.inputs[0], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let target = panel.inputGradients?[0] else { return }
        back.backward(dy: dy, to: target, adds: panel.adds![0])
    }
}
