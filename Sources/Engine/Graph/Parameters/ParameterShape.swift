/// An array that an operator trains whole or remembers, as the operator declares it.
package struct ParameterShape: Sendable, Equatable {
    package enum Role: String, Sendable, Codable {
        /// Changed by the optimizer, never cut.
        case trained
        /// Remembered from the batches that were seen, not trained.
        case statistic
        /// As it was given, always.
        case fixed
    }
    /// Within its node, as PyTorch's `state_dict` names it: `weight`, `running_mean`.
    package let name: String
    package let axes: [Int]
    package let role: Role
    /// Every value of a network that was not trained yet.
    package let initial: Float
    /// How far such values lie around it, uniformly; drawn by `Network.initialize`.
    package let spread: Float
    /// What it is, in a message.
    package let summary: String
    /// No value that a file may hold lies below.
    package let least: Float?

    package init(
        _ name: String, _ axes: [Int], _ role: Role = .trained, initial: Float = 0, spread: Float = 0, summary: String,
        least: Float? = nil
    ) {
        self.name = name
        self.axes = axes
        self.role = role
        self.initial = initial
        self.spread = spread
        self.summary = summary
        self.least = least
    }

    package var count: Int { axes.reduce(1, *) }
}
