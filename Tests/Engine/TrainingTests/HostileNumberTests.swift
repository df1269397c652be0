import Foundation
import Graph
import Interchange
import Testing
import Training

/// Files of a run, forged with a right checksum: each number in them in turn is one that it cannot be. The run is refused
/// with a sentence that names the file, or it opens, trains, cuts, undoes and is saved.
@Suite struct HostileNumberTests {
    /// A paused run whose checkpoint has something in every place, with undo and redo behind it.
    private func prepared() throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let play = try Play(
            digits("floor: 50"), in: folder("run"), [.init(12, .cut(keep(1500))), .init(14, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [Command.cut(keep(900)), .undo, .cutAndRetrain(keep(1000))] { try play.send(command) }
        _ = try play.snapshot { $0.retrainReport != nil && $0.phase == .paused }
        for command in [Command.cut(keep(700)), .cut(keep(600)), .undo, .cutAndRetrain(keep(650)), .pause] {
            try play.send(command)
        }
        try play.stop()
        return folder
    }

    private var hostile: [Any] {
        [
            Int.min, Int.max, -1, 0, 1, 1 << 53, 1 << 48, 0.5, -0.5, 1e300, -1e300, 1e18,
        ]
    }

    /// Of a JSON value: where its numbers are.
    private func places(_ value: Any, _ path: [Any] = []) -> [[Any]] {
        if let object = value as? [String: Any] {
            return object.keys.sorted().flatMap { places(object[$0]!, path + [$0]) }
        }
        if let array = value as? [Any] {
            // All are alike: the first and the last.
            return Set([0, array.count - 1]).sorted().filter(array.indices.contains).flatMap {
                places(array[$0], path + [$0])
            }
        }
        guard let number = value as? NSNumber, isNumber(number) else { return [] }
        return [path]
    }
    private func isNumber(_ number: NSNumber) -> Bool { String(cString: number.objCType) != "c" }

    private func setting(_ value: Any, at path: ArraySlice<Any>, to new: Any) -> Any {
        guard let key = path.first else { return new }
        if var object = value as? [String: Any], let key = key as? String {
            object[key] = setting(object[key]!, at: path.dropFirst(), to: new)
            return object
        }
        var array = value as! [Any]
        array[key as! Int] = setting(array[key as! Int], at: path.dropFirst(), to: new)
        return array
    }

    /// Of a JSON text: the same with each of its numbers in turn hostile.
    private func forged(_ text: String) throws -> [(place: String, text: String)] {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try places(value).flatMap { path in
            try hostile.map { number in
                let forged = setting(value, at: path[...], to: number)
                let data = try JSONSerialization.data(withJSONObject: forged, options: [.sortedKeys])
                return (
                    "\(path.map { "\($0)" }.joined(separator: ".")) = \(number)", String(decoding: data, as: UTF8.self)
                )
            }
        }
    }

    private func checked(_ file: TensorFile) -> TensorFile {
        TensorFile(sealing: file.tensors, metadata: file.metadata, path: file.path)
    }

    /// Opens the run and does with it what a person does.
    /// - Returns: the sentence that it was refused with, if it was.
    private func use(_ path: String) throws -> String? {
        let play: Play
        do {
            play = try Play(in: path, startsPaused: true)
        } catch {
            return "\(error)"
        }
        try play.until {
            play.session.hasEnded
                || play.session.latestSnapshot().map { !$0.layers.isEmpty && $0.phase.waits } ?? false
        }
        if play.session.hasEnded {
            guard case .failed(let error) = try play.end() else { return nil }
            return "\(error)"
        }
        for command in [
            Command.undo, .redo, .cut(keep(500)), .trainOn(steps: 3), .pause, .cut(keep(800)), .undo, .setFloor(10),
            .trainOn(steps: 2), .pause,
        ] { try play.send(command) }
        _ = try play.ask(.summary(keep(400)))
        _ = try play.ask(.histogram(HistogramQuery(scope: .global, draft: keep(400), bins: 9)))
        _ = try play.ask(.measure(keep(400)))
        try play.stop()
        return nil
    }

    @Test(arguments: ["progress", "session"]) func aCheckpointIsRefusedOrWorks(_ part: String) throws {
        let folder = try prepared()
        let file = try Safetensors.read(folder("run/checkpoints/latest.safetensors"))
        let network = Trainer(try plan("floor: 50"), team: .init(size: 1)).network
        let work = TemporaryFolder()
        var refused = 0, worked = 0
        for (number, (place, text)) in try forged(file.text(part)).enumerated() {
            var metadata = file.metadata
            metadata[part] = text
            let path = work("forged.safetensors")
            try Safetensors.write(checked(TensorFile(tensors: file.tensors, metadata: metadata)), to: path)
            do {
                _ = try Checkpoint.read(path, network: network)
            } catch let problem as FileProblem {
                #expect(problem.path == path && problem.place.hasPrefix("metadata '"), "\(place): \(problem)")
                refused += 1
                continue
            }
            let run = work("\(number)")
            copyRun(folder("run"), to: run)
            try Safetensors.write(
                checked(TensorFile(tensors: file.tensors, metadata: metadata)),
                to: run + "/checkpoints/latest.safetensors")
            if let sentence = try use(run) { #expect(sentence.contains(run), "\(place): \(sentence)") }
            worked += 1
        }
        #expect(refused > 50 && worked > 5, "\(part): \(refused) refused, \(worked) worked")
    }

    /// Weights, optimizer state and biases that are no numbers, in a checkpoint and in what undo goes back to.
    @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude])
    func arraysOfNoNumbersStopNothing(_ value: Float) throws {
        let folder = try prepared()
        for name in ["latest", "undo"] {
            let work = TemporaryFolder()
            copyRun(folder("run"), to: work("run"))
            for entry in try FileManager.default.contentsOfDirectory(atPath: work("run/checkpoints"))
            where entry.hasPrefix(name) && entry.hasSuffix(".safetensors") {
                let path = work("run/checkpoints/" + entry)
                let file = try Safetensors.read(path)
                let tensors = file.tensors.map { tensor in
                    tensor.floats.map { Tensor(tensor.name, $0.map { _ in value }, shape: tensor.shape) } ?? tensor
                }
                try Safetensors.write(checked(TensorFile(tensors: tensors, metadata: file.metadata)), to: path)
            }
            _ = try use(work("run"))
        }
    }

    @Test func aCutFileIsRefusedOrWorks() throws {
        let folder = try prepared()
        let cuts = try FileManager.default.contentsOfDirectory(atPath: folder("run/checkpoints"))
            .filter { $0.hasPrefix("cut-") }
        let cut = try #require(cuts.first)
        let file = try Safetensors.read(folder("run/checkpoints/" + cut))
        var forged: [TensorFile] = []
        for key in ["id", "event", "step"] {
            for number in hostile {
                var metadata = file.metadata
                metadata[key] = "\(number)"
                forged.append(TensorFile(tensors: file.tensors, metadata: metadata))
            }
        }
        for value in [UInt64.max, 1 << 63, 1 << 40] {
            forged.append(
                TensorFile(
                    tensors: file.tensors.map { tensor in
                        tensor.words.map { Tensor(tensor.name, $0.map { _ in value }) } ?? tensor
                    }, metadata: file.metadata))
        }
        for value in [Float.nan, .infinity] {
            forged.append(
                TensorFile(
                    tensors: file.tensors.map { tensor in
                        tensor.floats.map { Tensor(tensor.name, $0.map { _ in value }) } ?? tensor
                    }, metadata: file.metadata))
        }
        for (number, file) in forged.enumerated() {
            let work = TemporaryFolder()
            copyRun(folder("run"), to: work("run"))
            try Safetensors.write(checked(file), to: work("run/checkpoints/" + cut))
            _ = try use(work("run"))
            #expect(number < forged.count)
        }
    }

    @Test func linesOfMetricsAreRefusedOrDrawn() throws {
        let folder = try prepared()
        let lines = try JSONLines.read(folder("run/metrics.jsonl")).lines.compactMap(\.text)
        for (place, text) in try forged(try #require(lines.last)) {
            let work = TemporaryFolder()
            copyRun(folder("run"), to: work("run"))
            try AtomicFile.write(
                Array((lines.dropLast() + [text]).map { $0 + "\n" }.joined().utf8), to: work("run/metrics.jsonl"))
            let play: Play
            do {
                play = try Play(in: work("run"), startsPaused: true)
            } catch {
                #expect("\(error)".contains("metrics.jsonl"), "\(place): \(error)")
                continue
            }
            try play.until {
                play.session.hasEnded || play.session.latestSnapshot().map { !$0.layers.isEmpty } ?? false
            }
            for point in play.session.latestSnapshot()?.curve ?? [] {
                #expect(
                    (0...1 << 48).contains(point.step) && (0...100).contains(point.validationFigure ?? 0), "\(place)")
                #expect((0...1).contains(point.sparsity) && (0...1e15).contains(point.elapsedSeconds), "\(place)")
            }
            try play.stop()
        }
    }

