/// What a workbench may do with a session, and all it may do: send commands, take the latest snapshot, ask questions.
/// Every value that crosses is `Codable` and `Sendable`, so a remote session is only another port.
package protocol SessionPort: AnyObject, Sendable {
    /// Queues a command; it is executed at the next step boundary. Never blocks.
    func send(_ command: Command)

    /// The newest snapshot, or nil before the first. Latest wins: a stalled reader costs the session nothing.
    func latestSnapshot() -> Snapshot?

    /// Answers on a queue of the engine, never on the caller's thread; `reply` may be called more than once (a
    /// measurement on 2,000 images, then on all). A newer question of the same `Query.kind` cancels the older one.
    func ask(_ query: Query, reply: @escaping @Sendable (Answer) -> Void)

    /// Cancels what is under way for this kind of question.
    func cancel(_ kind: Query.Kind)

    /// Called (on any thread) whenever a new snapshot can be taken.
    func onSnapshot(_ wake: @escaping @Sendable () -> Void)
}
