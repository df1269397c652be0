import ArgumentParser
import Dispatch
import Foundation
import Training

/// Runs a session without a person: prints lines, ends with the test accuracy. A signal writes a checkpoint first.
struct Headless {
    let json: Bool

    private static let signals: sigset_t = {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        return signals
    }()

    func run(
        _ recipe: Recipe, _ folder: RunFolder, _ options: Session.Options, plan: TrainingPlan? = nil
    ) throws {
        var signals = Self.signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var options = options
        let json = self.json
        let trained = Locked(false)
        options.onMetrics = { line in
            trained.withLock { $0 = true }
            if json {
                Self.print(line.json)
            } else if line.validated {
                Self.print(Self.text(line))
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
        let session = Session(recipe: recipe, run: folder, options: options, plan: plan)
        let caught = Locked<Int32?>(nil)
        // Blocked before any other thread starts and waited for by one: none is lost while the session starts.
        Thread.detachNewThread {
            var signals = Self.signals
            while true {
                var number: Int32 = 0
                guard sigwait(&signals, &number) == 0 else { continue }
                let isSecond = caught.withLock { first in
                    defer { first = first ?? number }
                    return first != nil
                }
                if isSecond { _exit(128 + number) }
                session.send(.stop)
            }
        }
        if !json { Self.print("run \(folder.path): \(recipe.name)") }
        session.start()
        switch session.wait() {
        case .finished(let test):
            if !trained.withLock({ $0 }) { Output.error("espalier: the run was finished before; nothing is trained") }
            if !json { Self.print(String(format: "test %.2f %% of %d", test.percent, test.count)) }
        case .stopped:
            Output.error("espalier: stopped; go on with: \(Output.program) resume \(folder.path)")
            throw ExitCode(128 + (caught.withLock { $0 } ?? SIGTERM))
        case .failed(let error):
            // Already said, with its step, by `onMessage`.
            throw Exit.report(error, isSaid: true)
        }
    }

    private static func print(_ line: String) {
        Output.line(line)
    }

    private static func text(_ line: MetricsLine) -> String {
        func number(_ value: Double?, _ format: String) -> String { value.map { String(format: format, $0) } ?? "–" }
        return String(format: "step %6d  epoch %6.2f  loss %.4f", line.step, line.epoch, line.loss)
            + "  train \(number(line.trainAccuracy, "%.2f"))  val \(number(line.validationAccuracy, "%.2f"))"
            + String(format: "  zeros %5.1f %%", 100 * line.sparsity)
            + "  \(number(line.samplesPerSecond, "%.0f")) img/s"
            + (line.event.map { "  \($0), test \(number(line.testAccuracy, "%.2f"))" } ?? "")
    }
}
