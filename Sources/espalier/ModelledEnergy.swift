import Foundation

/// Energy of one image from counts and a table, never from this machine: arithmetic and the traffic of weights alone.
///
/// Reference: Horowitz 2014, "Computing's energy problem", ISSCC; 45 nm, picojoules.
struct ModelledEnergy {
    /// An operation of each kind.
    static let addFloat = 0.9, multiplyFloat = 3.7, addByte = 0.03, multiplyByte = 0.2
    /// A byte from a cache of 8 KiB (10 for 64 bits), and from DRAM (640 for 32 bits).
    static let cacheByte = 10.0 / 8, dramByte = 640.0 / 4

    let multiplyAdds: Int
    let weightBytes: Int
    /// The network computes with 8-bit integers; weights that are only stored so are multiplied as floats.
    let isInteger: Bool

    var arithmetic: Double {
        Double(multiplyAdds)
            * (isInteger ? Self.addByte + Self.multiplyByte : Self.addFloat + Self.multiplyFloat)
    }

    var line: String {
        func microjoules(_ picojoules: Double) -> String { String(format: "%.4g µJ", picojoules / 1e6) }
        let bytes = Double(weightBytes)
        return "energy of one image, modelled (Horowitz 2014, 45 nm; arithmetic and weights only): "
            + "arithmetic \(microjoules(arithmetic)), "
            + "weights once from cache \(microjoules(bytes * Self.cacheByte)) or from DRAM \(microjoules(bytes * Self.dramByte))"
    }
}
