import Foundation
import Training

/// Of the threads that may say how the program ends, the first one does.
struct LastWord: Sendable {
    private let isTaken = Locked(false)

    func take() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }

    /// Who has it ends the process, and nobody else does before.
    func takeOrStay() { while !take() { Thread.sleep(forTimeInterval: 60) } }
}

/// Ends the process by a signal while a run is still being prepared: reading data and timing kernels may take minutes,
/// there is nothing to save yet, and so nothing to wait for. A run that has just been made goes.
///
/// - Parameter number: of the signal; nil where a person left.
func leaveUnbegun(_ run: RunFolder, isNew: Bool, _ number: Int32? = nil) -> Never {
    Output.hurry()
    if isNew { run.discard() }
    Output.error("espalier: stopped before the run began; \(isNew ? "nothing was made" : "it is as it was")")
    Output.finish()
    _exit(number.map { 128 + $0 } ?? 0)
}
