import CProcessor

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

/// Chunks of a linear layer that a sparse kernel holds, of one kind of processor as of the other: with twice as many a tile of
/// so many inputs takes twice the first-level cache.
let longestFlatGather = 4

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

/// The sums of eight chains of 16 lanes, one after the other in memory, all by the one fixed tree: lane i + lane i + 8,
/// then i + 4, i + 2, i + 1.
@inline(__always)
func treeSums(_ chains: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>) {
    espalier_tree_sums(chains, sums)
}

/// The same of one chain.
@inline(__always)
func treeSum(_ chain: UnsafePointer<Float>) -> Float { espalier_tree_sum(chain) }
