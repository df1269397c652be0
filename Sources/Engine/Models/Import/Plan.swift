import Descriptors

/// What an import makes of a file before it is a graph: operators of ours by name, on the axes of one sample.
struct Plan {
    struct Value {
        /// Of one sample.
        var shape: [Int]
        var isConstant: Bool { constant != nil }
        var constant: Constant?
    }

    struct Node {
        /// Unique; what the graph calls it.
        var name: String
        /// One of `Operators`.
        var op: String
        var arguments: [String: Descriptors.Value] = [:]
        /// Numbers of values.
        var inputs: [Int]
        var output: Int
        /// Rows × columns as the operator has them, and the bias of its rows.
        var weight: Constant?
        var bias: Constant?
        /// Whether the file adds that bias in a node of its own, and computes it: it has no tensor for a trained one.
        var addsComputedBias = false
        /// Arrays that the operator trains whole or remembers, by its own names.
        var parameters: [String: Constant] = [:]
        /// The file's node that it came from, for messages.
        var place: String
    }

    /// An input of the file, which is a slice of the graph's one input where there are several.
    struct Input {
        var name: String
        var shape: FileShape
        var element: ONNXValueKind
        var value: Int
    }

    var values: [Value] = []
    var nodes: [Node] = []
    var inputs: [Input] = []
    var outputs: [(name: String, value: Int, shape: FileShape)] = []

    mutating func add(_ shape: [Int], _ constant: Constant? = nil) -> Int {
        values.append(Value(shape: shape, constant: constant))
        return values.count - 1
    }
}

/// What the elements of a value are.
package enum ONNXValueKind: String, Sendable, Equatable {
    case numbers, wholes = "whole numbers", truths = "truth values"
    /// Numbers that whole numbers of the file stand for.
    case quantized = "quantised numbers"
}

/// Floats that the file holds, or that follow from it without any input.
final class Constant {
    /// Of one sample: axes of the batch are left out, for it is the same for every sample.
    let block: Block<Float>
    /// Where they come from, as long as each is one element of the file as it is.
    let origin: Origin?
    /// The same for a constant and for what a node of the file calls by its name.
    let mark: Mark

    final class Mark: Sendable {}

    init(_ block: Block<Float>, origin: Origin? = nil, mark: Mark = Mark()) {
        self.block = block
        self.origin = origin
        self.mark = mark
    }

    /// As an input of a node, which it is read by.
    func read(by node: Int, input: Int) -> Constant {
        guard var origin else { return self }
        origin.reader = Origin.Reader(node: node, input: input, steps: origin.steps.count, shape: shape)
        return Constant(block, origin: origin, mark: mark)
    }

    var shape: [Int] { block.shape }
    var values: [Float] { block.values }
    /// The number, where every element is the same.
    var uniform: Float? {
        guard let first = values.first, values.allSatisfy({ $0 == first || $0.isNaN && first.isNaN }) else {
            return nil
        }
        return first
    }
}

/// Elements of the file that a constant is made of: an initializer, or the tensor of a node of kind Constant, moved.
struct Origin: Sendable {
    enum Step: Equatable, Sendable {
        case reshape([Int])
        case transpose([Int])
        case slice([AxisSlice])
    }
    var name: String
    var shape: [Int]
    /// Every element is multiplied by it, as Gemm's alpha says.
    var scale: Float = 1
    var steps: [Step] = []
    /// The node that read it last, and what it was there.
    var reader: Reader?

    struct Reader: Sendable, Equatable {
        var node: Int
        var input: Int
        /// Of `steps` those that were done before.
        var steps: Int
        var shape: [Int]
    }

    /// Whether it is an initializer, which is trained; a Constant node's value is not.
    var isTrained: Bool

    func then(_ step: Step) -> Origin {
        var copy = self
        copy.steps.append(step)
        return copy
    }

    /// Whether each step fits what the one before it made, and the reader's shape what was there: what a file says is asked for.
    var isWhole: Bool {
        guard shape.allSatisfy({ $0 >= 0 }), checkedProduct(shape) != nil else { return false }
        var now = shape
        for (number, step) in steps.enumerated() {
            if let reader, reader.steps == number, reader.shape != now { return false }
            switch step {
            case .reshape(let shape):
                guard shape.allSatisfy({ $0 >= 0 }), checkedProduct(shape) == checkedProduct(now) else { return false }
                now = shape
            case .transpose(let order):
                guard order.sorted() == Array(now.indices) else { return false }
                now = order.map { now[$0] }
            case .slice(let slices):
                guard slices.count == now.count,
                    zip(slices, now).allSatisfy({ slice, size in
                        let (span, over) = slice.step.multipliedReportingOverflow(by: max(0, slice.count - 1))
                        let (last, beyond) = slice.start.addingReportingOverflow(span)
                        return !over && !beyond && slice.count >= 0
                            && (slice.count == 0 || (0..<size).contains(slice.start) && (0..<size).contains(last))
                    })
                else { return false }
                now = slices.map(\.count)
            }
        }
        guard let reader else { return true }
        return reader.steps < steps.count || reader.steps == steps.count && reader.shape == now
    }

    /// Of each element of the constant: its place in the file's tensor.
    var places: [Int] { Self.places(shape, steps[...]) }
    /// Of each element of the constant: its place in what its reader has as input.
    var placesInReader: [Int]? { reader.map { Self.places($0.shape, steps[$0.steps...]) } }

    private static func places(_ shape: [Int], _ steps: ArraySlice<Step>) -> [Int] {
        steps.reduce(Block(shape, Array(0..<shape.reduce(1, *)))) { block, step in
            switch step {
            case .reshape(let shape): block.reshaped(shape)
            case .transpose(let order): block.transposed(order)
            case .slice(let slices): block.sliced(slices)
            }
        }.values
    }
}

extension Constant {
    /// Whether it is the same elements of the same tensor of the file.
    func isSame(_ other: Constant) -> Bool {
        if self === other { return true }
        guard let origin, let own = other.origin else { return false }
        return origin.name == own.name && origin.scale == own.scale && origin.steps == own.steps && shape == other.shape
    }

    func reshaped(_ shape: [Int]) -> Constant {
        shape == self.shape ? self : Constant(block.reshaped(shape), origin: origin?.then(.reshape(shape)))
    }
    func transposed(_ order: [Int]) -> Constant {
        order == Array(order.indices)
            ? self : Constant(block.transposed(order), origin: origin?.then(.transpose(order)))
    }
    func sliced(_ slices: [AxisSlice]) -> Constant {
        Constant(block.sliced(slices), origin: origin?.then(.slice(slices)))
    }
    func scaled(_ factor: Float) -> Constant {
        if factor == 1 { return self }
        var origin = origin
        origin?.scale *= factor
        return Constant(Block(shape, values.map { $0 * factor }), origin: factor == 0 ? nil : origin)
    }
}
