/// How long nothing came. Only silence that somebody looked at counts: bytes that lay there while the program was busy
/// or stopped were not late.
struct Silence {
    /// A key that comes sooner after ESC was Alt and that key, torn by the line.
    static let torn = Duration.milliseconds(150)
    /// A person who presses Esc to be rid of something waits so long before and after.
    static let aroundEscape = Duration.milliseconds(500)
    /// Nothing but an introducer came, or less.
    static let unsure = Duration.seconds(2)
    /// A single byte after it is a key, whatever is still open: a person types so, and lines do not rest so long.
    static let person = Duration.seconds(12)
    /// Whatever is open is given up.
    static let most = Duration.seconds(30)
    private static let depths = [torn, aroundEscape, unsure, person, most]

    private var latest = ContinuousClock.now
    /// When the escape delay was over.
    private var noticed: ContinuousClock.Instant?
    private var lookedAt: ContinuousClock.Instant?

    /// Beyond the escape delay.
    var lasted: Duration? {
        guard let noticed, let lookedAt else { return nil }
        return lookedAt - noticed
    }

    func isFor(_ duration: Duration) -> Bool { lasted.map { $0 >= duration } ?? false }

    mutating func end(at now: ContinuousClock.Instant) {
        latest = now
        noticed = nil
        lookedAt = nil
    }

    mutating func look(at now: ContinuousClock.Instant) {
        noticed = noticed ?? now
        lookedAt = now
    }

    /// When to look next; `nil` once it cannot mean more.
    func nextLook(escapeDelay: Duration) -> ContinuousClock.Instant? {
        guard let noticed, let lasted else { return latest + escapeDelay }
        return Silence.depths.first { $0 > lasted }.map { noticed + $0 }
    }
}
