import ArgumentParser
import Dispatch
import Foundation
import Training

/// Runs a session without a person: prints lines, ends with the test accuracy. A signal writes a checkpoint first.
struct Headless {
    let json: Bool

    func run(_ recipe: Recipe, _ folder: RunFolder, _ options: Session.Options) throws {
        var options = options
        let json = self.json
        options.onMetrics = { line in
            if json {
                Self.print(line.json)
            } else if line.validated {
                Self.print(Self.text(line))
            }
        }
        options.onMessage = { message in
            // Lines for people go to standard error where standard output is data.
            FileHandle.standardError.write(Data("espalier: step \(message.step): \(message.text)\n".utf8))
        }
        let session = Session(recipe: recipe, run: folder, options: options)
        let caught = Locked<Int32?>(nil)
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                caught.withLock { $0 = number }
                session.send(.stop)
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        if !json { Self.print("run \(folder.path): \(recipe.name)") }
        session.start()
        switch session.wait() {
        case .finished(let test):
            if !json { Self.print(String(format: "test %.2f %% of %d", test.percent, test.count)) }
        case .stopped:
            FileHandle.standardError.write(Data("espalier: stopped; go on with: espalier resume \(folder.path)\n".utf8))
            throw ExitCode(128 + (caught.withLock { $0 } ?? SIGTERM))
        case .failed(let error):
            // Already said, with its step, by `onMessage`.
            throw Exit.report(error, isSaid: true)
        }
    }

    private static func print(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
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
