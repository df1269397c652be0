import Descriptors

/// Every granularity: one file in `Granularities/`, one entry here.
package enum Granularities {
    package static let all: [any Granularity.Type] = [
        Weight.self, Neuron.self, Layer.self, Block.self, Kernel.self, InputChannel.self, NOfM.self, Head.self,
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the granularity refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any Granularity {
        let type = try choose(name, kind: "granularity", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
