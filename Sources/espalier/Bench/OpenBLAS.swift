import Dispatch
import Foundation
import Interchange
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

    /// Median seconds of the dense products of some layers, one after the other; nil where they need more than memory than is
    /// free.
    func seconds(_ layers: [BlasProducts], trains: Bool, runs: Int) -> Double? {
        let bytes = layers.map { $0.bytes(trains: trains) }.max() ?? 0
        guard bytes <= FreeMemory.now.bytes,
            layers.allSatisfy({ max($0.rows, $0.columns, $0.points) <= Int(Int32.max) })
        else { return nil }
        // Layers of one shape are measured once.
        var known: [BlasProducts: Double] = [:]
        return layers.reduce(0) { sum, layer in
            let held = known[layer] ?? seconds(layer, trains: trains, runs: runs)
            known[layer] = held
            return sum + held
        }
    }

    private func seconds(_ layer: BlasProducts, trains: Bool, runs: Int) -> Double {
        let random = CounterRandom(seed: 2, purpose: .test)
        let numbers = (0..<4096).map { random.uniform($0) - 0.5 }
        func made(_ count: Int) -> FloatBuffer {
            let buffer = FloatBuffer(count: count)
            for index in 0..<count { buffer.pointer[index] = numbers[index & 4095] }
            return buffer
        }
        let (rows, columns, points) = (layer.rows, layer.columns, layer.points)
        let w = made(rows * columns), x = made(columns * points), dy = made(trains ? rows * points : 0)
        let y = FloatBuffer(count: rows * points)
        let dx = FloatBuffer(count: trains ? columns * points : 0), dw = FloatBuffer(count: trains ? rows * columns : 0)
        let (m, n, k) = (Int32(rows), Int32(points), Int32(columns))
        let rowMajor: Int32 = 101, plain: Int32 = 111, transposed: Int32 = 112
        func once() {
            for _ in 0..<layer.groups {
                sgemm(rowMajor, plain, plain, m, n, k, 1, w.pointer, k, x.pointer, n, 0, y.pointer, n)
                guard trains else { continue }
                sgemm(rowMajor, plain, transposed, m, k, n, 1, dy.pointer, n, x.pointer, n, 0, dw.pointer, k)
                guard layer.wantsInputGradient else { continue }
                sgemm(rowMajor, transposed, plain, k, n, m, 1, w.pointer, k, dy.pointer, n, 0, dx.pointer, n)
            }
        }
        // A long call needs no warm-up but one, and the median of few.
        let start = DispatchTime.now().uptimeNanoseconds
        once()
        let isLong = DispatchTime.now().uptimeNanoseconds - start > 50_000_000
        return timed(warmUp: isLong ? 0 : 3, runs: isLong ? min(runs, 3) : runs, once).median
    }
}

/// A layer as products of matrices: W (rows × columns) times x (columns × points), and those of both gradients. A
/// convolution's x stands unrolled already and dx is left so, and groups are the same product again and again: what all that costs, OpenBLAS
/// is given.
struct BlasProducts: Hashable {
    let rows: Int
    let columns: Int
    let points: Int
    let groups: Int
    let wantsInputGradient: Bool

    init(_ map: WeightMap, samples: Int, wantsInputGradient: Bool) {
        rows = map.rows / map.groups
        columns = map.columns
        points = map.output.height * map.output.width * samples
        groups = map.groups
        self.wantsInputGradient = wantsInputGradient
    }

    /// Of its matrices, and of their gradients where it trains.
    fileprivate func bytes(trains: Bool) -> Double {
        let (rows, columns, points) = (Double(rows), Double(columns), Double(points))
        return (trains ? 8 : 4) * (rows * columns + columns * points + rows * points)
    }
}

/// The field of a benchmark's line, for some layers after one another; none where OpenBLAS cannot be loaded.
/// - Parameter inputGradient: whether that of the first layer's input is made, too.
func openblasField(
    _ layers: [WeightMap], samples: Int, trains: Bool, inputGradient: Bool = false, threads: Int, runs: Int
) -> [(String, Any)] {
    let layers = layers.enumerated().map {
        BlasProducts($1, samples: samples, wantsInputGradient: inputGradient || $0 > 0)
    }
    guard let blas = OpenBLAS(threads: threads) else { return [] }
    return [("openblas_seconds", blas.seconds(layers, trains: trains, runs: runs) ?? .nan)]
}
