import Foundation

/// A network whose numbers are none is nothing to go on with, nor to save.
extension Session {
    /// After a step whose loss was no number.
    func stopAtLastGood() throws {
        let layer = trainer.firstNonFiniteLayer()
        try goBack(
            "the loss became NaN or infinite after step \(trainer.progress.step), first in layer \(layer)", layer: layer
        )
        save()
        try endWithoutAPerson()
    }

    /// Looks at all that a checkpoint holds, and goes back to the last good state where some of it is no number.
    /// - Returns: whether the state at hand may be gone on with and saved.
    func requireFinite(statisticsOnly: Bool = false) throws -> Bool {
        guard let found = statisticsOnly ? trainer.firstNonFiniteStatistic() : trainer.firstNonFinite() else {
            return true
        }
        try goBack(
            "the \(found.what) of \(found.node) became NaN or infinite by step \(trainer.progress.step)",
            layer: found.node)
        save()
        try endWithoutAPerson()
        return false
    }

    private func goBack(_ what: String, layer: String) throws {
        // The file first: where it cannot be written the network is still that of the curve.
        try metrics.cut(to: (lastGood?.progress ?? trainer.progress).step)
        if let lastGood { trainer.restore(lastGood) }
        phase = .notANumber(layer: layer)
        guard trainer.firstNonFinite() == nil else {
            return report(
                .error, "\(what); so it was in the checkpoint that the run went on from: take back a cut, or start anew"
            )
        }
        report(
            .error,
            "\(what); the network stands at step \(trainer.progress.step), the last good one; "
                + "a lower rate may help: --set learning-rate.rate=…")
    }

    private func endWithoutAPerson() throws {
        if !options.isInteractive { throw NotANumber(message: messages.last { $0.kind == .error }?.text ?? "") }
    }
}

package struct NotANumber: Error, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}
