/// The weights of a sparse linear layer for a batch of one, where panels would be 15 or 63 parts air.
///
/// By row (`SixteenRows`), or where most inputs are zero, as after a ReLU, by column (`ColumnSlices`), which skips their
/// weights: a weight takes about twice as long there, so that it pays below two live inputs in five.
///
/// Each output is one chain of fused multiply-adds, inputs ascending, as in the panel kernels. Products of zero are left
/// out or added, so the bits are equal on finite data (of a sum of zeros, the sign may differ).
///
/// The bound: 6 bytes a weight (4 with half precision) from memory, and the load of an input for each.
package final class SingleSample: Sendable {
    private let weights: any SingleKernel
    private let columns: Int

    package var bytes: Int { weights.bytes }
    package var tasks: Int { weights.tasks }

    /// Their numbers are two bytes.
    package static let mostColumns = 65_536

    /// - Precondition: no more than `mostColumns`.
    /// - Parameters:
    ///   - indices: ascending row-major positions of the weights.
    ///   - values: of the weights, in the same order.
    ///   - isHalf: rounds the values to half precision (11 bits; 65,520 and above become infinite).
    ///   - liveInputs: the share of inputs that are not zero, as far as is known.
    /// - Complexity: O(nnz + rows log rows + columns).
    package init(
        rows: Int, columns: Int, indices: [Int], values: [Float], isHalf: Bool = false, liveInputs: Double = 1
    ) {
        precondition(columns <= SingleSample.mostColumns)
        self.columns = columns
        if liveInputs < 0.4 {
            weights = ColumnSlices(rows: rows, columns: columns, indices: indices, values: values, isHalf: isHalf)
        } else {
            weights = SixteenRows(rows: rows, columns: columns, indices: indices, values: values, isHalf: isHalf)
        }
    }

    /// y = bias + W x for the rows of one task; x and y are one lane of a panel, `step` floats apart.
    package func forward(
        task: Int, bias: UnsafePointer<Float>, input: UnsafePointer<Float>, inputStep: Int,
        output: UnsafeMutablePointer<Float>, outputStep: Int
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, columns)) { x in
            for column in 0..<columns { x[column] = input[column &* inputStep] }
            weights.forward(
                task: task, bias: bias, input: UnsafePointer(x.baseAddress!), output: output, outputStep: outputStep)
        }
    }
}

/// The weights in one of the two orders.
protocol SingleKernel: Sendable {
    var bytes: Int { get }
    var tasks: Int { get }
    /// - Parameter input: (columns), close together.
    func forward(
        task: Int, bias: UnsafePointer<Float>, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        outputStep: Int)
}

/// Memory for numbers of 16 bits, constant once filled, with eight more to read past the end.
final class Array16: @unchecked Sendable {
    // Unchecked: filled in `init`, read only afterwards.
    let pointer: UnsafePointer<UInt16>
    let count: Int

    init(_ values: [UInt16]) {
        count = values.count
        let memory = UnsafeMutablePointer<UInt16>.allocate(capacity: count + 8)
        memory.initialize(repeating: 0, count: count + 8)
        memory.update(from: values, count: count)
        pointer = UnsafePointer(memory)
    }

    deinit { UnsafeMutablePointer(mutating: pointer).deallocate() }
}

func halfBits(_ value: Float) -> UInt16 { Float16(value).bitPattern }

@inline(__always)
func widen8(_ pointer: UnsafePointer<UInt16>) -> SIMD8<Float> {
    SIMD8<Float>(UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float16>.self))
}
