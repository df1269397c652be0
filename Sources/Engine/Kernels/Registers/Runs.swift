/// Chunks of 16 floats in registers, `stride` apart in memory.
protocol Run {
    init(_ pointer: UnsafePointer<Float>, _ stride: Int)
    /// All of them `start`, or what lies there where it is nil.
    init(_ start: Float?, _ pointer: UnsafePointer<Float>, _ stride: Int)
    /// self += w · x.
    mutating func add(_ w: Float, _ x: Self)
    /// Stores what the tail makes of them.
    func finish(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail)
    /// The same with what lies at `added` added.
    func finish(
        _ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail, adding added: UnsafePointer<Float>)
    func store(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int)
}

/// What a row's sums begin from: `start`, or what lies there.
@inline(__always)
func begun(_ start: Float?, _ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
    if let start { SIMD16(repeating: start) } else { load16(pointer) }
}

struct Run1: Run {
    private var c0: SIMD16<Float>
    @inline(__always) init(_ pointer: UnsafePointer<Float>, _ stride: Int) { c0 = load16(pointer) }
    @inline(__always) init(_ start: Float?, _ pointer: UnsafePointer<Float>, _ stride: Int) {
        c0 = begun(start, pointer)
    }
    @inline(__always) mutating func add(_ w: Float, _ x: Run1) { c0 = c0.plus(SIMD16(repeating: w), times: x.c0) }
    @inline(__always)
    func finish(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail) {
        store16(tail.limited(tail.scaled(c0)), pointer)
    }
    @inline(__always)
    func finish(
        _ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail, adding added: UnsafePointer<Float>
    ) {
        store16(tail.limited(tail.scaled(c0) + load16(added)), pointer)
    }
    @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int) { store16(c0, pointer) }
}

struct Run2: Run {
    private var c0, c1: SIMD16<Float>
    @inline(__always) init(_ pointer: UnsafePointer<Float>, _ stride: Int) {
        c0 = load16(pointer)
        c1 = load16(pointer + stride)
    }
    @inline(__always) init(_ start: Float?, _ pointer: UnsafePointer<Float>, _ stride: Int) {
        c0 = begun(start, pointer)
        c1 = begun(start, pointer + stride)
    }
    @inline(__always) mutating func add(_ w: Float, _ x: Run2) {
        let w = SIMD16<Float>(repeating: w)
        c0 = c0.plus(w, times: x.c0)
        c1 = c1.plus(w, times: x.c1)
    }
    @inline(__always)
    func finish(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail) {
        store16(tail.limited(tail.scaled(c0)), pointer)
        store16(tail.limited(tail.scaled(c1)), pointer + stride)
    }
    @inline(__always)
    func finish(
        _ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail, adding added: UnsafePointer<Float>
    ) {
        store16(tail.limited(tail.scaled(c0) + load16(added)), pointer)
        store16(tail.limited(tail.scaled(c1) + load16(added + stride)), pointer + stride)
    }
    @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int) {
        store16(c0, pointer)
        store16(c1, pointer + stride)
    }
}

struct Run4: Run {
    private var c0, c1, c2, c3: SIMD16<Float>
    @inline(__always) init(_ pointer: UnsafePointer<Float>, _ stride: Int) {
        c0 = load16(pointer)
        c1 = load16(pointer + stride)
        c2 = load16(pointer + 2 &* stride)
        c3 = load16(pointer + 3 &* stride)
    }
    @inline(__always) init(_ start: Float?, _ pointer: UnsafePointer<Float>, _ stride: Int) {
        c0 = begun(start, pointer)
        c1 = begun(start, pointer + stride)
        c2 = begun(start, pointer + 2 &* stride)
        c3 = begun(start, pointer + 3 &* stride)
    }
    @inline(__always) mutating func add(_ w: Float, _ x: Run4) {
        let w = SIMD16<Float>(repeating: w)
        c0 = c0.plus(w, times: x.c0)
        c1 = c1.plus(w, times: x.c1)
        c2 = c2.plus(w, times: x.c2)
        c3 = c3.plus(w, times: x.c3)
    }
    @inline(__always)
    func finish(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail) {
        store16(tail.limited(tail.scaled(c0)), pointer)
        store16(tail.limited(tail.scaled(c1)), pointer + stride)
        store16(tail.limited(tail.scaled(c2)), pointer + 2 &* stride)
        store16(tail.limited(tail.scaled(c3)), pointer + 3 &* stride)
    }
    @inline(__always)
    func finish(
        _ pointer: UnsafeMutablePointer<Float>, _ stride: Int, _ tail: RowTail, adding added: UnsafePointer<Float>
    ) {
        store16(tail.limited(tail.scaled(c0) + load16(added)), pointer)
        store16(tail.limited(tail.scaled(c1) + load16(added + stride)), pointer + stride)
        store16(tail.limited(tail.scaled(c2) + load16(added + 2 &* stride)), pointer + 2 &* stride)
        store16(tail.limited(tail.scaled(c3) + load16(added + 3 &* stride)), pointer + 3 &* stride)
    }
    @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>, _ stride: Int) {
        store16(c0, pointer)
        store16(c1, pointer + stride)
        store16(c2, pointer + 2 &* stride)
        store16(c3, pointer + 3 &* stride)
    }
}
