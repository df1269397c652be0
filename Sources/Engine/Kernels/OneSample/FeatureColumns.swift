/// The weights of a dense linear layer for one sample, by column: y = b + Σ x[c] · column c, with outputs in the lanes.
/// Inputs of zero are passed over with their columns, as after a ReLU most are.
///
///     weights  [column][row], rows filled up to chunks of 16
///
/// Each output is one chain of fused multiply-adds, inputs ascending, as in the panel kernels. The bound: the bytes of the
/// weights of the inputs that are not zero.
package struct FeatureColumns: Sendable {
    package let rows: Int
    package let columns: Int
    private let pitch: Int
    private let weights: FloatBuffer
    private let bias: FloatBuffer

    package var bytes: Int { 4 * weights.count }

    /// - Parameter values: (rows, columns), row-major.
    package init(rows: Int, columns: Int, values: [Float], bias: [Float]) {
        self.rows = rows
        self.columns = columns
        pitch = (rows + 15) / 16 * 16
        weights = FloatBuffer(count: columns * pitch)
        for row in 0..<rows {
            for column in 0..<columns { weights.pointer[column * pitch + row] = values[row * columns + column] }
        }
        self.bias = FloatBuffer(bias + [Float](repeating: 0, count: pitch - rows))
    }

    /// - Parameters:
    ///   - input: (columns).
    ///   - output: (rows), with room for whole chunks of 16.
    package func forward(_ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: columns + 1) { live in
            // First the list, without a branch: zeros come as they like, and would be mispredicted one by one.
            var count = 0
            for column in 0..<columns {
                live[count] = UInt32(truncatingIfNeeded: column)
                count &+= input[column] == 0 ? 0 : 1
            }
            let live = UnsafeBufferPointer(rebasing: live[..<count])
            for run in Sweep.Runs.powersOfTwo.cut(pitch / 16) {
                switch run.count {
                case 1: sums(Sums1.self, run.start &* 16, live, input, output)
                case 2: sums(Sums2.self, run.start &* 16, live, input, output)
                #if ESPALIER_AVX512
                    case 8: sums(Sums8.self, run.start &* 16, live, input, output)
                #endif
                default: sums(Sums4.self, run.start &* 16, live, input, output)
                }
            }
        }
    }

    @inline(never)
    private func sums<S: Sums>(
        _ sums: S.Type, _ first: Int, _ live: UnsafeBufferPointer<UInt32>, _ input: UnsafePointer<Float>,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let line = output + first
        let start = bias.pointer + first
        let weights = UnsafePointer(weights.pointer) + first
        var sums = S(nil, start, Adjacent())
        for column in live {
            sums.add(SIMD16(repeating: input[Int(column)]), weights + Int(column) &* pitch, Adjacent())
        }
        sums.store(line, Adjacent())
    }
}
