/// The weights of one layer that a path may go through.
package struct PathLayer: Sendable {
    /// Ascending row-major positions; nil: every weight of the layer.
    package let indices: [Int]?
    /// Of those weights, the ones that count; nil: all.
    package let flags: [Bool]?

    package init(indices: [Int]?, flags: [Bool]? = nil) {
        self.indices = indices
        self.flags = flags
    }

    func position(_ live: Int) -> Int { indices?[live] ?? live }

    /// The first weight at or behind a position, none of which lies before `live`.
    func first(from position: Int, after live: Int) -> Int {
        guard let indices else { return position }
        // A row's end is near.
        var low = live, step = 16
        while low + step < indices.count, indices[low + step] < position {
            low += step
            step *= 2
        }
        var high = min(low + step, indices.count)
        while low < high {
            let middle = (low + high) / 2
            if indices[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// What is asked along the paths of a graph: does any lead from the input to the output, and which is the strongest?
///
/// A *path* is a chain of points (features, or points of an image's channels), each of which the next one reads: through a
/// weight that is there, a window of a pool, or, in every other operator, the same point of an input. A tap of a
/// convolution that reads the border alone joins nothing. The network is *joined* where a path leads from some point of
/// the input to some point of the output. Biases are no path: without one every image gets the same answer.
///
/// - Complexity: O(nodes + weights · points of a channel); a row is left as soon as all of its points are reached, so of
///   most masks a few weights a row are looked at.
package struct Paths {
    /// 0: no path leads to the point; more: the strength of the weakest weight of the strongest path there.
    package typealias Strength = UInt64
    /// Of a weight that stays whatever happens.
    package static let certain = Strength.max

    let graph: Graph
    /// The layer of each node that has weights.
    let layerOf: [Int?]

    package init(_ graph: Graph) {
        self.graph = graph
        var count = 0
        var layerOf: [Int?] = []
        for node in graph.nodes {
            if let owner = node.weightsOf {
                layerOf.append(layerOf[owner])
            } else {
                layerOf.append(node.weightShape == nil ? nil : count)
                count += node.weightShape == nil ? 0 : 1
            }
        }
        self.layerOf = layerOf
    }

    /// Whether the output depends on the input.
    /// - Parameter layers: one for each node with weights, in the order of the graph.
    package func isJoined(_ layers: [PathLayer]) -> Bool {
        isJoined(layers) { layer, live in layers[layer].flags?[live] != false }
    }

    /// - Parameter passes: whether a path may go through a weight, by layer and place among its weights. Few are asked for.
    package func isJoined(_ layers: [PathLayer], passes: (_ layer: Int, _ live: Int) -> Bool) -> Bool {
        strengths(layers) { passes($0, $1) ? Self.certain : 0 }.last!.contains { $0 > 0 }
    }

    /// The path whose weakest weight is the strongest. Of equal ones it takes, from the output back, the strongest weight,
    /// then the first.
    ///
    /// - Parameter strength: of a weight, by layer and place among its weights; 0 where none may pass.
    /// - Returns: the weights of the path, from the output back, and its weakest's strength; nil where no path leads.
    package func strongest(
        _ layers: [PathLayer], strength: (_ layer: Int, _ live: Int) -> Strength
    ) -> (weights: [(layer: Int, live: Int)], strength: Strength)? {
        let values = strengths(layers, strength)
        guard let best = values.last!.max(), best > 0 else { return nil }
        var weights: [(layer: Int, live: Int)] = []
        var number = graph.nodes.count - 1
        var point = values.last!.firstIndex(of: best)!
        while number >= 0 {
            let node = graph.nodes[number], here = values[number + 1][point]
            if let layer = layerOf[number], let shape = node.weightShape {
                let input = values[node.inputs[0] + 1]
                var found: (strength: Strength, live: Int, from: Int)?
                if shape.isTable {
                    let step = TablePath(shape, values[node.inputs[0] + 1]).best(
                        column: point % shape.columns, layers[layer]
                    ) { strength(layer, $0) }
                    weights.append((layer, step))
                    (number, point) = (node.inputs[0], point / shape.columns)
                    continue
                }
                let taps = Taps(shape, from: node.inputShapes[0], to: node.shape)
                let row = point / taps.plane, columns = shape.columns
                var live = layers[layer].first(from: row * columns, after: 0)
                let end = layers[layer].first(from: (row + 1) * columns, after: live)
                while live < end {
                    let strength = strength(layer, live)
                    if strength >= here, strength > found?.strength ?? 0,
                        let from = taps.source(ofPoint: point, column: layers[layer].position(live) - row * columns),
                        input[from] >= here
                    {
                        found = (strength, live, from)
                    }
                    live += 1
                }
                weights.append((layer, found!.live))
                (number, point) = (node.inputs[0], found!.from)
            } else {
                (number, point) = source(ofPoint: point, of: number, values, strength: here)
            }
        }
        return (weights, best)
    }

    // Of each point of each value, the input first.
    private func strengths(
        _ layers: [PathLayer], _ strength: (_ layer: Int, _ live: Int) -> Strength
    ) -> [[Strength]] {
        var values = [[Strength](repeating: Self.certain, count: graph.input.features)]
        values.reserveCapacity(graph.nodes.count + 1)
        for number in graph.nodes.indices {
            guard let layer = layerOf[number] else {
                values.append(strengths(ofNode: number, values))
                continue
            }
            values.append(strengths(ofNode: number, values, layers[layer]) { strength(layer, $0) })
        }
        return values
    }

    /// Of a node with weights.
    func strengths(
        ofNode number: Int, _ values: [[Strength]], _ layer: PathLayer, _ strength: (_ live: Int) -> Strength
    ) -> [Strength] {
        let node = graph.nodes[number]
        if let shape = node.weightShape, shape.isTable {
            return TablePath(shape, values[node.inputs[0] + 1]).carry(layer, strength: strength)
        }
        return Taps(node.weightShape!, from: node.inputShapes[0], to: node.shape)
            .carry(values[node.inputs[0] + 1], layer, strength: strength)
    }

    /// Of any other node.
    func strengths(ofNode number: Int, _ values: [[Strength]]) -> [Strength] {
        let node = graph.nodes[number], features = node.shape.features
        let nothing = [Strength](repeating: 0, count: features)
        switch node.op.reach(node.inputShapes) {
        case .window(let window):
            let input = values[node.inputs[0] + 1]
            return (0..<features).map { point in
                var strongest: Strength = 0
                window.forEachPoint(of: point, node.inputShapes[0], node.shape) {
                    strongest = max(strongest, input[$0])
                }
                return strongest
            }
        case .samePoint:
            return node.inputs.reduce(nothing) { sum, other in
                let input = values[other + 1]
                if input.count == features { return zip(sum, input).map { max($0, $1) } }
                let strongest = input.max() ?? 0
                return sum.map { max($0, strongest) }
            }
        case .points(let map):
            let sources = node.inputs.flatMap { values[$0 + 1] }
            return map.sources.map { $0 < 0 ? 0 : sources[Int($0)] }
        case .everything:
            let strongest = node.inputs.reduce(0) { max($0, values[$1 + 1].max() ?? 0) }
            return [Strength](repeating: strongest, count: features)
        }
    }

    /// The point of an input from which the strongest path comes to a point of a node without weights.
    private func source(
        ofPoint point: Int, of number: Int, _ values: [[Strength]], strength: Strength
    ) -> (number: Int, point: Int) {
        let node = graph.nodes[number]
        switch node.op.reach(node.inputShapes) {
        case .window(let window):
            var first: Int?
            window.forEachPoint(of: point, node.inputShapes[0], node.shape) {
                if first == nil, values[node.inputs[0] + 1][$0] == strength { first = $0 }
            }
            return (node.inputs[0], first!)
        case .points(let map):
            var source = Int(map.sources[point])
            for input in node.inputs {
                let count = values[input + 1].count
                if source < count { return (input, source) }
                source -= count
            }
            preconditionFailure("a map names points of the inputs")
        case .samePoint:
            for input in node.inputs where values[input + 1].count == node.shape.features {
                if values[input + 1][point] == strength { return (input, point) }
            }
            fallthrough
        case .everything:
            for input in node.inputs {
                if let first = values[input + 1].firstIndex(of: strength) { return (input, first) }
            }
            preconditionFailure("a strength comes from somewhere")
        }
    }
}
