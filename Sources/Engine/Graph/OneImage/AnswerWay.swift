/// How a network that only answers is run: in panels of samples, or one image after the other.
package enum AnswerWay: Sendable, CaseIterable {
    case panels, images
}

/// How long both ways took for a number of samples, and which is next.
package struct WayTimes: Sendable {
    package init() {}

    private var least: [AnswerWay: Double] = [:]
    private var calls = 0

    /// Each way so often before one is chosen, and the other again after so many calls: the machine may have been busy.
    static let tries = 3
    private static let checkEvery = 50

    package var next: AnswerWay {
        if calls < 2 * Self.tries { return calls % 2 == 0 ? .panels : .images }
        let best = chosen
        return calls % Self.checkEvery == 0 ? (best == .panels ? .images : .panels) : best
    }

    package var chosen: AnswerWay { least[.images] ?? .infinity < least[.panels] ?? .infinity ? .images : .panels }

    package mutating func took(_ seconds: Double, _ way: AnswerWay) {
        calls += 1
        // A little more each time, so that a figure of long ago does not stand for ever.
        least[way] = min(least[way].map { $0 * 1.01 } ?? .infinity, seconds)
    }
}
