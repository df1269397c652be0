import Kernels

/// What a C file computes: tensors of one type, and nodes that each write one. Made of a graph in float32 or of a network of 8-bit
/// integers; whoever writes C looks at nothing else.
struct DeviceProgram {
    /// 0 is the input.
    var tensors: [DeviceTensor] = []
    var nodes: [DeviceNode] = []
    /// 8-bit integers, else float32.
    let isQuantized: Bool
    /// Of the input and the output, where they are integers.
    var inputStep = QuantizedTensor(name: "input", axes: [], scale: 1, zero: 0)
    var outputStep = QuantizedTensor(name: "output", axes: [], scale: 1, zero: 0)

    var bytesOfValue: Int { isQuantized ? 1 : 4 }
    var output: Int { nodes[nodes.count - 1].output }
    /// Of integers: so are the sums of all layers.
    var isNarrow: Bool {
        nodes.allSatisfy { node in
            guard case .sums(let sums) = node.rule else { return true }
            return sums.isNarrow(zero: tensors[node.output].zero)
        }
    }
}

struct DeviceTensor {
    var name: String
    /// Row-major.
    var axes: [Int]
    var constant: DeviceNumbers?
    /// What stands for the number 0.
    var zero: Int32 = 0

    var count: Int { axes.reduce(1, *) }
    var isConstant: Bool { constant != nil }
}

enum DeviceNumbers {
    case floats([Float])
    case bytes([Int8])
}

enum BlendWeights {
    case floats([Float])
    /// In 2⁻¹⁴.
    case steps([Int32])
}

struct DeviceNode {
    /// The graph's node and its operator.
    var name: String
    var kind: String
    var inputs: [Int]
    var output: Int
    var rule: DeviceRule
    /// Where values are moved to, in float32 and in 8 bits.
    var limits = Limits.none
    var low: Int32 = -128
    var high: Int32 = 127
}

enum DeviceRule {
    case sums(DeviceSums)
    /// The same C expression of each `x`.
    case values(String)
    /// A slope and a shift for each channel, of the first axis.
    case scale(slopes: [Float], shifts: [Float])
    /// x, left of 0 times a slope; slopes lie as these strides of the tensor's axes say.
    case slopes([Float], strides: [Int])
    case table([Int8])
    /// A C expression of `a` and `b`, of the output's type.
    case pair(QuantizedPairs, String)
    /// Axes, and strides of condition, first and second.
    case choice(axes: [Int], strides: [[Int]])
    case largest(QuantizedWindow)
    case mean(QuantizedMean)
    case move(sources: [Int32], filling: Float)
    case reshape
    case softmax(DeviceColumns, isLogarithm: Bool)
    case integerSoftmax(QuantizedSoftmax)
    case integerNorm(QuantizedNorm)
    case integerMatrix(QuantizedMatrix)
    case integerLookup(QuantizedLookup)
    case reduce(Reduction, DeviceColumns)
    case extreme(DeviceColumns, isLargest: Bool, takesLast: Bool)
    case norm(DeviceNorm)
    /// Leading axes with strides of a, b and c, then rows, inner and columns.
    case product(DeviceProduct)
    /// Rows of a table by number.
    case lookup([Float], rows: Int, features: Int)
    /// Weighted sums of a few values: of output k those from `starts[k]` on.
    case blend(starts: [Int32], sources: [Int32], weights: BlendWeights)

    /// What a pool goes over.
    var window: QuantizedWindow? {
        switch self {
        case .largest(let window): window
        case .mean(let mean): mean.area
        default: nil
        }
    }
}

/// Lines along axes: outer loops with the stride of x and of y, and inner loops with the stride of x.
struct DeviceColumns {
    var outer: [(count: Int, x: Int, y: Int)]
    var inner: [(count: Int, x: Int, y: Int)]
    var length: Int { inner.reduce(1) { $0 * $1.count } }
}

struct DeviceNorm {
    var columns: DeviceColumns
    var epsilon: Float
    var centers: Bool
    var scale: [Float]?
    var shift: [Float]?
    /// Of the parameters, by loop of `columns.outer` and of `columns.inner`.
    var outerStrides: [Int]
    var innerStrides: [Int]
}

struct DeviceProduct {
    var leading: [(count: Int, a: Int, b: Int, c: Int)]
    var rows: (count: Int, a: Int, c: Int)
    var columns: (count: Int, b: Int, c: Int)
    var inner: (count: Int, a: Int, b: Int)
}

/// A layer with weights: as `QuantizedSums`, in either type.
struct DeviceSums {
    var rows: Int
    var channels: Int
    var groups: Int
    var window: KernelWindow
    var height: Int
    var width: Int
    var outputHeight: Int
    var outputWidth: Int
    /// Ascending; nil: all.
    var indices: [Int]?
    var values: DeviceNumbers
    var floatBias: [Float] = []
    /// What stands for 0 in the input is taken into account.
    var bias: [Int32] = []
    var requantizations: [Requantization] = []

    var columns: Int { channels / groups * window.taps }
    var weights: Int { rows * columns }
    var count: Int { indices?.count ?? weights }
    var points: Int { outputHeight * outputWidth }
    /// Its inputs are values one after the other, and each weight is used once.
    var isOnePoint: Bool { points == 1 && window.taps == 1 && height * width == 1 && groups == 1 }

    /// Whether any sum is a number of 16 bits in steps of the output, before it is moved to limits, and takes the upper half of its
    /// product alone.
    func isNarrow(zero: Int32) -> Bool {
        guard case .bytes(let values) = values else { return false }
        var sizes = bias.map { abs(Int64($0)) }
        for (number, value) in values.enumerated() {
            sizes[(indices?[number] ?? number) / columns] += 128 * abs(Int64(value))
        }
        for (size, scale) in zip(sizes, requantizations) {
            let steps: Int64 = scale(min(size, 1 << 31)) + 1 + abs(Int64(zero))
            if scale.shift < 32 || steps >= 1 << 15 { return false }
        }
        return true
    }
}

/// Why a network cannot be written as C: all nodes that C does not know.
package struct C99Problem: Error, CustomStringConvertible, Equatable {
    package let nodes: [String]
    package let reason: String
    package var description: String { reason + (nodes.isEmpty ? "" : ": " + nodes.joined(separator: ", ")) }
}
