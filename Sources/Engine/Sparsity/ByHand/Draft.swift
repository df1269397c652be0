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

    package init(scope: Scope, anchor: Anchor) {
        self.scope = scope
        self.anchor = anchor
    }
}
