import Terminal
import Training

/// A map that follows training without flickering: a cell takes another level only when its value had left the old
/// one in two answers running, to the same side.
package struct HeldMap: Sendable {
    /// As it is shown.
    package private(set) var answer: MapAnswer
    /// The end of the scale for small maps, which have none that a person holds.
    package private(set) var maximum: Float
    /// As it was answered last.
    private var latest: [Float]
    /// For each cell, the side on which the answer before lay: -1, 0 or 1.
    private var sides: [Int8]
    private var isReleased = false

    init(_ answer: MapAnswer) {
        self.answer = answer
        maximum = answer.p99
        latest = answer.values
        sides = Array(repeating: 0, count: answer.values.count)
    }

    /// The network became another one: its next map is shown at once.
    mutating func release() { isReleased = true }

    /// The network rests: no answer will come that could confirm a level, so what was answered last is shown.
    mutating func settle() {
        answer.values = latest
        sides = Array(repeating: 0, count: latest.count)
    }

    mutating func receive(_ next: MapAnswer, isMoving: Bool) {
        guard isMoving, !isReleased, next.values.count == answer.values.count else {
            let isOther = isReleased || next.values.count != answer.values.count
            let maximum = maximum
            self = HeldMap(next)
            if !isOther { self.maximum = maximum }
            return
        }
        let shown = answer.values
        answer = next
        answer.values = shown
        latest = next.values
        let levels = HeatMap(
            values: [], rows: 0, columns: 0,
            scale: next.query.quantity == .signed ? .signed(maximum: maximum) : .sequential(maximum: maximum))
        for index in shown.indices {
            let value = next.values[index]
            // What is no number, or was none, is told at once.
            guard value.isFinite, shown[index].isFinite else {
                answer.values[index] = value
                sides[index] = 0
                continue
            }
            let move = levels.ink(value).level - levels.ink(shown[index]).level
            let side = Int8(move.signum())
            let stayed = side != 0 && side == sides[index]
            if stayed { answer.values[index] = value }
            sides[index] = stayed ? 0 : side
        }
    }
}

extension Ink {
    fileprivate var level: Int {
        switch self {
        case .level(let level), .signed(let level): Int(level)
        case .role: 0
        }
    }
}
