import Foundation
import Graph
import Kernels
import Sparsity
import Testing
import Training

/// Methods that exchange weights, in runs with the auditor.
@Suite struct ExchangeRunTests {
    static let methods = [
        "set": "{name: set, every: 6}",
        "rigl": "{name: rigl, every: 6}",
        "gse": "{name: gse, every: 6, until: 0.9}",
    ]
    static let names = methods.keys.sorted()
    /// Of which the number of weights may change.
    static let others = [
        "chts": "{name: chts, every: 6}",
        "granet": "granet",
        "mest": "{name: mest, every: 6, surplus: 0.05}",
        "srigl": "{name: srigl, every: 6}",
    ]

    private static func lines(_ name: String) -> String {
        let schedule =
            name == "granet"
            ? "{name: cubic, initial: 0.4, final: 0.8, begin: 0, end: 42, every: 6}" : "{name: constant, final: 0.8}"
        return "method: \((methods[name] ?? others[name])!)\nschedule: \(schedule)\ndistribution: erk"
    }

    @Test func masksBeginAsReceptiveFields() throws {
        let plan = try plan("method: {name: chts, field: 0}\nschedule: {name: constant, final: 0.9}")
        let first = Trainer(plan, team: Team(size: 1)).state().layers[0].arrays
        let wanted = ReceptiveField.positions(
            rows: 24, columns: 64, count: first.values.count, spread: 0, seed: plan.recipe.seed, layer: 0)
        #expect(first.indices == wanted && wanted.count < 200)
    }

    @Test(arguments: names + others.keys.sorted()) func aRunEndsTheSame(name: String) throws {
        let folder = TemporaryFolder()
        let recipe = try digits(Self.lines(name))
        let points = [5, 6, 7, 31, 44]
        try Play(
            recipe, in: folder("whole"), threads: 2, interactive: false,
            copies: points.map { ($0, folder("copy-\($0)")) }
        ).end()
        #expect(contents(folder("whole/final.safetensors")) != nil)
        try Play(recipe, in: folder("one"), threads: 1, interactive: false).end()
        expectSame(folder("whole"), folder("one"), "\(name), one thread")
        for point in points {
            try Play(in: folder("copy-\(point)"), interactive: false).end()
            expectSame(folder("whole"), folder("copy-\(point)"), "\(name), killed at \(point)")
        }
        for stop in [6, 18] {
            let path = folder("stopped-\(stop)")
            try Play(recipe, in: path, interactive: false, [.init(stop, .stop)]).end()
            try Play(in: path, threads: 2, interactive: false).end()
            expectSame(folder("whole"), path, "\(name), stopped at \(stop)")
        }
    }

    /// Below the floor nothing is cut; weights are exchanged all the same.
    @Test(arguments: names) func aFloorHoldsNoExchange(name: String) throws {
        let folder = TemporaryFolder()
        try Play(digits(Self.lines(name) + "\nfloor: 99.9"), in: folder("run"), interactive: false).end()
        let journal = String(decoding: contents(folder("run/journal.jsonl"))!, as: UTF8.self)
        #expect(journal.components(separatedBy: "\"change\"").count > 3, "\(journal)")
    }

    /// Sparse from the first array on, the same number of weights in each layer throughout, and other ones at the end.
    @Test(arguments: names, ["mlp-64-24-16-10", "resnet-8"]) func theNumberOfWeightsStays(
        name: String, network: String
    ) throws {
        let trainer = Trainer(try plan(Self.lines(name), network: network), team: Team(size: 2))
        let counts = trainer.network.layers.map(\.nnz), masks = trainer.network.layers.map { $0.liveIndices() }
        #expect(counts.reduce(0, +) < trainer.total / 4 && trainer.plan.startCounts == counts)
        var changed = 0
        for _ in 0..<20 {
            _ = try trainer.step()
            for decision in trainer.decisions() {
                guard let changes = try trainer.changes(for: decision) else { continue }
                trainer.apply(changes, event: 1)
                changed += 1
            }
            #expect(trainer.network.layers.map(\.nnz) == counts)
        }
        #expect(changed == 3 && trainer.network.layers.map { $0.liveIndices() } != masks)
    }

