import Kernels

/// What the sums of a layer are made of besides its weights.
package struct LayerSums: Sendable {
    /// What a step of what it reads stands for.
    package var inputScale: Float
    /// By row, what its bias has besides, in units of its weights; empty: nothing.
    package var shifts: [Float]

    package init(inputScale: Float, shifts: [Float] = []) {
        self.inputScale = inputScale
        self.shifts = shifts
    }
}

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
    /// - Parameter sums: by layer, nil of one whose weights are no terms of sums, which stay as they are.
    package func round(_ sums: [LayerSums?]) {
        precondition(!isRounded && sums.count == network.layers.count)
        isRounded = true
        for (number, layer) in network.layers.enumerated() where layer.values.count > 0 {
            guard let sums = sums[number] else { continue }
            let rows = self.rows[number] ?? Self.rows(of: layer)
            self.rows[number] = rows
            let held = trained[number] ?? FloatBuffer(count: layer.values.count)
            trained[number] = held
            held.pointer.update(from: layer.values.pointer, count: held.count)
            round(layer, rows, sums)
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

    private func round(_ layer: WeightLayer, _ rows: Rows, _ sums: LayerSums) {
        let count = rows.starts.count - 1, each = max(1, count / 64), columns = layer.map.columns
        nonisolated(unsafe) let values = layer.values.pointer  // Each task writes the weights of its rows.
        let bias = layer.bias
        network.team.run(tasks: (count + each - 1) / each) { task in
            for row in task * each..<min((task + 1) * each, count) {
                let places = rows.places[rows.starts[row]..<rows.starts[row + 1]]
                var largest: Float = 0
                for place in places { largest = max(largest, abs(values[Int(place)])) }
                // Fewer columns never make sums too wide.
                let total = columns < 1 << 15 ? 0 : places.reduce(0.0) { $0 + Double(abs(values[Int($1)])) }
                let own = row < bias.count ? Double(bias[row]) : 0, shift = sums.shifts.isEmpty ? 0 : sums.shifts[row]
                let scale = RowScale(
                    largest: largest, total: total, columns: columns, bias: own + Double(shift), input: sums.inputScale
                ).scale
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
