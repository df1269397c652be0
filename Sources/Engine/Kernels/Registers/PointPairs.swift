/// x and the sums of dx at a few positions after one another, in registers.
protocol PointPairs {
    static var count: Int { get }
    /// - Parameter dx: what the sums begin from; zero where it is nil.
    init(_ x: UnsafePointer<Float>, _ dx: UnsafePointer<Float>?, _ xStride: Int, _ dxStride: Int)
    /// dx += w · dy, and chain += x · dy, positions ascending.
    mutating func add(_ chain: inout ChainLanes, _ w: ChainLanes, _ dy: UnsafePointer<Float>)
    func store(_ dx: UnsafeMutablePointer<Float>, _ stride: Int)
}

struct PointPair: PointPairs {
    private let x: ChainLanes
    private var sum: ChainLanes
    static var count: Int { 1 }

    @inline(__always)
    init(_ x: UnsafePointer<Float>, _ dx: UnsafePointer<Float>?, _ xStride: Int, _ dxStride: Int) {
        self.x = loadChain(x)
        sum = dx.map { loadChain($0) } ?? .zero
    }

    @inline(__always)
    mutating func add(_ chain: inout ChainLanes, _ w: ChainLanes, _ dy: UnsafePointer<Float>) {
        let dy = loadChain(dy)
        chain = chain.plus(dy, times: x)
        sum = sum.plus(w, times: dy)
    }

    @inline(__always)
    func store(_ dx: UnsafeMutablePointer<Float>, _ stride: Int) { storeChain(sum, dx) }
}

struct Beside<A: PointPairs, B: PointPairs>: PointPairs {
    private var first: A
    private var second: B
    static var count: Int { A.count + B.count }

    @inline(__always)
    init(_ x: UnsafePointer<Float>, _ dx: UnsafePointer<Float>?, _ xStride: Int, _ dxStride: Int) {
        first = A(x, dx, xStride, dxStride)
        second = B(x + A.count &* xStride, dx.map { $0 + A.count &* dxStride }, xStride, dxStride)
    }

    @inline(__always)
    mutating func add(_ chain: inout ChainLanes, _ w: ChainLanes, _ dy: UnsafePointer<Float>) {
        first.add(&chain, w, dy)
        second.add(&chain, w, dy + A.count &* 16)
    }

    @inline(__always)
    func store(_ dx: UnsafeMutablePointer<Float>, _ stride: Int) {
        first.store(dx, stride)
        second.store(dx + A.count &* stride, stride)
    }
}

typealias PointPairs2 = Beside<PointPair, PointPair>
typealias PointPairs3 = Beside<PointPairs2, PointPair>
typealias PointPairs4 = Beside<PointPairs2, PointPairs2>
typealias PointPairs5 = Beside<PointPairs4, PointPair>
typealias PointPairs6 = Beside<PointPairs4, PointPairs2>
#if ESPALIER_AVX512
    typealias PointPairs7 = Beside<PointPairs4, PointPairs3>
    typealias PointPairs8 = Beside<PointPairs4, PointPairs4>
    typealias PointPairs9 = Beside<PointPairs8, PointPair>
    typealias PointPairs10 = Beside<PointPairs8, PointPairs2>
    typealias PointPairs11 = Beside<PointPairs8, PointPairs3>
    typealias PointPairs12 = Beside<PointPairs8, PointPairs4>
    typealias PointPairs13 = Beside<PointPairs8, PointPairs5>
    typealias PointPairs14 = Beside<PointPairs8, PointPairs6>
#endif
