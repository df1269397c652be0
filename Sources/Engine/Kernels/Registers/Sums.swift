/// The sums of one row over the chunks of a group, in registers while the row's nonzeros stream by: two for a chunk with
/// AVX2, of sixteen, and one of 32 with AVX-512.
protocol Sums {
    static var chunks: Int { get }
    init(_ start: Float?, _ line: UnsafePointer<Float>, _ steps: some Distances)
    /// self += w · x.
    mutating func add(_ w: SIMD16<Float>, _ x: UnsafePointer<Float>, _ steps: some Distances)
    func store(_ line: UnsafeMutablePointer<Float>, _ steps: some Distances)
    /// Stores what the tail makes of the sums.
    func finish(_ line: UnsafeMutablePointer<Float>, _ tail: RowTail, _ steps: some Distances)
    /// The same with what lies at `added` added.
    func finish(
        _ line: UnsafeMutablePointer<Float>, _ tail: RowTail, adding added: UnsafePointer<Float>,
        _ steps: some Distances)
}

struct Sums1: Sums {
    private var sum: SIMD16<Float>
    static var chunks: Int { 1 }
    @inline(__always) init(_ start: Float?, _ line: UnsafePointer<Float>, _ steps: some Distances) {
        sum = begun(start, line)
    }
    @inline(__always) mutating func add(_ w: SIMD16<Float>, _ x: UnsafePointer<Float>, _ steps: some Distances) {
        sum = sum.plus(w, times: load16(x))
    }
    @inline(__always) func store(_ line: UnsafeMutablePointer<Float>, _ steps: some Distances) { store16(sum, line) }
    @inline(__always)
    func finish(_ line: UnsafeMutablePointer<Float>, _ tail: RowTail, _ steps: some Distances) {
        store16(tail.limited(tail.scaled(sum)), line)
    }
    @inline(__always)
    func finish(
        _ line: UnsafeMutablePointer<Float>, _ tail: RowTail, adding added: UnsafePointer<Float>,
        _ steps: some Distances
    ) {
        store16(tail.limited(tail.scaled(sum) + load16(added)), line)
    }
}

/// Half a chunk: what is left of an image's points.
struct SumsHalf: Sums {
    private var sum: SIMD8<Float>
    static var chunks: Int { 0 }
    @inline(__always) init(_ start: Float?, _ line: UnsafePointer<Float>, _ steps: some Distances) {
        sum = if let start { SIMD8(repeating: start) } else { load8(line) }
    }
    @inline(__always) mutating func add(_ w: SIMD16<Float>, _ x: UnsafePointer<Float>, _ steps: some Distances) {
        sum = sum.plus(w.lowHalf, times: load8(x))
    }
    @inline(__always) func store(_ line: UnsafeMutablePointer<Float>, _ steps: some Distances) { store8(sum, line) }
    @inline(__always)
    func finish(_ line: UnsafeMutablePointer<Float>, _ tail: RowTail, _ steps: some Distances) {
        store8(tail.limited(tail.scaled(sum)), line)
    }
    @inline(__always)
    func finish(
        _ line: UnsafeMutablePointer<Float>, _ tail: RowTail, adding added: UnsafePointer<Float>,
        _ steps: some Distances
    ) {
        store8(tail.limited(tail.scaled(sum) + load8(added)), line)
    }
}

struct Joined<A: Sums, B: Sums>: Sums {
    private var first: A
    private var second: B
    static var chunks: Int { A.chunks + B.chunks }
    /// From the first chunk of A to that of B.
    @inline(__always) private static func step(_ steps: some Distances) -> Int {
        A.chunks == 4 && B.chunks == 4 ? steps.high : A.chunks &* steps.next
    }
    @inline(__always) init(_ start: Float?, _ line: UnsafePointer<Float>, _ steps: some Distances) {
        first = A(start, line, steps)
        second = B(start, line + Self.step(steps), steps)
    }
    @inline(__always) mutating func add(_ w: SIMD16<Float>, _ x: UnsafePointer<Float>, _ steps: some Distances) {
        first.add(w, x, steps)
        second.add(w, x + Self.step(steps), steps)
    }
    @inline(__always) func store(_ line: UnsafeMutablePointer<Float>, _ steps: some Distances) {
        first.store(line, steps)
        second.store(line + Self.step(steps), steps)
    }
    @inline(__always)
    func finish(_ line: UnsafeMutablePointer<Float>, _ tail: RowTail, _ steps: some Distances) {
        first.finish(line, tail, steps)
        second.finish(line + Self.step(steps), tail, steps)
    }
    @inline(__always)
    func finish(
        _ line: UnsafeMutablePointer<Float>, _ tail: RowTail, adding added: UnsafePointer<Float>,
        _ steps: some Distances
    ) {
        first.finish(line, tail, adding: added, steps)
        second.finish(line + Self.step(steps), tail, adding: added + Self.step(steps), steps)
    }
}

typealias Sums2 = Joined<Sums1, Sums1>
typealias Sums3 = Joined<Sums2, Sums1>
typealias Sums4 = Joined<Sums2, Sums2>
typealias Sums5 = Joined<Sums4, Sums1>
typealias Sums6 = Joined<Sums4, Sums2>
typealias Sums7 = Joined<Sums4, Sums3>
#if ESPALIER_AVX512
    typealias Sums8 = Joined<Sums4, Sums4>
    typealias Sums9 = Joined<Sums8, Sums1>
    typealias Sums10 = Joined<Sums8, Sums2>
    typealias Sums11 = Joined<Sums8, Sums3>
    typealias Sums12 = Joined<Sums8, Sums4>
    typealias Sums13 = Joined<Sums8, Sums5>
    typealias Sums14 = Joined<Sums8, Sums6>
    typealias Sums15 = Joined<Sums8, Sums7>
    typealias Sums16 = Joined<Sums8, Sums8>
#endif
