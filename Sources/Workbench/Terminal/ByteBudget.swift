/// Keeps what the screen writes within so many bytes a second: maps are painted less often first, then figures.
/// What a key asks for is never held back.
package struct ByteBudget: Sendable {
    package let bytesPerSecond: Double
    /// Bytes of each frame within the latest second, and when it was painted.
    private var frames: [(bytes: Int, at: Double)] = []
    /// Intervals are so many times their least, a power of two.
    private var stretch = 1.0
    private var changedAt = -Double.infinity

    private static let window = 1.0
    /// Maps once in 4 seconds; figures are held back only beyond that.
    private static let mapMost = 8.0
    private static let most = 32.0

    package init(bytesPerSecond: Double) { self.bytesPerSecond = bytesPerSecond }

    /// 64 KB/s where the way is long, 256 KB/s at home.
    package init(_ environment: [String: String]) {
        let isRemote = environment["SSH_CONNECTION"]?.isEmpty == false
        self.init(bytesPerSecond: (isRemote ? 64 : 256) * 1024)
    }

    /// Seconds between two maps of the same place.
    package var mapInterval: Double { 0.5 * min(stretch, Self.mapMost) }
    /// Seconds between two paints of data.
    package var dataInterval: Double { 0.25 * max(1, stretch / Self.mapMost) }

    /// - Parameter now: Seconds of any clock.
    package mutating func wrote(_ bytes: Int, now: Double) {
        frames.append((bytes, now))
        frames.removeAll { $0.at <= now - Self.window }
        // A change needs a window of its own to show in what is written.
        guard now >= changedAt + Self.window * min(stretch, 4) else { return }
        let rate = Double(frames.reduce(0) { $0 + $1.bytes }) / Self.window
        if rate > bytesPerSecond, stretch < Self.most {
            stretch *= 2
            changedAt = now
        } else if rate < bytesPerSecond / 3, stretch > 1 {
            stretch /= 2
            changedAt = now
        }
    }
}
