import Foundation
import Graph
import Kernels
import Sparsity

/// An immutable copy of a session's weights, taken at a step boundary: what previews and pictures are made from.
final class NetworkCopy: @unchecked Sendable {
    // Unchecked: constant but for the caches, which are `Locked` boxes.
    enum Extent { case weights, gradients, optimizer }

    let state: TrainingState
    /// Gradient of the latest step at the live weights, by layer; empty where it is not known.
    let gradients: [[Float]]
    let plan: TrainingPlan
    let layerShapes: [(rows: Int, columns: Int)]
    let folds: [Shape?]
    /// What the masks' latest change did.
    let changes: ChangeMemory
    /// Of the session's state, so that a paused session is copied once.
    let version: Int
    let edits: Int
    let takenAt = DispatchTime.now()
    private let removals: @Sendable ([Int]) throws -> [Removal]
    private let candidateCache = Locked<[Candidates]?>(nil)
    private let scoreCache = Locked<(ranking: [String: String], scores: DraftScores)?>(nil)
    private let cutCache = Locked<(draft: Draft, cut: DraftCut)?>(nil)

    init(
        state: TrainingState, gradients: [[Float]], plan: TrainingPlan, layerShapes: [(rows: Int, columns: Int)],
        folds: [Shape?], changes: ChangeMemory, version: Int, edits: Int,
        removals: @escaping @Sendable ([Int]) throws -> [Removal]
    ) {
        self.state = state
        self.gradients = gradients
        self.plan = plan
        self.layerShapes = layerShapes
        self.folds = folds
        self.changes = changes
        self.version = version
        self.edits = edits
        self.removals = removals
    }

    var step: Int { state.progress.step }
    var ageSeconds: Double { Double(DispatchTime.now().uptimeNanoseconds - takenAt.uptimeNanoseconds) / 1e9 }

    func candidates() throws -> [Candidates] {
        try candidateCache.withLock { cache in
            if let cache { return cache }
            let removals = try removals(state.progress.removals)
            let made = Candidates.all(state.layers, removals: removals)
            cache = made
            return made
        }
    }

    /// What a draft means here. Counts, histogram, map and measurement of one line ask for the same one.
    func cut(_ draft: Draft) throws -> DraftCut {
        let candidates = try candidates()
        let scores = try scores(draft)
        return cutCache.withLock { cache in
            if let cache, cache.draft == draft { return cache.cut }
            let cut = DraftCut(draft, candidates, scores: scores)
            cache = (draft, cut)
            return cut
        }
    }

    /// What a draft with a ranking ranks by; measured once for a copy, while whoever else asks waits.
    func scores(_ draft: Draft) throws -> DraftScores? {
        guard let ranking = draft.ranking else { return nil }
        return try scoreCache.withLock { cache in
            if let cache, cache.ranking == ranking { return cache.scores }
            let scores = try measuredScores(ranking)
            cache = (ranking, scores)
            return scores
        }
    }

    /// The same, not held: nobody waits for a lock while they are measured.
    func measuredScores(_ ranking: [String: String], _ watch: CalibrationWatch? = nil) throws -> DraftScores {
        try DraftScores(
            ranking, plan, choices: state.progress.choices, layers: state.layers, parameters: state.parameters,
            step: step, watch: watch, team: { Team(size: 1) })
    }

    func hold(_ scores: DraftScores, of ranking: [String: String]) {
        scoreCache.withLock { $0 = (ranking, scores) }
    }

    /// The network after a draft, optimizer state included.
    func applying(_ draft: Draft) throws -> (layers: [LayerState], cut: DraftCut) {
        let candidates = try candidates()
        let cut = try cut(draft)
        // A copy of the weights alone has none.
        let slotsAreThere = state.layers.contains { !$0.arrays.slots.isEmpty }
        let layers = state.layers.applying(
            cut.changes(candidates), slots: slotsAreThere ? plan.slotsOfGrown(state.progress) : nil)
        return (layers, cut)
    }

    /// Values and masks after a draft that no picture shows: what is held for the line stays held.
    func trying(_ draft: Draft) throws -> (layers: [LayerState], cut: DraftCut) {
        let candidates = try candidates()
        let cut = DraftCut(draft, candidates, scores: try scores(draft))
        return (state.layers.applying(cut.changes(candidates), slots: nil), cut)
    }

    /// Of a live weight of a layer, where it is known.
    func gradient(_ layer: Int, _ live: Int) -> Float? {
        layer < gradients.count && live < gradients[layer].count ? gradients[layer][live] : nil
    }

    func removal(_ id: Int) throws -> Removal { try removals([id])[0] }

    /// The picture or maps that a linear layer's inputs were flattened from.
    func fold(of number: Int) -> Shape? { folds[number] }

    func number(of layer: String) -> Int? { state.layers.firstIndex { $0.name == layer } }
}
