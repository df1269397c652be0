/// A cut that is only thought of: where the line stands.
package struct Draft: Codable, Sendable, Hashable {
    package enum Scope: Codable, Sendable, Hashable {
        case global
        case layer(String)
    }
    /// What stays fixed while the weights move under the draft.
    package enum Anchor: Codable, Sendable, Hashable {
        /// Weights kept in the scope.
        case kept(Int)
        /// Weights with |w| below this go, those cut before come back where their value was at least this.
        case threshold(Float)
    }
    package var scope: Scope
    package var anchor: Anchor
    /// Layers that stay as they are, in the order of their names; nil: none.
    package var locked: [String]?
    /// Of a draft of one layer: weights that all layers are to keep together. Those that are not locked give way, by size.
    package var total: Int?
    /// What the line ranks by, and how a line of all layers is split: criterion, granularity and distribution by these keys, as a
    /// recipe writes them, or empty for the run's own. Nil: single weights by size, all layers together.
    package var ranking: [String: String]?

    /// The keys of a ranking.
    package static let rankingParts = ["criterion", "granularity", "distribution"]

    package init(
        scope: Scope, anchor: Anchor, locked: [String]? = nil, total: Int? = nil, ranking: [String: String]? = nil
    ) {
        self.ranking = ranking
        self.scope = scope
        self.anchor = anchor
        self.locked = locked
        self.total = total
    }
}
