import Foundation
import Interchange
import Text

extension RunFolder {
    /// Where the state of a run is.
    package enum Saved: Sendable, Equatable {
        /// Nowhere: the run has made no step.
        case nothing
        case checkpoint
        /// In the file that the finished run left; its checkpoint is gone.
        case final
    }

    /// - Throws: `FileProblem` where steps were made and their state is gone, or where that cannot be seen.
    package func saved() throws -> Saved {
        if try FileKind.at(latest) != .absent { return .checkpoint }
        // Only the end of a run writes it.
        let hasFinal = try FileKind.at(final) != .absent
        if hasFinal, isReadOnly { return .final }
        var found = "none, though "
        if let step = try stepsMade() {
            found += "the run made \(step) steps"
        } else if hasFinal {
            found += "the run is finished"
        } else if let name = try traceOfACut() {
            found += "a cut or an undo wrote \(name)"
        } else {
            return .nothing
        }
        throw FileProblem(
            path: latest, place: "checkpoint", found: found,
            expected: "the state they led to" + (hasFinal ? " (\(final) holds the finished network)" : "")
                + Self.howToBeginAnew)
    }

    static let howToBeginAnew =
        "; 'espalier resume --restart' begins at step 0 and goes through the journal again"

    /// A file that only steps and commands lead to.
    private func traceOfACut() throws -> String? {
        guard try FileKind.at(checkpoints) == .folder else { return nil }
        return try Self.names(in: checkpoints).sorted().first { $0.hasPrefix("cut-") || $0.hasPrefix("undo-") }
    }

    /// Files of curves that an undo or redo put aside, of the states from that number on.
    func undoneMetrics(from state: Int) -> [String] {
        let numbers = (Files.names(in: checkpoints) ?? []).compactMap { name -> Int? in
            guard name.hasPrefix("undo-"), name.hasSuffix(".metrics.jsonl") else { return nil }
            return Int(name.dropFirst(5).dropLast(14))
        }
        return numbers.filter { $0 >= state }.sorted().map(undoneMetrics)
    }

    /// Whether the run is sealed and its network in `final`.
    package func isFinished() throws -> Bool {
        guard try FileKind.at(final) != .absent, try FileKind.at(metrics) != .absent else { return false }
        let last = try JSONLines.read(metrics).lines.last
        return last?.text.flatMap { MetricsLine(json: $0) }?.event == "finished"
    }

    /// The highest step that journal or metrics speak of; nil where nothing was done.
    private func stepsMade() throws -> Int? {
        struct Stepped: Decodable {
            var step: Int
        }
        var steps: [Int] = []
        for path in [journal, metrics] where try FileKind.at(path) != .absent {
            for line in try JSONLines.read(path).lines {
                let known = line.text.flatMap { try? JSONDecoder().decode(Stepped.self, from: Data($0.utf8)) }
                if let known, known.step > 0 || line.text?.contains("\"command\"") == true { steps.append(known.step) }
            }
        }
        return steps.max()
    }

    /// Gives the checkpoint, the curve and the final network of a run that is to begin anew other names.
    func setStateAside() throws {
        let kinds =
            [(latest, ".safetensors"), (metrics, ".metrics.jsonl")]
            + zip(KeptNetwork.paths(final), KeptNetwork.paths("-final.safetensors"))
        var number = 1
        func aside(_ kind: String) -> String { checkpoints + "/set-aside-\(number)" + kind }
        while try kinds.contains(where: { try FileKind.at(aside($0.1)) != .absent }) { number += 1 }
        for (path, kind) in kinds where try FileKind.at(path) != .absent {
            guard rename(path.cPath, aside(kind).cPath) == 0 else {
                throw FileProblem.system(path, "renaming", expected: "a place for it")
            }
        }
    }
}
