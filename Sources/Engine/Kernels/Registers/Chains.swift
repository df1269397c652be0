// Weight gradients are sums over panels, positions and lanes: for each weight one chain of fused multiply-adds 16 lanes
// wide, then halves added, then the fixed tree of eight. With AVX-512 a chain is one register. With AVX2 it would be
// two, and eight chains would fill them all; so there the lower lanes are summed first and the upper ones after, by
// segments short enough that the second time finds their data in the first-level cache.

#if ESPALIER_AVX512
    typealias ChainLanes = SIMD16<Float>
#else
    typealias ChainLanes = SIMD8<Float>
#endif
@inline(__always)
func loadChain(_ pointer: UnsafePointer<Float>) -> ChainLanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: ChainLanes.self)
}

@inline(__always)
func storeChain(_ value: ChainLanes, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: ChainLanes.self)
}

/// The inputs of eight nonzeros.
struct Inputs8 {
    let x0, x1, x2, x3, x4, x5, x6, x7: UnsafePointer<Float>

    /// Missing nonzeros, from `held` on, repeat the last one; their sums are not used.
    @inline(__always)
    init(_ x: UnsafePointer<Float>, _ offsets: UnsafePointer<UInt32>, _ held: Int) {
        func input(_ index: Int) -> UnsafePointer<Float> { x + Int(offsets[min(index, held &- 1)]) &* 16 }
        (x0, x1, x2, x3) = (input(0), input(1), input(2), input(3))
        (x4, x5, x6, x7) = (input(4), input(5), input(6), input(7))
    }

    /// Of four nonzeros: the others are not used.
    @inline(__always)
    init(_ x: UnsafePointer<Float>, four offset: (Int) -> UInt32) {
        func input(_ index: Int) -> UnsafePointer<Float> { x + Int(offset(index)) &* 16 }
        (x0, x1, x2, x3) = (input(0), input(1), input(2), input(3))
        (x4, x5, x6, x7) = (x0, x0, x0, x0)
    }
}
