extension Paths {
    /// Random masks in which the input and the output are joined: those given where they are. Else, in each layer that has
    /// weights but none behind what the input reaches, the first weight of a row moves within its row to the first input
    /// that is reached. Each row keeps its number of weights.
    ///
    /// - Parameter masks: ascending row-major positions; nil: every weight.
    /// - Precondition: some path leads through layers that have weights.
    func joining(_ masks: [[Int]?]) -> [[Int]?] {
        if isJoined(masks.map { PathLayer(indices: $0) }) { return masks }
        var masks = masks
        var values = [[Strength](repeating: Self.certain, count: graph.input.features)]
        for (number, node) in graph.nodes.enumerated() {
            guard let layer = layerOf[number] else {
                values.append(strengths(ofNode: number, values))
                continue
            }
            func reached() -> [Strength] {
                strengths(ofNode: number, values, PathLayer(indices: masks[layer])) { _ in Self.certain }
            }
            var value = reached()
            if !value.contains(where: { $0 > 0 }), let moved = moved(masks[layer], node, values[node.inputs[0] + 1]) {
                masks[layer] = moved
                value = reached()
            }
            values.append(value)
        }
        return masks
    }

    /// nil where no row with weights has an input that is reached.
    private func moved(_ mask: [Int]?, _ node: Graph.Node, _ input: [Strength]) -> [Int]? {
        guard var mask, let shape = node.weightShape, !shape.isTable else { return nil }
        let taps = Taps(shape, from: node.inputShapes[0], to: node.shape)
        let columns = shape.columns
        var live = 0
        while live < mask.count {
            let row = mask[live] / columns
            let points = row * taps.plane..<(row + 1) * taps.plane
            let column = (0..<columns).first { column in
                points.contains { point in taps.source(ofPoint: point, column: column).map { input[$0] > 0 } ?? false }
            }
            if let column {
                mask.remove(at: live)
                let place = mask[live...].firstIndex { $0 > row * columns + column } ?? mask.count
                mask.insert(row * columns + column, at: place)
                return mask
            }
            live = PathLayer(indices: mask).first(from: (row + 1) * columns, after: live)
        }
        return nil
    }

    /// Layers without weights that a path needs one of, where those that have some do not join input and output: the path
    /// whose smallest layer is the largest. Empty where they do.
    package func layersToOpen(counts: [Int]) -> [Int] {
        // A layer with a weight lets everything through here, one without as much as it is large.
        var values = [Self.certain]
        for (number, node) in graph.nodes.enumerated() {
            let best = node.inputs.map { values[$0 + 1] }.max() ?? 0
            values.append(
                layerOf[number].map { counts[$0] > 0 ? best : min(best, Strength(node.weightShape!.weights)) } ?? best)
        }
        guard values.last! < Self.certain else { return [] }
        var layers: [Int] = []
        var number = graph.nodes.count - 1
        while number >= 0 {
            if let layer = layerOf[number], counts[layer] == 0 { layers.append(layer) }
            let inputs = graph.nodes[number].inputs
            number = inputs.max { values[$0 + 1] < values[$1 + 1] }!
        }
        return layers
    }
}
