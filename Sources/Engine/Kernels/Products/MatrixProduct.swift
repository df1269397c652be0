/// Products of two matrices of activations for each sample: C = A · B over the leading axes, which are broadcast.
///
/// Of panels each number of a matrix is a chunk of samples, so a tile of C in registers takes one load for each of its rows
/// and columns a step, and rows × columns multiply-adds:
///
///     tile      multiply-adds   loads   (a step of k, of vectors)
///     4 × 4     16              8       AVX-512: 16 sums, 4 of B, 1 of A in 32 registers
///     4 × 3     12              7       AVX2: 12 sums, 3 of B, 1 of A in 16 registers, half a chunk at a time
///
/// Without tiles there would be two loads a multiply-add. Each sum is one chain over k, ascending: every build, panel and
/// image gives the same bits.
package struct MatrixProduct: Sendable {
    let rows, columns, depth: Int
    /// Floats from one row or column to the next: of A (row, k), of B (k, column), of C (row, column).
    let a, b, c: (row: Int, column: Int)
    /// Where the matrices of each product begin: (C, A, B).
    let products: [SIMD4<Int>]
    /// What is added for each of them, beginning there: more than one where A and B are broadcast to what C is not.
    private let terms: [SIMD4<Int>]
    let lanes: Int

    /// - Parameters:
    ///   - a: (…, M, K).
    ///   - b: (…, K, N).
    ///   - c: (…, M, N); sums over the leading axes that it lacks or has once.
    package init(a: AxisStrides, b: AxisStrides, c: AxisStrides) {
        lanes = c.lanes
        let (rank, rankA, rankB) = (c.axes.count, a.axes.count, b.axes.count)
        (rows, columns, depth) = (c.axes[rank - 2], c.axes[rank - 1], a.axes[rankA - 1])
        precondition(
            a.axes[rankA - 2] == rows && b.axes[rankB - 1] == columns && b.axes[rankB - 2] == depth,
            "matrices that can be multiplied")
        self.a = (a.strides[rankA - 2], a.strides[rankA - 1])
        self.b = (b.strides[rankB - 2], b.strides[rankB - 1])
        self.c = (c.strides[rank - 2], c.strides[rank - 1])
        func leading(_ tensor: AxisStrides) -> AxisStrides {
            AxisStrides(axes: tensor.axes.dropLast(2), strides: tensor.strides.dropLast(2), lanes: tensor.lanes)
        }
        let axes = broadcastAxes(broadcastAxes(leading(a).axes, leading(b).axes)!, leading(c).axes)!
        let tensors = [leading(c), leading(a), leading(b)].map { $0.broadcast(to: axes) }
        let missing = axes.count - (rank - 2)
        func starts(_ kept: [Int]) -> [SIMD4<Int>] {
            var starts = [SIMD4<Int>.zero]
            for axis in kept {
                let step = SIMD4(tensors[0].strides[axis], tensors[1].strides[axis], tensors[2].strides[axis], 0)
                starts = starts.flatMap { start in (0..<axes[axis]).map { start &+ step &* SIMD4(repeating: $0) } }
            }
            return starts
        }
        let summed = axes.indices.filter { $0 < missing || c.axes[$0 - missing] != axes[$0] }
        products = starts(axes.indices.filter { !summed.contains($0) })
        terms = starts(summed)
    }

    /// Rows of C that a task makes: two tiles, which pass over the same columns of B.
    private let taskRows = 8
    private var tasksOfProduct: Int { (rows + taskRows - 1) / taskRows }
    /// Steps of k at once: those rows of A and four columns of B fill three quarters of the first-level cache. The sums wait in
    /// C for the next ones.
    var stepDepth: Int { max(16, Caches.machine.first / 4 * 3 / ((taskRows + 4) * 64)) }
    /// What may run side by side.
    package var tasks: Int { products.count * tasksOfProduct }
    /// Multiply-adds for one sample.
    package var multiplyAdds: Int { products.count * terms.count * rows * columns * depth }

    /// C = A · B, or the sums go on from what C holds.
    package func run(
        task: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to c: UnsafeMutablePointer<Float>,
        adds: Bool = false
    ) {
        let start = products[task / tasksOfProduct]
        let first = task % tasksOfProduct * taskRows
        let rows = first..<min(first + taskRows, self.rows)
        for (number, term) in terms.enumerated() {
            let at = start &+ term
            let adds = adds || number > 0
            if lanes == 1 {
                image(rows, a + at[1], b + at[2], c + at[0], adds: adds)
            } else {
                panel(rows, a + at[1], b + at[2], c + at[0], adds: adds)
            }
        }
    }
}

/// The axes that both can be broadcast to; nil where there are none.
package func broadcastAxes(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    var axes: [Int] = []
    for axis in 0..<rank {
        let x = axis < rank - a.count ? 1 : a[axis - (rank - a.count)]
        let y = axis < rank - b.count ? 1 : b[axis - (rank - b.count)]
        guard x == y || x == 1 || y == 1 else { return nil }
        axes.append(x == 1 ? y : x)
    }
    return axes
}
