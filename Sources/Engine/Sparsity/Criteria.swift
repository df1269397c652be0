import Descriptors

/// Every criterion: one file in `Criteria/`, one entry here.
package enum Criteria {
    package static let all: [any Criterion.Type] = [
        Magnitude.self,
        Random.self,
        Taylor.self,
        Movement.self,
        OptimalBrainDamage.self,
        SNIP.self,
        GraSP.self,
        SynFlow.self,
        Wanda.self,
        SparseGPT.self,
        ALPS.self,
        ActivationRate.self,
        NormScale.self,
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the criterion refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any Criterion {
        let type = try choose(name, kind: "criterion", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
