import Descriptors
import Kernels

/// An operator of the graph: how shapes follow, what it keeps, and how it is run.
package protocol Operator: Choosable {
    /// How many inputs it takes.
    static var inputCount: Int { get }
    /// - Throws: `GraphError.shape` where the inputs do not fit.
    func outputShape(_ inputs: [Shape]) throws -> Shape
    /// The weights it holds, if any. A bias for each row comes with them.
    func weightShape(_ inputs: [Shape]) -> WeightShape?
    /// Zeros that it reads around its input.
    var inputBorder: Int { get }
    /// Zeros that its backward pass reads around the gradient of its output.
    func gradientBorder(input: Shape, output: Shape) -> Int
    /// True where it keeps a scale and a shift for each channel of its output.
    var normalizes: Bool { get }
    /// True where the output is the input's memory under another shape.
    var isReshape: Bool { get }
    /// True where the output may lie in the memory of the input, and its gradient in that of the output.
    var overwrites: Bool { get }
    /// True where the gradient of the input may lie in the memory of that of the output.
    var overwritesGradient: Bool { get }
    /// True where the gradient of the input may lie in the memory of the input: its backward pass reads each value for the last
    /// time where it writes its gradient.
    var replacesInput: Bool { get }
    /// True where the gradient of the output is that of every input.
    var passesGradient: Bool { get }
    /// True where its backward pass reads its output, which then nobody may overwrite.
    var readsOutput: Bool { get }
    /// Bytes that its step remembers from the forward pass for the way back, for each float of its output.
    var rememberedBytes: Int { get }
    /// Networks that hold such an operator use panels of 16 lanes instead of 64.
    var wantsNarrowPanels: Bool { get }
    /// The points of its input that a point of its output is made of, where it has no weights and that is not the point of
    /// the same number of every input (numbered channel, y, x). It must not leave out a point that the output depends on.
    func window(_ inputs: [Shape]) -> Window?
    /// Multiply-adds for one sample with every weight present.
    func multiplyAdds(_ inputs: [Shape]) -> Int
    /// Makes what runs it, on memory that is already planned.
    func step(_ site: Site) -> any Step
    /// What it does to each value by itself where the network only answers; nil where it does anything else.
    var valueKind: ValueKind? { get }
    /// True where for one image it reads and writes runs of points without regard to where rows end: a convolution.
    var walksPlanes: Bool { get }
    /// Makes what runs it for one image. It must give the bits that `step` gives a sample.
    func planeStep(_ site: inout PlaneSite) -> any PlaneStep
    /// Of a normalisation: the slope and the shift that it is where the network only answers.
    func planeScale(_ norm: NormState) -> NormScale
    /// Cases for the tests of values and gradients; the tolerance sits with the operator.
    static var cases: [OperatorCase] { get }
}

extension Operator {
    package static var inputCount: Int { 1 }
    package func weightShape(_ inputs: [Shape]) -> WeightShape? { nil }
    package var inputBorder: Int { 0 }
    package func gradientBorder(input: Shape, output: Shape) -> Int { 0 }
    package var normalizes: Bool { false }
    package var isReshape: Bool { false }
    package var overwrites: Bool { false }
    package var overwritesGradient: Bool { overwrites }
    package var replacesInput: Bool { false }
    package var passesGradient: Bool { false }
    package var readsOutput: Bool { false }
    package var rememberedBytes: Int { 0 }
    package var wantsNarrowPanels: Bool { false }
    package func window(_ inputs: [Shape]) -> Window? { nil }
    package var valueKind: ValueKind? { nil }
    package var walksPlanes: Bool { false }
    package func planeScale(_ norm: NormState) -> NormScale { NormScale() }
    package func multiplyAdds(_ inputs: [Shape]) -> Int { weightShape(inputs)?.weights ?? 0 }
}

/// Where an operator runs: its tensors and, for a weighted one, its layer.
package struct Site {
    package let inputs: [PanelTensor]
    package let output: PanelTensor
    package let layer: WeightLayer?
    package let norm: NormLayer?
    /// Number of the node in the graph.
    package let number: Int
    package let pass: Pass
    /// For each input: whether its gradient is wanted, and whether it is added to what another reader wrote.
    package let gradients: [GradientUse]
    /// What runs in its tasks.
    package let links: Links
    package let team: Team
}

package enum GradientUse: Sendable, Equatable {
    case none, store, add
}

/// An operator on planned memory.
package protocol Step: AnyObject {
    func forward(panels: Int)
    func backward(panels: Int)
}

/// One case for the tests: arguments, input shapes, and how far a finite difference may be off, relative to the
/// largest gradient.
package struct OperatorCase: Sendable {
    package let arguments: [String: Value]
    package let inputs: [Shape]
    package let samples: Int
    package let tolerance: Double

    package init(_ arguments: [String: Value] = [:], inputs: [Shape], samples: Int = 3, tolerance: Double = 1e-3) {
        self.arguments = arguments
        self.inputs = inputs
        self.samples = samples
        self.tolerance = tolerance
    }
}

/// A value of the graph in panels: activations and, where wanted, their gradient.
package final class PanelTensor {
    package let shape: Shape
    package let layout: ImageLayout
    package let gradientLayout: ImageLayout
    package let values: FloatBuffer
    /// Or where the values lie: after the way back these are gone.
    package let gradient: FloatBuffer?

    init(shape: Shape, layout: ImageLayout, gradientLayout: ImageLayout, values: FloatBuffer, gradient: FloatBuffer?) {
        self.shape = shape
        self.layout = layout
        self.gradientLayout = gradientLayout
        self.values = values
        self.gradient = gradient
    }
}

/// Why a graph cannot be built: where, what was found, what was expected.
package enum GraphError: Error, Equatable, CustomStringConvertible {
    case shape(node: String, found: String, expected: String)
    /// What is so large, or so small, that it cannot be counted with.
    case size(node: String, found: String, expected: String)
    case unknownInput(node: String, input: String, known: [String])
    case inputCount(node: String, found: Int, expected: Int)
    case duplicateName(String)
    case unused(node: String)
    case empty
    case noWeights
    case unknownNetwork(String, known: [String])

    package var description: String {
        switch self {
        case .size(let node, let found, let expected): "node '\(node)': it has \(found), expected \(expected)"
        case .shape(let node, let found, let expected): "node '\(node)': its input is \(found), expected \(expected)"
        case .unknownInput(let node, let input, let known):
            "node '\(node)': no node '\(input)' before it; known: \(known.prefix(40).joined(separator: ", "))"
                + (known.count > 40 ? " and \(known.count - 40) more" : "")
        case .inputCount(let node, let found, let expected):
            "node '\(node)': \(found) inputs given, expected \(expected)"
        case .duplicateName(let name): "two nodes are named '\(name)'"
        case .unused(let node): "the output of node '\(node)' goes nowhere; only the last node's may"
        case .noWeights: "the network has no weights: it needs a linear or a convolution node"
        case .empty: "a network needs at least one node"
        case .unknownNetwork(let name, let known):
            "no network '\(name)'; known: \(known.joined(separator: ", ")), or a list of nodes"
        }
    }
}
