import Foundation
import Graph
import Interchange

/// Networks that leave the run: kept on the way, and the final one.
extension Session {
    /// `kept-<step>`, or with a number behind where that is kept already: of another network, if a cut came between.
    func unusedName() throws -> String {
        var number = 1
        while true {
            let path = run.path + "/kept-\(trainer.progress.step)" + (number > 1 ? "-\(number)" : "") + ".safetensors"
            if try KeptNetwork.paths(path).allSatisfy({ try FileKind.at($0) == .absent }) { return path }
            number += 1
        }
    }

    /// A network that is kept takes the place of nothing: of no other that was kept, and of no file of a run.
    func requireOwnName(_ path: String) throws {
        for path in KeptNetwork.paths(path) where try FileKind.at(path) != .absent {
            throw FileProblem(
                path: path, place: "name", found: "something of that name already", expected: "a name of its own")
        }
        let parent = Files.folder(of: path)
        let folder = Files.resolved(parent.isEmpty ? "." : parent) ?? parent
        let here = Files.resolved(run.path) ?? run.path
        let name = Files.name(of: path)
        let isRun = try folder == here || RunFolder.isRun(folder)
        if isRun && (name.hasPrefix("final.") || name.hasPrefix("best."))
            || (folder + "/").hasPrefix(here + "/checkpoints/")
        {
            throw FileProblem(
                path: path, place: "name", found: "one that the run has for itself", expected: "a name of its own")
        }
        AtomicFile.removeLeftOvers(in: folder)
    }

    func keep(_ path: String) throws {
        if let found = trainer.firstNonFinite() {
            throw NotANumber(message: "not kept: the \(found.what) of \(found.node) are NaN or infinite")
        }
        guard path.hasSuffix(".safetensors") else {
            throw FileProblem(path: path, place: "name", found: path, expected: "a name that ends in .safetensors")
        }
        let plan = trainer.plan
        var kept = KeptNetwork(
            layers: trainer.state().layers, parameters: trainer.state().parameters, recipe: recipe, data: plan.data,
            classes: plan.outputs,
            input: plan.data.train.shape, step: trainer.progress.step, facts: facts
        )
        kept.hasOwnGraph = plan.isNarrowed
        kept.ranges = trainer.progress.ranges
        try kept.write(to: path, graph: plan.graph)
        for layer in trainer.network.layers
        where !layer.isDense
            && KeptNetwork.isCompactOnly(total: layer.map.weights, rows: layer.map.rows, nnz: layer.nnz)
        {
            report(
                .note,
                "layer \(layer.name) is written as compressed rows: with its zeros in place it would take "
                    + "\(4 * layer.map.weights / 1_000_000_000) GB")
        }
    }

    private var facts: [String: String] {
        guard !figure.isAccuracy else { return [:] }
        var facts = ["figure": figure.name]
        if let measured = trainer.progress.validation, measured.step == trainer.progress.step {
            facts["validation"] = "\(measured.value)"
        }
        return facts
    }

    /// Evaluates the test set, once, writes the final network and seals the run.
    func finish() throws {
        if trainer.progress.validation?.step != trainer.progress.step { validate() }
        guard try requireFinite() else { return }
        sayWhatWasHeld()
        trainer.progress.closeStretch()
        if trainer.hasStaleStatistics {
            // What is left is what was judged.
            trainer.measureStatistics()
            report(.note, "statistics of batch normalisation were of before the cut: they are measured again")
        }
        try keep(run.final)
        let test = trainer.test()
        var line = metricsLine(validated: true)
        line.event = "finished"
        line.testFigure = test.value
        line.floor = floorVerdict
        try metrics.append(line)
        memory.test = test
        // Sealed: nothing leads back.
        memory.undo = []
        memory.redo = []
        phase = .finished
        save()
        if let saveFailure, !mayPause { throw saveFailure }
        options.onMetrics?(line)
        report(
            .note,
            "finished: test \(figure.named(test.value)) of \(test.count), validation was looked at "
                + (memory.looks == 1 ? "once" : "\(memory.looks) times"))
        // Without a person it is said when the session has ended, as the last thing.
        if options.isInteractive, let missed = makeSnapshot().missedFloor { report(.warning, missed) }
    }
}
