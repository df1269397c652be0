import Graph
import Kernels
import Sparsity
import Testing
import Training

/// Nothing of a cut weight is held, and nothing brings it back.
@Suite struct SparseTests {
    private func cut(_ trainer: Trainer, to sparsity: Double) throws {
        let keep = try #require(try trainer.changes(for: .cut(sparsity: sparsity)))
        trainer.apply(keep, event: 1)
    }

    @Test func memoryFollowsTheWeightsThatAreLeft() throws {
        let trainer = Trainer(try plan(), team: Team(size: 1))
        for _ in 0..<3 { _ = try trainer.step() }
        let dense = trainer.network.layers.map { $0.bytes }
        var sizes: [Int] = []
        for sparsity in [0.5, 0.9, 0.99] {
            try cut(trainer, to: sparsity)
            #expect(trainer.nnz == 2080 - Int((sparsity * 2080).rounded()))
            for layer in trainer.network.layers {
                #expect(!layer.isDense)
                #expect(layer.values.count == layer.nnz && layer.gradient.count == layer.nnz)
                #expect(layer.slots.count == 1 && layer.slots[0].count == layer.nnz)
                #expect(layer.live().indices?.count == layer.nnz)
            }
            sizes.append(trainer.network.layers.reduce(0) { $0 + $1.bytes })
            _ = try trainer.step()
        }
        #expect(sizes[0] > sizes[1] && sizes[1] > sizes[2])
        // Of the pattern only what is a row's is left besides: 50 rows.
        #expect(sizes[2] < dense.reduce(0, +) / 4)
    }

    /// Momentum is large and decay pulls: with dense state under a mask both would move what was cut.
    @Test func whatIsCutStaysZeroUnderMomentumAndDecay() throws {
        let trainer = Trainer(
            try plan("learning-rate: {name: constant, rate: 0.2}"), team: Team(size: 2))
        for _ in 0..<10 { _ = try trainer.step() }
        try cut(trainer, to: 0.8)
        let masks = trainer.network.layers.map { $0.liveIndices() }
        let before = trainer.network.layers.map { $0.live().values }
        for _ in 0..<60 { _ = try trainer.step() }
        #expect(trainer.network.layers.map { $0.liveIndices() } == masks)
        #expect(trainer.network.layers.map { $0.live().values } != before)
        #expect(trainer.nnz == 416)
    }

    /// The network holds no dense array when it starts sparse.
    @Test func restoringASparseStateAllocatesTheSparseOneAlone() throws {
        let plan = try plan()
        let first = Trainer(plan, team: Team(size: 1))
        try cut(first, to: 0.9)
        let second = Trainer(plan, team: Team(size: 1), initialize: false)
        second.restore(first.state())
        #expect(second.network.layers.allSatisfy { $0.values.count == $0.nnz && !$0.isDense })
        #expect(second.state().layers == first.state().layers)
    }

    // MARK: The auditor

    /// It must be able to fail, or it proves nothing.
    @Test(arguments: ["weight back", "weight lost", "all back", "packed padding", "padded momentum"])
    func theAuditorFindsWhatIsTamperedWith(_ how: String) throws {
        let trainer = Trainer(try plan("learning-rate: {name: constant, rate: 0.01}"), team: Team(size: 1))
        _ = try trainer.step()
        if !how.hasPrefix("p") { try cut(trainer, to: 0.6) }
        _ = try trainer.step()
        let layer = trainer.network.layers[1]
        var arrays = layer.live()
        var expected = AuditError(layer: "fc2", step: 3, culprit: "weights", position: nil)
        switch how {
        case "weight back":
            let position = (0..<384).first { !arrays.indices!.contains($0) }!
            let place = arrays.indices!.firstIndex { $0 > position } ?? arrays.indices!.count
            arrays.indices!.insert(position, at: place)
            arrays.values.insert(0.5, at: place)
            arrays.slots[0].insert(0, at: place)
            layer.set(arrays)
            expected = AuditError(layer: "fc2", step: 3, culprit: "weights", position: position)
        case "weight lost":
            layer.set(arrays.keeping(arrays.values.indices.map { $0 != 5 }))
        case "all back":
            let dense = [Float](repeating: 0.1, count: 384)
            let cut = (0..<384).first { !arrays.indices!.contains($0) }
            layer.set(
                LayerArrays(indices: nil, values: dense, slots: [dense], bias: arrays.bias, biasSlots: arrays.biasSlots)
            )
            expected = AuditError(layer: "fc2", step: 3, culprit: "weights", position: cut)
        default:
            // A layer of 10 rows does not fill its last packed block.
            let packed = trainer.network.layers[2]
            let inside = Set((0..<160).map { DensePacking.position(row: $0 / 16, term: $0 % 16, terms: 16) })
            let gap = try #require((0..<packed.values.count).first { !inside.contains($0) })
            let buffer = how == "packed padding" ? packed.values : packed.slots[0]
            buffer[gap] = 0.25
            // Momentum moves the weight in the same step, and that is what is seen first.
            expected = AuditError(layer: "fc3", step: 3, culprit: "weights", position: nil)
        }
        #expect(throws: expected) { try trainer.step() }
    }

    @Test func withoutAnAuditNothingIsChecked() throws {
        var recipe = try digits()
        recipe.settings["audit"] = .boolean(false)
        let trainer = Trainer(try TrainingPlan(recipe), team: Team(size: 1))
        try cut(trainer, to: 0.6)
        let layer = trainer.network.layers[0]
        layer.set(layer.live().keeping(layer.live().values.indices.map { $0 != 5 }))
        _ = try trainer.step()
    }
}
