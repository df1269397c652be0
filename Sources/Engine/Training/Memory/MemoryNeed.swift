import Graph
import Interchange

/// What a network needs to be trained, or only run, compared with what is free before any of it is taken.
package struct MemoryNeed: Sendable {
    /// Of the network itself.
    package let network: PlannedMemory
    /// Of the session: the last good state, and a state on its way to a checkpoint or an undo.
    package let copies: Double

    package var bytes: Double { network.total + copies }

    /// To run a network that is not trained.
    /// - Parameter counts: weights that each layer has; nil: all of them.
    package init(running graph: Graph, capacity: Int, counts: [Int]?) {
        network = PlannedMemory(graph, capacity: capacity, trains: false, counts: counts)
        copies = 0
    }

    /// - Parameter counts: weights that each layer starts with; nil: all of them.
    package init(training graph: Graph, batch: Int, slots: Int, counts: [Int]?) {
        network = PlannedMemory(graph, capacity: batch, trains: true, slots: slots, counts: counts)
        var copies = 0.0
        let shapes = graph.nodes.compactMap(\.weightShape)
        for (number, shape) in shapes.enumerated() {
            let count = counts?[number] ?? shape.weights
            // Values and optimizer state, and where the layer is sparse the positions: twice as arrays, once as bytes.
            let arrays = Double(count) * Double(4 * (1 + slots))
            copies += 3 * arrays + (count < shape.weights ? Double(count) * Double(2 * 8 + 4) : 0)
        }
        self.copies = copies
    }

    private init(_ network: PlannedMemory, copies: Double) {
        self.network = network
        self.copies = copies
    }

    /// With another network beside it.
    package func beside(_ other: MemoryNeed) -> MemoryNeed { MemoryNeed(network, copies: copies + other.bytes) }

    /// Of several such networks at once.
    package func times(_ count: Int) -> MemoryNeed {
        MemoryNeed(network, copies: copies * Double(count) + network.total * Double(max(0, count - 1)))
    }

    /// - Throws: `MemoryError` where less is free.
    package func require(_ name: String, to purpose: String, hint: String = "", free: FreeMemory = .now) throws {
        guard bytes > free.bytes else { return }
        let parts = [
            ("weights", network.weights), ("gradients", network.gradients), ("optimizer", network.slots),
            ("activations", network.activations), ("copies", copies),
        ].filter { $0.1 > 0 }.map { "\($0.0) \(MemoryError.gigabytes($0.1))" }
        throw MemoryError(
            description: "network '\(name)' needs about \(MemoryError.gigabytes(bytes)) GB to \(purpose) "
                + "(\(parts.joined(separator: ", "))), more than this machine has: "
                + "\(MemoryError.gigabytes(free.bytes)) GB are \(free.holder)\(hint)")
    }
}

/// What was refused before memory was taken for it.
package struct MemoryError: Error, CustomStringConvertible {
    package let description: String

    /// Two digits, so that a small one is not 0.
    static func gigabytes(_ bytes: Double) -> String {
        let value = bytes / 1e9
        if value >= 9.95 { return value < 1e15 ? "\(Int(value.rounded()))" : "10^15" }
        return "\(max(0.1, (value * 10).rounded() / 10))"
    }
}
