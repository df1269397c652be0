import Descriptors
import Kernels

/// An operator of the graph: how shapes follow, what it keeps, and how it is run. It knows nothing of the nodes around it.
package protocol Operator: Choosable {
    /// How many inputs it takes. 0 is a constant, which must not read the batch.
    static var inputCount: ClosedRange<Int> { get }
    /// What it was made from: `init` with these must make an equal operator. The graph is written to files by it.
    var arguments: [String: Value] { get }
    /// - Throws: `GraphError.shape` where the inputs do not fit.
    func outputShape(_ inputs: [Shape]) throws -> Shape
    /// The weights it holds, if any. A bias for each row comes with them. Must not be given by operators without an input.
    func weightShape(_ inputs: [Shape]) -> WeightShape?
    /// The axes of its weights in files, row-major in the order of the weights.
    func weightAxes(_ inputs: [Shape]) -> [Int]
    /// The same with another number of rows of weights, as a new last layer has; nil where it has no such number.
    func withRows(_ rows: Int) -> (any Operator)?
    /// The arrays that it trains whole or remembers, which are never cut. Their number and names must follow from the operator and
    /// the inputs alone.
    func parameters(_ inputs: [Shape]) -> [ParameterShape]
    var traits: OperatorTraits { get }
    /// Zeros that it reads around its input.
    var inputBorder: Int { get }
    /// Zeros that its backward pass reads around the gradient of its output.
    func gradientBorder(input: Shape, output: Shape) -> Int
    /// Bytes that its step remembers from the forward pass for the way back, for each float of its output.
    var rememberedBytes: Int { get }
    /// Which points of its inputs a point of its output is made of, where it has no weights. It must not leave out a point that
    /// the output depends on; it may name more.
    func reach(_ inputs: [Shape]) -> PointReach
    /// How numbers along its axes belong together, apart from those of its weights. It must link all that a number of the output is
    /// made of, and name no axis of which a number cannot go.
    func axisRule(_ inputs: [Shape]) -> AxisRule
    /// The same on what is kept of its axes, where nothing goes without what it is linked to; nil where there is none. Must be told
    /// by operators whose arguments count along an axis.
    func narrowed(_ change: AxisChange) -> (any Operator)?
    /// Multiply-adds for one sample with every weight present.
    func multiplyAdds(_ inputs: [Shape]) -> Int
    /// Makes what runs it, on memory that is already planned.
    func step(_ site: Site) -> any Step
    /// What it does to each value by itself where the network only answers; nil where it does anything else.
    var valueKind: ValueKind? { get }
    /// Makes what runs it for one image. It must give the bits that `step` gives a sample.
    func planeStep(_ site: inout PlaneSite) -> any PlaneStep
    /// Of a normalisation by channels: the slope and the shift that it is where the network only answers, from its parameters.
    func planeScale(_ parameters: [ParameterState]) -> NormScale?
    /// What runs it in double precision, where it has no weights; nil where nobody has written that down.
    func exactStep(_ inputs: [Shape]) -> (any ExactStep)?
    /// Cases for the tests of values and gradients; the tolerance sits with the operator.
    static var cases: [OperatorCase] { get }
    /// Whether it only makes an answer of outputs, which a loss does for itself: a softmax, the place of the largest.
    static var isAnswer: Bool { get }
}

extension Operator {
    package static var inputCount: ClosedRange<Int> { 1...1 }
    package static var isAnswer: Bool { false }
    package var arguments: [String: Value] { [:] }
    package func weightShape(_ inputs: [Shape]) -> WeightShape? { nil }
    package func weightAxes(_ inputs: [Shape]) -> [Int] {
        weightShape(inputs).map { [$0.rows, $0.columns] } ?? []
    }
    package func withRows(_ rows: Int) -> (any Operator)? { nil }
    package func parameters(_ inputs: [Shape]) -> [ParameterShape] { [] }
    package var traits: OperatorTraits { [] }
    package var inputBorder: Int { 0 }
    package func gradientBorder(input: Shape, output: Shape) -> Int { 0 }
    package var rememberedBytes: Int { 0 }
    package func reach(_ inputs: [Shape]) -> PointReach { .samePoint }
    package func axisRule(_ inputs: [Shape]) -> AxisRule { standardAxisRule(inputs) }
    package func narrowed(_ change: AxisChange) -> (any Operator)? { self }
    package var valueKind: ValueKind? { nil }
    package func planeScale(_ parameters: [ParameterState]) -> NormScale? { nil }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        traits.contains(.reshapes) ? ExactCopy() : nil
    }
    package func multiplyAdds(_ inputs: [Shape]) -> Int { weightShape(inputs)?.weights ?? 0 }
}

extension Operator {
    /// What follows from what it says of points. An operator with arrays of its own says more, or keeps its axes.
    fileprivate func standardAxisRule(_ inputs: [Shape]) -> AxisRule {
        guard weightShape(inputs) == nil, parameters(inputs).isEmpty, let output = try? outputShape(inputs) else {
            return AxisRule()
        }
        if traits.contains(.reshapes) { return .reshaping(inputs[0], to: output) }
        switch reach(inputs) {
        case .samePoint: return .pointwise(inputs, output: output)
        case .window: return .byChannel()
        case .points, .everything: return AxisRule()
        }
    }
}

/// The points of the inputs that a point of an output is made of.
package enum PointReach: Sendable, Equatable {
    /// The point of the same number of every input; of all of an input that has another number of points.
    case samePoint
    /// A window of the one input (points are numbered channel, y, x).
    case window(Window)
    /// The points that a map names, of all inputs counted through.
    case points(PointMap)
    /// Any point of any input.
    case everything
}

/// One case for the tests: arguments, input shapes, and how far a finite difference may be off, relative to the
/// largest gradient.
package struct OperatorCase: Sendable {
    package let arguments: [String: Value]
    package let inputs: [Shape]
    package let samples: Int
    package let tolerance: Double
    /// Where input values are drawn from; nil: distinct odd multiples of 1/32, so that no kink at a multiple of 1/16 lies within a
    /// finite difference.
    package let values: ClosedRange<Float>?

    package init(
        _ arguments: [String: Value] = [:], inputs: [Shape], samples: Int = 3, tolerance: Double = 1e-3,
        values: ClosedRange<Float>? = nil
    ) {
        self.arguments = arguments
        self.inputs = inputs
        self.samples = samples
        self.tolerance = tolerance
        self.values = values
    }
}
