import Sparsity
import Training

/// What was chosen in the Threshold view; the draft itself is shared by all views.
package struct ThresholdState: ViewState {
    package static let view = ViewID.threshold

    /// The histogram of all weights instead of the selected layer's.
    package var ofAll = false
    package var logarithmic = false
    /// The end of the x axis is halved so many times.
    package var zoom = 0
    /// Layers that drafts leave as they are.
    package var locked: [String] = []
    /// Of a draft of one layer the total stays: other layers give way.
    package var keepsTotal = false
    /// What the line ranks by, where it is not size: parts of a recipe by their keys.
    package var ranking: [String: String] = [:]
    /// The end the engine chose for the whole axis, by what is shown.
    package var natural: [String: Float] = [:]

    package init() {}

    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        ofAll = saved.value(.ofAll, or: false)
        logarithmic = saved.value(.logarithmic, or: false)
        zoom = saved.whole(.zoom, within: 0...Self.most) ?? 0
        natural = saved.ends(.natural)
        locked = Array(saved.list(.locked, of: String.self).prefix(100_000))
        keepsTotal = saved.value(.keepsTotal, or: false)
        ranking = saved.value(.ranking, or: [:]).filter { Draft.rankingParts.contains($0.key) }
    }

    package mutating func follow(_ snapshot: Snapshot, layer: LayerStatus?) {
        guard !locked.isEmpty, !snapshot.layers.isEmpty else { return }
        let names = Set(snapshot.layers.map(\.name))
        locked.removeAll { !names.contains($0) }
    }

    /// A draft with what is locked.
    func draft(_ scope: Draft.Scope, _ anchor: Draft.Anchor, _ snapshot: Snapshot) -> Draft {
        Draft(
            scope: scope, anchor: anchor, locked: locked.isEmpty ? nil : locked.sorted(),
            total: keepsTotal && scope != .global ? snapshot.nnz : nil, ranking: ranking.isEmpty ? nil : ranking)
    }

    static let most = 8

    func histogramScope(_ scene: Scene) -> Draft.Scope {
        ofAll ? .global : scene.layer.map { .layer($0.name) } ?? .global
    }

    private func key(_ scope: Draft.Scope) -> String {
        switch scope {
        case .global: "*"
        case .layer(let name): "/" + name
        }
    }

    func maximum(_ scope: Draft.Scope) -> Float? {
        guard zoom > 0, let natural = natural[key(scope)] else { return nil }
        return natural / Float(1 << zoom)
    }

    package mutating func learn(_ answer: Answer) {
        guard let answer = answer.reply as? HistogramAnswer, answer.query.maximum == nil else { return }
        natural[key(answer.query.scope)] = answer.maximum
    }
}

extension ViewID {
    package static let threshold = ViewID("threshold")
}

extension WorkbenchState {
    package var threshold: ThresholdState {
        get { self[ThresholdState.self] }
        set { self[ThresholdState.self] = newValue }
    }
}
