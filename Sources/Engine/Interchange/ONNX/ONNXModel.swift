/// What an ONNX file says, as it says it. Weights stay where they lie in the file.
package struct ONNXModel: Sendable {
    package let file: MappedFile
    package var irVersion = 0
    package var producer = ""
    /// Version of the operators by domain; "" is ONNX's own.
    package var opsets: [String: Int] = [:]
    package var metadata: [(key: String, value: String)] = []
    package var graph = ONNXGraph()
    /// Functions that the file brings along, by domain and name.
    package var functions: Set<String> = []

    package var opset: Int { opsets[""] ?? opsets["ai.onnx"] ?? 0 }
}

package struct ONNXGraph: Sendable {
    package var name = ""
    package var nodes: [ONNXNode] = []
    package var initializers: [ONNXTensor] = []
    package var sparseInitializers: [ONNXSparseTensor] = []
    package var inputs: [ONNXValue] = []
    package var outputs: [ONNXValue] = []

    package init() {}
}

package struct ONNXNode: Sendable {
    package var name = ""
    package var type = ""
    package var domain = ""
    package var inputs: [String] = []
    package var outputs: [String] = []
    package var attributes: [String: ONNXAttribute] = [:]

    package init() {}

    /// As a message names it: nodes often have no name of their own.
    package var place: String {
        let own = name.isEmpty ? outputs.first ?? "" : name
        return "node \(FileProblem.quote(own)) (\(FileProblem.shown(type)))"
    }
}

package enum ONNXAttribute: Sendable {
    case float(Float)
    case integer(Int)
    case text(String)
    case floats([Float])
    case integers([Int])
    case texts([String])
    case tensor(ONNXTensor)
    case sparse(ONNXSparseTensor)
    /// A graph of its own, as If and Loop have it: not read.
    case graph
    /// Of the function that the node stands in.
    case reference(String)
    case other
}

/// An input or output of the graph.
package struct ONNXValue: Sendable, Equatable {
    package enum Axis: Sendable, Equatable {
        case size(Int)
        case symbol(String)
        case unknown
    }
    package var name = ""
    /// Nil: no tensor, or none said.
    package var element: ONNXElement?
    /// What stands there where that is no tensor of a known kind.
    package var kind = "no type"
    /// Nil: not even the rank is said.
    package var axes: [Axis]?

    package init() {}
}

/// Values and their places in a tensor that is zero elsewhere.
package struct ONNXSparseTensor: Sendable {
    package var values: ONNXTensor
    package var indices: ONNXTensor
    package var shape: [Int]
    package var name: String { values.name }
}

/// Element types by their numbers in the file.
package enum ONNXElement: Int, Sendable, CaseIterable {
    case float = 1, uint8, int8, uint16, int16, int32, int64, string, bool, float16, double, uint32, uint64
    case complex64, complex128, bfloat16, float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, uint4, int4

    package var isFloat: Bool { [.float, .float16, .double, .bfloat16].contains(self) }

    /// Bits of an element where it lies raw; nil for text.
    package var bits: Int? {
        switch self {
        case .string: nil
        case .uint4, .int4: 4
        case .uint8, .int8, .bool, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz: 8
        case .uint16, .int16, .float16, .bfloat16: 16
        case .float, .int32, .uint32: 32
        case .int64, .uint64, .double, .complex64: 64
        case .complex128: 128
        }
    }

    /// Number of the field that holds the elements where they are not raw.
    var field: Int {
        switch self {
        case .float, .complex64: 4
        case .double, .complex128: 10
        case .int64: 7
        case .uint32, .uint64: 11
        case .string: 6
        default: 5
        }
    }
}

extension FileProblem {
    /// A word of a file as a message may show it without quotes.
    package static func shown(_ text: String) -> String { String(quote(text).dropFirst().dropLast()) }
}
