/// Which of a layer's weights are left, where some of its rows and of the channels it reads are gone.
package struct LayerMap: Sendable, Equatable {
    package let node: String
    /// As they were.
    package let shape: WeightShape
    /// Old rows, ascending.
    package let rows: [Int]
    /// Of each group that is left: old columns within a row, ascending.
    package let columns: [[Int]]
    /// Of each old group its number among those that are left.
    private let groups: [Int?]

    /// - Parameter channels: old input channels that are left, ascending.
    package init(node: String, shape: WeightShape, rows: [Int], channels: [Int]) {
        self.node = node
        self.shape = shape
        self.rows = rows
        let ofGroup = shape.channels / shape.groups, taps = shape.window.taps
        var columns: [[Int]] = []
        var groups = [Int?](repeating: nil, count: shape.groups)
        for channel in channels {
            let group = channel / ofGroup
            if groups[group] == nil {
                groups[group] = columns.count
                columns.append([])
            }
            columns[groups[group]!] += (0..<taps).map { channel % ofGroup * taps + $0 }
        }
        self.columns = columns
        self.groups = groups
    }

    private func group(ofRow row: Int) -> Int { row / (shape.rows / shape.groups) }
    package var columnsOfRow: Int { columns.first?.count ?? 0 }
    package var weights: Int { rows.count * columnsOfRow }

    /// The layer's arrays as those who are left count them: values, optimizer state, biases.
    package func arrays(_ arrays: LayerArrays) -> LayerArrays {
        let order = places(arrays.indices)
        let biased = shape.isTable ? [] : rows
        return LayerArrays(
            indices: order.indices, values: order.live.map { arrays.values[$0] },
            slots: arrays.slots.map { slot in order.live.map { slot[$0] } }, bias: biased.map { arrays.bias[$0] },
            biasSlots: arrays.biasSlots.map { slot in biased.map { slot[$0] } })
    }

    /// Positions of weights as those who are left count them; which of the given they are.
    /// - Parameter indices: ascending; nil: all.
    /// - Complexity: O(weights given, or left)
    package func places(_ indices: [Int]?) -> (live: [Int], indices: [Int]?) {
        var live: [Int] = []
        guard let indices else {
            live.reserveCapacity(weights)
            for row in rows {
                let start = row * shape.columns
                // A group is left with its rows or goes with them.
                for column in columns[groups[group(ofRow: row)]!] { live.append(start + column) }
            }
            return (live, nil)
        }
        var newRow = [Int?](repeating: nil, count: shape.rows)
        for (place, row) in rows.enumerated() { newRow[row] = place }
        let newColumn = columns.map { kept in
            var places = [Int](repeating: -1, count: shape.columns)
            for (place, column) in kept.enumerated() { places[column] = place }
            return places
        }
        var result: [Int] = []
        for (place, index) in indices.enumerated() {
            let (row, column) = index.quotientAndRemainder(dividingBy: shape.columns)
            guard let row = newRow[row], let group = groups[group(ofRow: rows[row])],
                newColumn[group][column] >= 0
            else { continue }
            live.append(place)
            result.append(row * columnsOfRow + newColumn[group][column])
        }
        // All that is left is there: no mask.
        return (live, result.count == weights ? nil : result)
    }
}

/// Which of a parameter's values are left.
package struct ParameterMap: Sendable, Equatable {
    package let node: String
    /// As it is now.
    package let shape: ParameterShape
    /// Of each old axis what is left.
    private let kept: [[Int]]
    private let axes: [Int]

    package init(node: String, old: ParameterShape, shape: ParameterShape, kept: [[Int]]) {
        (self.node, self.shape, self.kept, axes) = (node, shape, kept, old.axes)
    }

    package func values(_ values: [Float]) -> [Float] {
        // Something of every axis is left, or there is no axis.
        var places = [0]
        for (axis, numbers) in kept.enumerated() {
            places = places.flatMap { place in numbers.map { place * axes[axis] + $0 } }
        }
        return places.map { values[$0] }
    }

    package func state(_ state: ParameterState) -> ParameterState {
        ParameterState(
            node: node, shape: shape, values: values(state.values), slots: state.slots.map { values($0) })
    }
}
