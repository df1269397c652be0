import Descriptors
import Graph
import Interchange
import Kernels
import Sparsity
import Testing
import Training

/// Every method there is, under the auditor: a new one is covered by its line in the list.
@Suite struct EveryMethodTests {
    /// What has no default, by name.
    private static let needed = ["end": 44, "phase": 9, "every": 20]
    /// Those that begin dense and are cut on their way.
    private static let gradual: Set = ["one-shot", "gradual-magnitude", "granet", "movement"]

    private func lines(_ type: any Sparsity.Method.Type) -> String {
        let name = type.descriptor.name
        let given = type.descriptor.parameters.filter { $0.fallback == nil && !$0.isOptional }
            .map { ", \($0.name): \(Self.needed[$0.name]!)" }
        var lines = "method: {name: \(name)\(given.joined())}"
        if type.usesSchedule {
            lines +=
                Self.gradual.contains(name)
                ? "\nschedule: {name: cubic, initial: 0.1, final: 0.6, begin: 5, end: 41, every: 6}"
                : "\nschedule: {name: constant, final: 0.6}"
        }
        return name == "movement" ? lines + "\ncriterion: movement" : lines
    }

    /// `digits` audits each step: a weight, gradient or slot outside the mask ends the run.
    @Test(arguments: Methods.all.map { $0.descriptor.name }) func neitherThreadsNorKillsChangeAByte(name: String) throws
    {
        let type = try #require(Methods.all.first { $0.descriptor.name == name })
        let folder = TemporaryFolder(), recipe = try digits(lines(type)), points = [6, 23, 41]
        #expect(recipe.audits)
        let whole = try Play(
            recipe, in: folder("whole"), threads: 1, interactive: false,
            copies: points.map { ($0, folder("killed-\($0)")) })
        guard case .finished = try whole.end() else {
            Issue.record("\(name): \(whole.messages)")
            return
        }
        for threads in [2, 3] {
            try Play(recipe, in: folder("\(threads)"), threads: threads, interactive: false).end()
            expectSame(folder("whole"), folder("\(threads)"), "\(name), \(threads) threads")
        }
        for (place, point) in points.enumerated() {
            let killed = folder("killed-\(point)")
            try Play(in: killed, threads: 1 + place, interactive: false).end()
            expectSame(folder("whole"), killed, "\(name), killed at \(point)")
        }
    }

    /// Weights that are made of others begin with those of a sparse file, and stay inside its mask.
    @Test func latentMethodsBeginWithASparseFile() throws {
        let folder = TemporaryFolder()
        let sparse = "method: one-shot\nschedule: {name: one-shot, final: 0.5, at: 15}\nstop-after: 20"
        try Play(digits(sparse), in: folder("sparse"), interactive: false).end()
        let given = try KeptNetwork.read(folder("sparse/final.safetensors"))
        let start = StartChoice(path: folder("sparse"), isUnmasked: false)
        for type in Methods.all where type is any LatentMethod.Type {
            let name = type.descriptor.name
            let plan = try TrainingPlan(digits(lines(type)), start: start)
            var ends: [[LayerState]] = []
            for threads in [1, 2] {
                let path = folder("\(name)-\(threads)")
                let play = try Play(plan.recipe, in: path, threads: threads, interactive: false, plan: plan)
                guard case .finished = try play.end() else {
                    Issue.record("\(name): \(play.messages)")
                    continue
                }
                ends.append(try KeptNetwork.read(path + "/final.safetensors").layers)
            }
            #expect(ends.count == 2 && ends.first == ends.last, "\(name)")
            for (layer, held) in zip(ends.first ?? [], given.layers) {
                let mask = Set(held.arrays.indices ?? Array(0..<held.total))
                #expect((layer.arrays.indices ?? Array(0..<layer.total)).allSatisfy(mask.contains), "\(name)")
            }
        }
    }
}
