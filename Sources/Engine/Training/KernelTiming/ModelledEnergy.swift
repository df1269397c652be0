/// Energy of one image from counts and a table, never from this machine: arithmetic and the traffic of weights alone.
///
/// Reference: Horowitz 2014, "Computing's energy problem", ISSCC; 45 nm, picojoules.
package struct ModelledEnergy: Sendable {
    /// An operation of each kind.
    static let addFloat = 0.9, multiplyFloat = 3.7, addByte = 0.03, multiplyByte = 0.2
    /// A byte from a cache of 8 KiB (10 for 64 bits), and from DRAM (640 for 32 bits).
    static let cacheByte = 10.0 / 8, dramByte = 640.0 / 4

    let multiplyAdds: Int
    let weightBytes: Int
    /// The network computes with 8-bit integers; weights that are only stored so are multiplied as floats.
    let isInteger: Bool

    package init(multiplyAdds: Int, weightBytes: Int, isInteger: Bool) {
        self.multiplyAdds = multiplyAdds
        self.weightBytes = weightBytes
        self.isInteger = isInteger
    }

    /// Microjoules.
    package var arithmetic: Double {
        Double(multiplyAdds)
            * (isInteger ? Self.addByte + Self.multiplyByte : Self.addFloat + Self.multiplyFloat) / 1e6
    }
    /// Microjoules of all weights once.
    package var weightsFromCache: Double { Double(weightBytes) * Self.cacheByte / 1e6 }
    package var weightsFromMemory: Double { Double(weightBytes) * Self.dramByte / 1e6 }

    /// What it is a model of.
    package static let source = "Horowitz 2014, 45 nm; arithmetic and weights only"
}
