import ArgumentParser
import Dispatch
import Foundation
import Text
import Training

/// Runs a session without a person: prints lines, ends with the figure of the test set. A signal that asks it to end writes a
/// checkpoint first.
struct Headless {
    let json: Bool

    func run(
        _ recipe: Recipe, _ folder: RunFolder, isNew: Bool, _ options: Session.Options, plan: TrainingPlan? = nil
    ) throws {
        let takeSignals = EndingSignals.hold()
        var options = options
        let json = self.json
        let trained = Locked(false)
        let shown = Locked<Double?>(nil)
        options.onMetrics = { line in
            trained.withLock { $0 = true }
            if json {
                Output.json(line.json)
            } else if line.validated {
                // Not every line is shown: its loss is the mean since the last one that was.
                let loss = shown.withLock { last in
                    last = line.lossSinceLook ?? last ?? line.loss
                    return last!
                }
                Output.line(Self.text(line, loss: loss))
            }
        }
        let said = Locked<String?>(nil)
        options.onMessage = { message in
            // What ends the session is reported as it happens and again as its end.
            let isRepeated = said.withLock { last in
                defer { last = message.text }
                return last == message.text
            }
            guard !isRepeated else { return }
            // Lines for people go to standard error where standard output is data.
            Output.error("espalier: step \(message.step): \(message.text)")
        }
        let lastWord = LastWord()
        let session = Session(recipe: recipe, run: folder, options: options, plan: plan)
        let caught = Locked<(numbers: [Int32], first: DispatchTime)>(([], .now()))
        takeSignals { number in
            let (count, since) = caught.withLock { caught in
                if caught.numbers.isEmpty { caught.first = .now() }
                caught.numbers.append(number)
                return (caught.numbers.count, caught.first)
            }
            // Whoever reads the lines may have stopped, and that must not hold up the checkpoint.
            Output.hurry()
            if session.neverBegan, !session.hasEnded, lastWord.take() {
                leaveUnbegun(folder, isNew: isNew, number)
            }
            switch count {
            case 1: session.send(.stop)
            case 2: Output.error("espalier: ending after a checkpoint; asked again in 5 s it ends without one")
            // A key that is held sends dozens.
            default: if DispatchTime.now() > since + 5 { _exit(128 + number) }
            }
        }
        if !json { Output.line("run \(folder.path): \(recipe.name)") }
        session.start()
        let ending = session.wait()
        lastWord.takeOrStay()
        switch ending {
        case .finished(let test):
            if !trained.withLock({ $0 }) { Output.error("espalier: the run was finished before; nothing is trained") }
            let snapshot = session.latestSnapshot()
            let figure = snapshot?.figure ?? .accuracy
            if !json { Output.line("test \(figure.named(test.value)) of \(test.count)") }
            // A floor is a promise about the result.
            if let missed = snapshot?.missedFloor { Output.error("espalier: \(missed)") }
        case .stopped:
            let resume = shellCommand([Output.program, "resume"], on: [folder.path])
            Output.error("espalier: stopped; go on with: \(resume)")
            throw ExitCode(128 + (caught.withLock { $0.numbers.first } ?? SIGTERM))
        case .failed(let error):
            // Already said, with its step, by `onMessage`.
            let code = Exit.report(error, isSaid: true)
            if code == Exit.cannotSave {
                let command = shellCommand([Output.program, "resume"], on: [folder.path])
                Output.error("espalier: \(error.remedy), then go on with: \(command)")
            }
            throw code
        }
    }

    private static func text(_ line: MetricsLine, loss: Double) -> String {
        let format = line.format
        func number(_ value: Double?) -> String { value.map(format.number) ?? "–" }
        return String(
            format: "step %6d  epoch %6.2f  loss %.4f", line.step, line.epoch, loss)
            + (format.isAccuracy ? "" : "  \(format.title)")
            + "  train \(number(line.trainFigure))  val \(number(line.validationFigure))"
            + "  zeros " + Columns.right(Percent.text(line.sparsity), 5) + " %"
            + "  \(line.samplesPerSecond.map { String(format: "%.0f", $0) } ?? "–") img/s"
            + (line.event.map { "  \($0), test \(number(line.testFigure))" } ?? "")
    }
}
