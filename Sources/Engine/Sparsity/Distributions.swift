import Descriptors

/// Every distribution: one file in `Distributions/`, one entry here.
package enum Distributions {
    package static let all: [any Distribution.Type] = [
        Global.self,
        Uniform.self,
        ByHand.self,
        ErdosRenyi.self,
        ERK.self,
        BySensitivity.self,
        ByBytes.self,
        ByLatency.self,
    ]

    /// As recipes know them: each with the layers that it is to spare, which `LayerLimits` reads.
    package static let descriptors = all.map { type in
        let own = type.descriptor
        return Descriptor(
            name: own.name, summary: own.summary, citation: own.citation,
            parameters: own.parameters + LayerLimits.parameters)
    }

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the distribution refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any Distribution {
        let type = try choose(name, kind: "distribution", among: all) { $0.descriptor }
        let own = values.filter { !LayerLimits.names($0.key) }
        return try type.init(Arguments(own, for: type.descriptor))
    }
}
