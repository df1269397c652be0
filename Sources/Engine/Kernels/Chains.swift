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

/// Eight chains that share their row of dy, in registers.
struct Chains8 {
    private var c0, c1, c2, c3, c4, c5, c6, c7: ChainLanes

    @inline(__always)
    init() {
        (c0, c1, c2, c3) = (.zero, .zero, .zero, .zero)
        (c4, c5, c6, c7) = (.zero, .zero, .zero, .zero)
    }

    /// Chains that wait in memory, 16 floats each, from one of their lanes on; those from `held` on are not there.
    @inline(__always)
    init(_ memory: UnsafePointer<Float>, _ held: Int) {
        func chain(_ index: Int) -> ChainLanes { loadChain(memory + min(index, held &- 1) &* 16) }
        (c0, c1, c2, c3) = (chain(0), chain(1), chain(2), chain(3))
        (c4, c5, c6, c7) = (chain(4), chain(5), chain(6), chain(7))
    }

    /// Adds dy · x of each chain's input.
    @inline(__always)
    mutating func add(_ d: UnsafePointer<Float>, _ x: Inputs8, _ t: Int) {
        let dy = loadChain(d)
        c0 = c0.plus(dy, times: loadChain(x.x0 + t))
        c1 = c1.plus(dy, times: loadChain(x.x1 + t))
        c2 = c2.plus(dy, times: loadChain(x.x2 + t))
        c3 = c3.plus(dy, times: loadChain(x.x3 + t))
        c4 = c4.plus(dy, times: loadChain(x.x4 + t))
        c5 = c5.plus(dy, times: loadChain(x.x5 + t))
        c6 = c6.plus(dy, times: loadChain(x.x6 + t))
        c7 = c7.plus(dy, times: loadChain(x.x7 + t))
    }

    @inline(__always)
    func store(_ memory: UnsafeMutablePointer<Float>, _ held: Int) {
        storeChain(c0, memory)
        if held > 1 { storeChain(c1, memory + 16) }
        if held > 2 { storeChain(c2, memory + 32) }
        if held > 3 { storeChain(c3, memory + 48) }
        if held > 4 { storeChain(c4, memory + 64) }
        if held > 5 { storeChain(c5, memory + 80) }
        if held > 6 { storeChain(c6, memory + 96) }
        if held > 7 { storeChain(c7, memory + 112) }
    }
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
}
