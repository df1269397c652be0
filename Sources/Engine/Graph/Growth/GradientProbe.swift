import Kernels

/// Asked of one layer in one step: gradients of weights that are not there. Answered before the layer's way back, while its
/// input and the gradient of its output are both in memory.
package final class GradientProbe {
    package enum Question: Sendable, Equatable {
        /// The largest of the layer, so many at most.
        case largest(Int)
        /// These, and of each row its largest.
        case largestOfRows(Int, each: Int)
        /// At ascending row-major positions.
        case at([Int])
    }

    package let question: Question
    /// Ascending positions, and the gradient of each: the bits that it would have if the weight were there. nil before the step.
    package private(set) var answer: [(position: Int, value: Float)]?

    package init(_ question: Question) { self.question = question }

    func answer(
        _ layer: WeightLayer, panels: Int, input: UnsafePointer<Float>, outputGradient dy: UnsafePointer<Float>,
        team: Team
    ) {
        let sums = GradientSums(map: layer.map, panels: panels, input: input, outputGradient: dy)
        switch question {
        case .at(let positions):
            guard !positions.isEmpty else { return answer = [] }
            let pattern = sparsePattern(map: layer.map, indices: positions, needsInputGradient: false)
            answer = Array(zip(positions, sums.values(pattern, team: team)))
        case .largest(let count): answer = largest(count, each: 0, layer, sums, team)
        case .largestOfRows(let count, let each): answer = largest(count, each: each, layer, sums, team)
        }
    }

    private func largest(
        _ count: Int, each: Int, _ layer: WeightLayer, _ sums: GradientSums, _ team: Team
    ) -> [(position: Int, value: Float)] {
        let found =
            layer.map.groups > 1
            ? amongAll(count, each: each, layer, sums, team) : byBlocks(count, each: each, layer, sums, team)
        return found
    }

    /// Of a layer of several groups, which is small.
    private func amongAll(
        _ count: Int, each: Int, _ layer: WeightLayer, _ sums: GradientSums, _ team: Team
    ) -> [LargestValues.Entry] {
        let pattern =
            groupedPattern(map: layer.map, needsInputGradient: false)
            ?? sparsePattern(map: layer.map, indices: Array(0..<layer.map.weights), needsInputGradient: false)
        return GradientProbe.largest(count, each: each, layer, sums.values(pattern, team: team))
    }

    private static func largest(
        _ count: Int, each: Int, _ layer: WeightLayer, _ gradient: [Float]
    ) -> [LargestValues.Entry] {
        var values = gradient
        for live in layer.liveIndices() ?? Array(values.indices) { values[live] = .nan }
        let largest = LargestValues(count: count)
        for (position, value) in values.enumerated() where abs(value) > largest.limit {
            largest.show(position, value)
        }
        largest.close()
        if each == 0 { return largest.entries }
        let columns = layer.map.columns
        let rows = (0..<layer.map.rows).flatMap { row in
            LargestValues.largest(each, from: row * columns, columns: columns) { values[row * columns + $0] }
        }
        return joined(largest.entries, rows)
    }

    /// Both, in rising positions, each once.
    private static func joined(
        _ first: [LargestValues.Entry], _ second: [LargestValues.Entry]
    ) -> [LargestValues.Entry] {
        var joined: [LargestValues.Entry] = []
        joined.reserveCapacity(first.count + second.count)
        var place = 0
        for entry in second {
            while place < first.count, first[place].position < entry.position {
                joined.append(first[place])
                place += 1
            }
            if place < first.count, first[place].position == entry.position { place += 1 }
            joined.append(entry)
        }
        joined.append(contentsOf: first[place...])
        return joined
    }

    /// From the gradient of all weights, as a table has it.
    func answer(_ layer: WeightLayer, whole gradient: [Float]) {
        switch question {
        case .at(let positions): answer = positions.map { ($0, gradient[$0]) }
        case .largest(let count):
            answer = GradientProbe.largest(count, each: 0, layer, gradient)
        case .largestOfRows(let count, let each):
            answer = GradientProbe.largest(count, each: each, layer, gradient)
        }
    }

    private func byBlocks(
        _ count: Int, each: Int, _ layer: WeightLayer, _ sums: GradientSums, _ team: Team
    ) -> [LargestValues.Entry] {
        guard let live = layer.liveIndices(), count > 0 || each > 0 else { return [] }
        let map = layer.map
        if each == 0, map.hasPlainTerms {
            return bounded(count, layer, BoundedGradients(map, sums, live: live), team)
        }
        let found = GradientTiles(map).largest(count, each: each, live: live, sums, team: team)
        return each == 0 ? found.joined(map) : GradientProbe.joined(found.joined(map), found.rows)
    }
}

extension GradientProbe {
    /// What the gradients exceed is guessed from the last time, so that fewer are held; where it is too much, they are looked at again.
    private func bounded(
        _ count: Int, _ layer: WeightLayer, _ gradients: BoundedGradients, _ team: Team
    ) -> [LargestValues.Entry] {
        var found = gradients.largest(count, above: layer.growthLimit, team: team).joined(layer.map)
        if found.count < count, layer.growthLimit >= 0 {
            found = gradients.largest(count, above: -1, team: team).joined(layer.map)
        }
        let least = found.reduce(Float.infinity) { min($0, $1.value.magnitude) }
        layer.growthLimit = found.count == count && least > 0 ? 0.7 * least : -1
        return found
    }
}
