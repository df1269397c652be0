import Descriptors

/// Every distribution: one file in `Distributions/`, one entry here.
package enum Distributions {
    package static let all: [any Distribution.Type] = [
        Global.self,
        Uniform.self,
        ByHand.self,
        ErdosRenyi.self,
        ERK.self,
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the distribution refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any Distribution {
        let type = try choose(name, kind: "distribution", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
