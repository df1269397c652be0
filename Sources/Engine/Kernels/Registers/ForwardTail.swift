/// The tails of a layer's rows in panels, where a network only answers: y = limited(slope · (b + W x) + shift + added).
package struct ForwardTail {
    /// (rows) each. A slope of 1 and a shift of −0 change no bit.
    private let slopes: UnsafePointer<Float>
    private let shifts: UnsafePointer<Float>
    private let limits: Limits
    /// Lies like y.
    private let added: UnsafePointer<Float>?

    package init(
        slopes: UnsafePointer<Float>, shifts: UnsafePointer<Float>, limits: Limits, added: UnsafePointer<Float>? = nil
    ) {
        self.slopes = slopes
        self.shifts = shifts
        self.limits = limits
        self.added = added
    }

    @inline(__always)
    subscript(row: Int) -> RowTail { RowTail(slope: slopes[row], shift: shifts[row], limits: limits) }

    /// What is added to sums at some place of y.
    /// - Parameter place: floats from the first of y.
    @inline(__always)
    func added(at place: Int) -> UnsafePointer<Float>? { added.map { $0 + place } }

    /// Of a layer that begins with a row of this one.
    /// - Parameter floats: from the first of y to that of its own.
    func dropping(rows: Int, floats: Int) -> ForwardTail {
        ForwardTail(
            slopes: slopes + rows, shifts: shifts + rows, limits: limits, added: added(at: floats))
    }

    /// Of one value.
    package func value(_ x: Float, row: Int, at place: Int) -> Float {
        var value = pointSum(shifts[row], slopes[row], x)
        if let added { value += added[place] }
        if value < limits.low { value = limits.low }
        return value > limits.high ? limits.high : value
    }

    /// Sums of a row that are in memory, for one group.
    /// - Parameters:
    ///   - y: the first float of all.
    ///   - line: of the row, in the unit.
    func finish(
        _ row: Int, _ group: ChunkGroup, sweep: Sweep, y: UnsafeMutablePointer<Float>,
        line: UnsafeMutablePointer<Float>
    ) {
        let tail = self[row]
        for chunk in 0..<group.chunks {
            let place = line + (group.output &+ sweep.output(chunk))
            var value = tail.scaled(load16(place))
            if let added = added(at: place - y) { value = value + load16(added) }
            store16(tail.limited(value), place)
        }
    }
}

/// The tails of six rows.
struct SixTails {
    private let tail: ForwardTail
    private let row: Int
    private let place: Int
    private let rowFloats: Int

    /// - Parameter place: floats from the first of y to the first row's sums.
    @inline(__always)
    init(_ tail: ForwardTail, row: Int, place: Int, rowFloats: Int) {
        self.tail = tail
        self.row = row
        self.place = place
        self.rowFloats = rowFloats
    }

    @inline(__always)
    subscript(_ index: Int) -> RowTail { tail[row &+ index] }

    /// What is added to a row's sums.
    @inline(__always)
    func added(_ index: Int) -> UnsafePointer<Float>? { tail.added(at: place &+ index &* rowFloats) }
}
