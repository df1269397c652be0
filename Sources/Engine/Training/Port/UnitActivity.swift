/// How often the units of an activation were not zero.
package struct UnitActivity: Codable, Sendable, Equatable {
    /// The operator that makes zeros.
    package var node: String
    /// The layer whose outputs it reads, as they are or normalised; nil: it reads something else, as a sum.
    package var layer: String?
    /// Share of samples and points at which each unit (channel) was not zero.
    package var rates: [Float]
    /// Share of all its values that were zero.
    package var zeroShare: Double

    package init(node: String, layer: String? = nil, rates: [Float], zeroShare: Double) {
        self.node = node
        self.layer = layer
        self.rates = rates
        self.zeroShare = zeroShare
    }

    package var deadUnits: Int { rates.count { $0 == 0 } }
}
