import Sparsity
import Training

/// A run of its own that goes on with what is left of another one: weights, masks and optimizer state.
///
/// A session does it, as it does in the workbench: the journal says so, and undo leads back.
struct ShrunkRun {
    let shrinking: Shrinking
    let threads: Int
    let data: RunData.Choice

    /// - Parameter path: of the new run's folder.
    /// - Throws: what opening and copying a run throws; `Exit` where the session could not do it, which is said then.
    func write(of target: String, to path: String) throws {
        let (recipe, source) = try RunFolder.reopen(target)
        let isFinished = try source.isFinished()
        let copy = try source.copy(to: path)
        source.close()
        var options = Session.Options()
        (options.isInteractive, options.startsPaused) = (true, true)
        (options.threads, options.data) = (threads, data)
        let failure = Locked<String?>(nil)
        options.onMessage = { message in
            switch message.kind {
            case .note: break
            case .warning: Output.error("espalier: \(message.text)")
            case .error: failure.withLock { $0 = $0 ?? message.text }
            }
        }
        let session = Session(recipe: recipe, run: copy, options: options)
        session.start()
        // One that is sealed makes steps again only where that is asked for.
        if isFinished { session.send(.unseal) }
        session.send(.shrink(shrinking))
        session.send(.stop)
        let ending = session.wait()
        if case .failed(let error) = ending {
            copy.discard()
            throw Exit.report(error)
        }
        if let failure = failure.withLock({ $0 }) {
            copy.discard()
            Output.error("espalier: \(failure)")
            throw Exit.failure
        }
        // Last, so that what was cut short is no run, least of all one of the whole network.
        do {
            try copy.begin(recipe)
        } catch {
            copy.discard()
            throw error
        }
    }
}