    @Test func theTargetIsReached() throws {
        for (name, sparsity) in [("granet", 0.8), ("mest", 0.8), ("srigl", 0.8), ("chts", 0.8)] {
            let trainer = Trainer(try plan(Self.lines(name)), team: Team(size: 1))
            #expect(trainer.sparsity > 0.3, "\(name)")
            for _ in 0..<60 {
                _ = try trainer.step()
                for decision in trainer.decisions() {
                    if let changes = try trainer.changes(for: decision) { trainer.apply(changes, event: 1) }
                }
            }
            #expect(abs(trainer.sparsity - sparsity) < 0.03, "\(name): \(trainer.sparsity)")
            guard name == "srigl" else { continue }
            // As many in every row that has some.
            for layer in trainer.network.layers where !layer.isDense {
                let rows = Dictionary(grouping: layer.liveIndices()!) { $0 / layer.map.columns }.values.map(\.count)
                #expect(Set(rows).count == 1, "\(layer.name): \(rows)")
            }
        }
    }

    /// Against the paper, with the gradient of a dense copy and sorted lists.
    @Test(arguments: ["sgd", "adam"]) func rigLIsThePapers(optimizer: String) throws {
        let lines = """
            schedule: {name: constant, final: 0.7}
            distribution: erk
            method: {name: rigl, every: 4, drop: 0.5}
            """
        let plan = try made(lines, optimizer: optimizer), densePlan = try made("", optimizer: optimizer)
        let trainer = Trainer(plan, team: Team(size: 2)), dense = Trainer(densePlan, team: Team(size: 1))
        let slots = trainer.network.layers[0].slots.count
        var decided = 0
        for step in 1...60 {
            let before = trainer.state()
            let isUpdate = step % 4 == 0 && step < 45
            if isUpdate {
                dense.restore(before.withAPlaceForEveryWeight())
                _ = try dense.step()
            }
            _ = try trainer.step()
            let decisions = trainer.decisions()
            // At the end of the way the share of a layer's weights is none of them.
            #expect(decisions.count <= (isUpdate ? 1 : 0))
            decided += decisions.count
            guard isUpdate else { continue }
            for decision in decisions {
                if let changes = try trainer.changes(for: decision) { trainer.apply(changes, event: 1) }
            }
            let share = 0.25 * (1 + cos(Double.pi * Double(step) / 45))
            for (number, layer) in before.layers.enumerated() {
                let total = layer.total, positions = layer.arrays.indices ?? Array(0..<total)
                let gradient = dense.network.layers[number].liveGradient()
                let count = Int(share * Double(positions.count))
                let byWeight = positions.indices.sorted {
                    (abs(layer.arrays.values[$0]), $0) < (abs(layer.arrays.values[$1]), $1)
                }
                var mask = Set(byWeight.dropFirst(count).map { positions[$0] })
                let outside = (0..<total).filter { !mask.contains($0) }
                    .sorted { (abs(gradient[$0]), -$0) > (abs(gradient[$1]), -$1) }
                mask.formUnion(outside.prefix(count))
                let after = trainer.state().layers[number].arrays
                #expect(after.indices ?? Array(0..<total) == mask.sorted(), "step \(step), \(layer.name)")
                // The step changed no value, no bias and no slot; what is new begins at zero.
                let places = Dictionary(uniqueKeysWithValues: zip(positions, positions.indices))
                func expected(_ array: [Float]) -> [Float] { mask.sorted().map { places[$0].map { array[$0] } ?? 0 } }
                #expect(after.values == expected(layer.arrays.values) && after.bias == layer.arrays.bias)
                for slot in 0..<slots { #expect(after.slots[slot] == expected(layer.arrays.slots[slot])) }
            }
        }
        #expect(decided > 5)
    }

    private func made(_ lines: String, optimizer: String) throws -> TrainingPlan {
        let yaml = try digits(lines).yaml
        return try TrainingPlan(
            RecipeReader.read(yaml, file: "digits", name: "digits", changes: ["optimizer=\(optimizer)"]))
    }
}
