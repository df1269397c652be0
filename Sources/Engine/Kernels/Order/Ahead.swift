import CProcessor

/// Planes of a tensor that a kernel goes over side by side: the channels of x, the rows of y. It reads or writes a piece of
/// each, then the next piece of each. That is too many streams for a processor to follow by itself, so the kernel asks
/// for the next piece while it works on this one.
struct Planes {
    /// The first plane.
    let start: UnsafeRawPointer
    let count: Int
    let planeFloats: Int

    init(_ start: UnsafePointer<Float>, count: Int, planeFloats: Int) {
        self.start = UnsafeRawPointer(start)
        self.count = count
        self.planeFloats = planeFloats
    }

    var bytes: Int { count &* planeFloats &* 4 }
}

/// What some rows of weights read: planes of x, and in each the points around the one that a group stands for.
package struct Reach: Sendable {
    var planes: Range<Int>
    let planeFloats: Int
    /// Floats from the first point that the weights read for a position to the last: what is new with the next position.
    let lead: Int
}

/// A kernel's walk over the groups of a unit, each a piece of the planes that it reads and of those that it writes.
struct PieceWalk {
    private let sweep: Sweep
    private let groups: UnsafeBufferPointer<ChunkGroup>
    private let lead: Int
    private let x: Planes
    private let y: Planes
    /// Where all of it stays in the second-level cache, asking costs more than it brings.
    private let isLarge: Bool

    /// - Parameters:
    ///   - x: of the unit; its first plane.
    ///   - y: of the unit, the first of `rows` planes.
    ///   - beside: what a kernel walks over at the same time.
    init(
        sweep: Sweep, groups: UnsafeBufferPointer<ChunkGroup>, reach: Reach, x: UnsafePointer<Float>,
        y: UnsafePointer<Float>, rows: Int, outputRowFloats: Int, beside: PieceWalk? = nil
    ) {
        self.sweep = sweep
        self.groups = groups
        lead = reach.lead
        self.x = Planes(
            x + reach.planes.lowerBound &* reach.planeFloats, count: reach.planes.count, planeFloats: reach.planeFloats)
        self.y = Planes(y, count: rows, planeFloats: outputRowFloats)
        isLarge = beside?.isLarge ?? (self.x.bytes + self.y.bytes > sweep.aheadBytes)
    }

    /// The lines of the piece after `number` (of the piece of `count` groups from there on).
    func ahead(of number: Int, count: Int = 1, calls: Int) -> Ahead {
        let first = number + count
        guard isLarge, first < groups.count else { return Ahead() }
        let from = groups[first], to = groups[min(groups.count, first + count) - 1]
        let endOfX = to.input + sweep.input(to.chunks - 1) + 16
        // A piece that goes from one panel to the next is none.
        guard endOfX - from.input <= x.planeFloats else { return Ahead() }
        return Ahead(
            x, floats: from.input + lead..<endOfX + lead, y,
            floats: from.output..<to.output + sweep.output(to.chunks - 1) + 16, calls: calls)
    }
}

/// The cache lines of a piece of some planes and of another tensor's, one after the other.
struct Ahead {
    private var line: UnsafeRawPointer
    private var leftInPlane: Int
    private var planesLeft: Int
    private var lines: Int
    private var step: Int
    private var second: (line: UnsafeRawPointer, planes: Int, lines: Int, step: Int)
    /// Lines to ask for at each call of `next`.
    private let atOnce: Int

    /// - Parameters:
    ///   - floats: of a plane, counted from its start.
    ///   - calls: of `next`, in which all lines are to be asked for.
    init(
        _ first: Planes, floats firstFloats: Range<Int>, _ second: Planes, floats secondFloats: Range<Int>, calls: Int
    ) {
        lines = (firstFloats.count &+ 15) / 16
        line = first.start + firstFloats.lowerBound &* 4
        leftInPlane = lines
        planesLeft = first.count
        step = (first.planeFloats &- lines &* 16) &* 4
        let secondLines = (secondFloats.count &+ 15) / 16
        self.second = (
            second.start + secondFloats.lowerBound &* 4, second.count, secondLines,
            (second.planeFloats &- secondLines &* 16) &* 4
        )
        atOnce = (first.count &* lines &+ second.count &* secondLines &+ calls &- 1) / max(calls, 1)
    }

    /// Asks for nothing.
    init() {
        let none = Planes(UnsafePointer(bitPattern: 64)!, count: 0, planeFloats: 0)
        self.init(none, floats: 0..<0, none, floats: 0..<0, calls: 1)
    }

    @inline(__always)
    mutating func next() {
        var left = atOnce
        while left > 0 {
            if leftInPlane == 0 {
                planesLeft &-= 1
                if planesLeft <= 0 {
                    guard second.planes > 0 else { return }
                    (line, planesLeft, lines, step) = (second.line, second.planes, second.lines, second.step)
                    second.planes = 0
                } else {
                    line += step
                }
                leftInPlane = lines
            }
            espalier_prefetch(line)
            line += 64
            leftInPlane &-= 1
            left &-= 1
        }
    }
}
