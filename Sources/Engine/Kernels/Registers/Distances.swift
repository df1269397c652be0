/// Floats from a chunk of a group to the next, and from the first to the fifth. A type for each kind, for distances known
/// to the compiler stand in the instructions: adding them up beside takes about a tenth of a gather kernel's time.
protocol Distances {
    var next: Int { get }
    var high: Int { get }
}

/// One chunk after the other: positions of an image row, lanes of a panel.
struct Adjacent: Distances {
    @inline(__always) var next: Int { 16 }
    @inline(__always) var high: Int { 64 }
}

/// Every second position of an image row, of sixteen lanes.
struct EverySecond: Distances {
    @inline(__always) var next: Int { 32 }
    @inline(__always) var high: Int { 128 }
}

/// Four chunks of a panel of 64 lanes and four of the next panel.
struct TwoPanels: Distances {
    @inline(__always) var next: Int { 16 }
    let high: Int
}

/// The same feature of several panels, every other position of an image row.
struct AnyDistances: Distances {
    let next, high: Int
    var areAdjacent: Bool { next == 16 && high == 64 }
    var areEverySecond: Bool { next == 32 && high == 128 }
}
