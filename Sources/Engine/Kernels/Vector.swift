// The few vector operations all kernels are written in. Internal to this target: SIMD values never cross a target,
// where they would be passed through memory.

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

/// The sums of eight vectors of eight, all by the one fixed tree
/// ((v0 + v4) + (v2 + v6)) + ((v1 + v5) + (v3 + v7)), as an 8×8 transpose whose levels add: 21 shuffles and adds
/// for eight sums, where a horizontal sum each would take eight times as many.
@inline(__always)
func treeSums(
    _ c0: SIMD8<Float>, _ c1: SIMD8<Float>, _ c2: SIMD8<Float>, _ c3: SIMD8<Float>,
    _ c4: SIMD8<Float>, _ c5: SIMD8<Float>, _ c6: SIMD8<Float>, _ c7: SIMD8<Float>
) -> SIMD8<Float> {
    // Level 1: lane i + lane i + 4, two vectors in one.
    let s01 = SIMD8(lowHalf: c0.lowHalf, highHalf: c1.lowHalf) + SIMD8(lowHalf: c0.highHalf, highHalf: c1.highHalf)
    let s23 = SIMD8(lowHalf: c2.lowHalf, highHalf: c3.lowHalf) + SIMD8(lowHalf: c2.highHalf, highHalf: c3.highHalf)
    let s45 = SIMD8(lowHalf: c4.lowHalf, highHalf: c5.lowHalf) + SIMD8(lowHalf: c4.highHalf, highHalf: c5.highHalf)
    let s67 = SIMD8(lowHalf: c6.lowHalf, highHalf: c7.lowHalf) + SIMD8(lowHalf: c6.highHalf, highHalf: c7.highHalf)
    // Level 2: lane i + lane i + 2, four vectors in one: [c0 c0 c2 c2 | c1 c1 c3 c3].
    let t0 =
        SIMD8(s01[0], s01[1], s23[0], s23[1], s01[4], s01[5], s23[4], s23[5])
        + SIMD8(s01[2], s01[3], s23[2], s23[3], s01[6], s01[7], s23[6], s23[7])
    let t4 =
        SIMD8(s45[0], s45[1], s67[0], s67[1], s45[4], s45[5], s67[4], s67[5])
        + SIMD8(s45[2], s45[3], s67[2], s67[3], s45[6], s45[7], s67[6], s67[7])
    // Level 3: lane 0 + lane 1: [c0 c2 c4 c6 | c1 c3 c5 c7].
    let u =
        SIMD8(t0[0], t0[2], t4[0], t4[2], t0[4], t0[6], t4[4], t4[6])
        + SIMD8(t0[1], t0[3], t4[1], t4[3], t0[5], t0[7], t4[5], t4[7])
    return SIMD8(u[0], u[4], u[1], u[5], u[2], u[6], u[3], u[7])
}
