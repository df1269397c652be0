import Dispatch

/// All that a preview sees of a session.
protocol WeightSource: AnyObject, Sendable {
    /// The folder of the run; other runs lie beside it.
    var folder: String { get }

    /// Asks for a copy of the weights at the next step boundary, delivered on a queue of the source; nil where it ended before.
    /// With a `hold` the next step waits until it is signalled, or 50 ms.
    ///
    /// - Returns: false where the source is over, or has too much to do.
    func request(
        _ extent: NetworkCopy.Extent, hold: DispatchSemaphore?, _ deliver: @escaping @Sendable (NetworkCopy?) -> Void
    ) -> Bool

    /// Whether nothing, or nothing but steps within so many seconds, came after a copy. May be called on any thread.
    func isCurrent(_ copy: NetworkCopy, seconds: Double) -> Bool
}
