import Kernels

/// The weights of a network as 8 bits have them, while it computes: by rows, the largest of a row 127 steps from 0. What is
/// trained stays what it was.
///
/// A scale of a row is the row's own: what a normalisation behind the layer multiplies a row by changes its scale, not its steps.
package final class RoundedWeights {
    private struct Rows {
        /// In storage, of each live weight in row-major order.
        let places: [UInt32]
        /// Of each row the first of its live weights; then their number.
        let starts: [Int]
    }
    private let network: Network
    private var rows: [Rows?]
    private var trained: [FloatBuffer?]
    private var isRounded = false

    package init(_ network: Network) {
        self.network = network
        rows = network.layers.map { _ in nil }
        trained = network.layers.map { _ in nil }
    }

    /// Weights came or went.
    package func maskChanged(_ layer: Int) {
        rows[layer] = nil
        trained[layer] = nil
    }

    /// Until `restore` the network computes with rounded weights.
    package func round() {
        precondition(!isRounded)
        isRounded = true
        for (number, layer) in network.layers.enumerated() where layer.values.count > 0 {
            let rows = self.rows[number] ?? Self.rows(of: layer)
            self.rows[number] = rows
            let held = trained[number] ?? FloatBuffer(count: layer.values.count)
            trained[number] = held
            held.pointer.update(from: layer.values.pointer, count: held.count)
            round(layer.values.pointer, rows)
            layer.valuesChanged()
        }
    }

    package func restore() {
        precondition(isRounded)
        isRounded = false
        for (number, layer) in network.layers.enumerated() {
            guard let held = trained[number] else { continue }
            layer.values.pointer.update(from: held.pointer, count: held.count)
            layer.valuesChanged()
        }
    }

    private func round(_ values: UnsafeMutablePointer<Float>, _ rows: Rows) {
        let count = rows.starts.count - 1, each = max(1, count / 64)
        nonisolated(unsafe) let values = values  // Each task writes the weights of its rows.
        network.team.run(tasks: (count + each - 1) / each) { task in
            for row in task * each..<min((task + 1) * each, count) {
                let places = rows.places[rows.starts[row]..<rows.starts[row + 1]]
                var largest: Float = 0
                for place in places { largest = max(largest, abs(values[Int(place)])) }
                let scale = weightScale(largest: largest)
                for place in places {
                    values[Int(place)] = weightSteps(values[Int(place)], scale: scale) * scale
                }
            }
        }
    }

    private static func rows(of layer: WeightLayer) -> Rows {
        let columns = layer.map.columns, places = layer.rowMajorOrder()
        guard let positions = layer.liveIndices() else {
            return Rows(places: places, starts: (0...layer.map.rows).map { $0 * columns })
        }
        var starts: [Int] = []
        for (number, position) in positions.enumerated() {
            while starts.count * columns <= position { starts.append(number) }
        }
        while starts.count <= layer.map.rows { starts.append(positions.count) }
        return Rows(places: places, starts: starts)
    }
}
