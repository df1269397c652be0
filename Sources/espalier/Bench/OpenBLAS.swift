import Foundation
import Kernels

/// The dense peer in the same process: OpenBLAS, where the machine has it (Debian: `libopenblas0`).
struct OpenBLAS {
    private typealias Sgemm =
        @convention(c) (
            Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>, Int32,
            Float,
            UnsafeMutablePointer<Float>, Int32
        ) -> Void
    private typealias SetThreads = @convention(c) (Int32) -> Void

    private let sgemm: Sgemm

    init?(threads: Int) {
        guard let library = dlopen("libopenblas.so.0", RTLD_NOW), let symbol = dlsym(library, "cblas_sgemm") else {
            return nil
        }
        sgemm = unsafeBitCast(symbol, to: Sgemm.self)
        if let set = dlsym(library, "openblas_set_num_threads") {
            unsafeBitCast(set, to: SetThreads.self)(Int32(threads))
        }
    }

    /// Median seconds of y = W x (rows × columns by columns × batch), and, where it trains, of both gradients too.
    func seconds(rows: Int, columns: Int, batch: Int, trains: Bool, runs: Int) -> Double {
        let random = CounterRandom(seed: 2, purpose: .test)
        func made(_ count: Int, _ stream: Int) -> FloatBuffer {
            FloatBuffer((0..<count).map { random.uniform(stream, $0) - 0.5 })
        }
        let w = made(rows * columns, 1), x = made(columns * batch, 2), dy = made(rows * batch, 3)
        let y = FloatBuffer(count: rows * batch), dx = FloatBuffer(count: columns * batch)
        let dw = FloatBuffer(count: rows * columns)
        let (m, n, k) = (Int32(rows), Int32(batch), Int32(columns))
        let rowMajor: Int32 = 101, plain: Int32 = 111, transposed: Int32 = 112
        return timed(runs: runs) {
            sgemm(rowMajor, plain, plain, m, n, k, 1, w.pointer, k, x.pointer, n, 0, y.pointer, n)
            guard trains else { return }
            sgemm(rowMajor, transposed, plain, k, n, m, 1, w.pointer, k, dy.pointer, n, 0, dx.pointer, n)
            sgemm(rowMajor, plain, transposed, m, k, n, 1, dy.pointer, n, x.pointer, n, 0, dw.pointer, k)
        }.median
    }
}