    @Test func linesOfTheJournalAreRefusedOrWork() throws {
        let folder = try prepared()
        let lines = try JSONLines.read(folder("run/journal.jsonl")).lines.compactMap(\.text)
        let last = try #require(
            lines.last.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) } as? [String: Any])
        let step = try #require(last["step"] as? Int)
        var texts = [
            #"{"command":{"cut":{"_0":{"anchor":{"kept":{"_0":700}},"scope":{"global":{}}}}},"step":\#(step)}"#,
            #"{"command":{"cut":{"_0":{"anchor":{"threshold":{"_0":0.1}},"scope":{"global":{}}}}},"step":\#(step)}"#,
            #"{"command":{"setFloor":{"_0":50}},"step":\#(step)}"#,
            #"{"command":{"trainOn":{"steps":5}},"step":\#(step)}"#,
            #"{"record":{"kept":5,"kind":"cut"},"step":\#(step)}"#,
        ]
        texts = try texts.flatMap { try forged($0).map(\.text) }
        for text in texts {
            let work = TemporaryFolder()
            copyRun(folder("run"), to: work("run"))
            try AtomicFile.write(
                Array((lines + [text]).map { $0 + "\n" }.joined().utf8), to: work("run/journal.jsonl"))
            _ = try use(work("run"))
        }
        #expect(texts.count > 50)
    }

    /// The cache of kernel times belongs to nobody in particular: whatever stands in it, layers get kernels.
    @Test func aCacheOfKernelTimesIsReadOrPassedOver() throws {
        let work = TemporaryFolder()
        let recipe = try digits()
        let first = try Play(
            recipe, in: work("run"), interactive: false, kernelTimes: KernelTimes(path: work("times.json")),
            [.init(12, .cut(keep(1900)))])
        try first.end()
        let text = try #require(contents(work("times.json")).map { String(decoding: $0, as: UTF8.self) })
        for (place, forged) in try forged(text) {
            try AtomicFile.write(Array(forged.utf8), to: work("forged.json"))
            let times = KernelTimes(path: work("forged.json")) { shape, densities in
                KernelCosts(
                    dense: .init(forward: 1, inputGradient: 1, weightGradient: 1),
                    points: densities.map {
                        .init(
                            density: $0, sparse: .init(forward: 2, inputGradient: 2, weightGradient: 2), scatter: 0.1,
                            gather: 0.1)
                    })
            }
            let trainer = Trainer(try plan(), team: .init(size: 1), kernelTimes: times)
            let flags = try #require(try trainer.changes(for: .cut(sparsity: 0.1)), "\(place)")
            trainer.apply(flags, event: 1)
            #expect(try trainer.step().isFinite)
        }
    }
}

extension Snapshot.Phase {
    fileprivate var waits: Bool {
        switch self {
        case .paused, .outOfSteps, .finished, .failed, .notANumber: true
        default: false
        }
    }
}
