/// The tails of a layer's rows in panels, where a network only answers: y = f(limited(slope · (b + W x) + shift + added)).
package struct ForwardTail {
    /// (rows) each. A slope of 1 and a shift of −0 change no bit.
    private let slopes: UnsafePointer<Float>
    private let shifts: UnsafePointer<Float>
    private let limits: Limits
    /// Lies like y.
    private let added: UnsafePointer<Float>?
    /// Too long for a kernel that holds sums: it runs over the rows of a group, which are in the second-level cache, when all of
    /// these are stored (`complete`).
    private let function: ValueFunction?

    package init(
        slopes: UnsafePointer<Float>, shifts: UnsafePointer<Float>, limits: Limits, added: UnsafePointer<Float>? = nil,
        function: ValueFunction? = nil
    ) {
        self.slopes = slopes
        self.shifts = shifts
        self.limits = limits
        self.added = added
        self.function = function
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
            slopes: slopes + rows, shifts: shifts + rows, limits: limits, added: added(at: floats),
            function: function)
    }

    /// Of one value.
    package func value(_ x: Float, row: Int, at place: Int) -> Float {
        var value = pointSum(shifts[row], slopes[row], x)
        if let added { value += added[place] }
        if value < limits.low { value = limits.low }
        if value > limits.high { value = limits.high }
        if let function { withUnsafeMutablePointer(to: &value) { function.forward($0, to: $0, count: 1) } }
        return value
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

extension ForwardTail {
    /// f on rows of one group whose sums are all stored. Each kernel calls it once for each row and group.
    /// - Parameter y: of the unit.
    @inline(__always)
    func complete(
        _ rows: Range<Int>, _ group: ChunkGroup, sweep: Sweep, y: UnsafeMutablePointer<Float>, rowFloats: Int
    ) {
        if let function { apply(function, rows, group, sweep, y, rowFloats) }
    }

    @inline(never)
    private func apply(
        _ function: ValueFunction, _ rows: Range<Int>, _ group: ChunkGroup, _ sweep: Sweep,
        _ y: UnsafeMutablePointer<Float>, _ rowFloats: Int
    ) {
        let isRun = sweep.outputStride == 16 && (group.chunks <= 4 || sweep.outputHigh == 64)
        for row in rows {
            let line = y + (row &* rowFloats &+ group.output)
            if isRun {
                function.forward(line, to: line, count: group.chunks &* 16)
                continue
            }
            for chunk in 0..<group.chunks {
                let place = line + sweep.output(chunk)
                function.forward(place, to: place, count: 16)
            }
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
