// The few vector operations all kernels are written in. Internal to this target: SIMD values never cross a target,
// where they would be passed through memory.

/// Chunks of 16 floats that a kernel holds in registers: 8 of 32 with AVX-512, 4 × 2 of 16 with AVX2.
#if ESPALIER_AVX512
    let longestRun = 8
#else
    let longestRun = 4
#endif
/// Points of an image row that a sparse kernel holds: sums of the gather kernels, dy of the sampled dot, and of
/// the kernel of both gradients x and the sums of dx.
#if ESPALIER_AVX512
    let longestGather = 16
    let longestDot = 16
    let longestPair = 14
#else
    let longestGather = 7
    let longestDot = 8
    let longestPair = 6
#endif

extension SIMD where Scalar == Float {
    /// self + w·x, fused where the build has the instruction.
    @inline(__always)
    func plus(_ w: Self, times x: Self) -> Self {
        #if ESPALIER_FMA
            addingProduct(w, x)
        #else
            self + w * x
        #endif
    }
}

@inline(__always)
func load8(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
func load16(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
}

@inline(__always)
func store16(_ value: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD16<Float>.self)
}

@inline(__always)
func store8(_ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD8<Float>.self)
}

@inline(__always)
private func load4(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
}

/// The sums of eight chains of 16 lanes, one after the other in memory, all by the one fixed tree: lane i + lane i + 8,
/// then i + 4, i + 2, i + 1.
///
/// No shuffles of floats: the compiler takes those apart into single lanes, at three times the instructions. Pairs of
/// floats move as 64-bit integers instead, and a pair's second float comes to the first by a shift.
@inline(__always)
func treeSums(_ chains: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>) {
    typealias Pairs = SIMD2<UInt64>
    // Lanes i + 8 and i + 4.
    @inline(__always)
    func four(_ chain: Int) -> Pairs {
        let c = chains + chain &* 16
        return unsafeBitCast((load4(c) + load4(c + 8)) + (load4(c + 4) + load4(c + 12)), to: Pairs.self)
    }
    @inline(__always)
    func sum(_ a: Pairs, _ b: Pairs) -> Pairs {
        unsafeBitCast(
            unsafeBitCast(a, to: SIMD4<Float>.self) + unsafeBitCast(b, to: SIMD4<Float>.self), to: Pairs.self)
    }
    // Lanes i + 2 of two chains, then i + 1: the sums of the two in the first float of each pair.
    @inline(__always)
    func two(_ a: Pairs, _ b: Pairs) -> Pairs {
        let pairs = sum(Pairs(a[0], b[0]), Pairs(a[1], b[1]))
        return sum(pairs, pairs &>> 32)
    }
    @inline(__always)
    func store(_ even: Pairs, _ odd: Pairs, _ place: Int) {
        let result = (even & Pairs(repeating: 0xFFFF_FFFF)) | (odd &<< 32)
        UnsafeMutableRawPointer(sums + place).storeBytes(of: result, as: Pairs.self)
    }
    store(two(four(0), four(2)), two(four(1), four(3)), 0)
    store(two(four(4), four(6)), two(four(5), four(7)), 4)
}
