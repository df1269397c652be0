import Kernels

/// Where each value of a network and its gradient lie, decided before any memory is taken. Tensors are numbered as in
/// `Network.tensors`: 0 is the input, n + 1 the output of node n.
struct TensorPlan {
    struct Place {
        var shape: Shape
        var layout: ImageLayout
        var gradientLayout: ImageLayout
        /// Numbers of the blocks of memory; the gradient's is nil where none is wanted, and may be that of the values.
        var values: Int
        var gradient: Int?
    }
    private(set) var places: [Place] = []
    /// Floats of one panel, of each block of memory.
    private(set) var blocks: [Int] = []

    // Borders come from the readers (what they read around a value) and, for gradients, from the writer; where values
    // share memory the widest holds.
    init(_ graph: Graph, lanes: Int, trains: Bool, inputGradient: Bool) {
        let memory = MemoryPlan(graph, trains: trains)
        let attention = trains ? nil : AttentionPlan(graph)
        var borders = [Int](repeating: 0, count: graph.nodes.count + 1)
        var gradientBorders = borders
        for number in -1..<graph.nodes.count {
            let border = graph.readers(of: number).map { graph.nodes[$0].op.inputBorder }.max() ?? 0
            borders[memory.values[number + 1]] = max(borders[memory.values[number + 1]], border)
            guard number >= 0 else { continue }
            let node = graph.nodes[number], root = memory.gradients[number + 1]
            guard let input = node.inputShapes.first else { continue }
            gradientBorders[root] = max(
                gradientBorders[root], node.op.gradientBorder(input: input, output: node.shape))
        }

        let inValues = trains ? memory.inValues : []
        for tensor in inValues {
            borders[tensor] = max(borders[tensor], gradientBorders[tensor])
            gradientBorders[tensor] = borders[tensor]
        }

        places.reserveCapacity(graph.nodes.count + 1)
        for number in -1..<graph.nodes.count {
            let shape = number < 0 ? graph.input : graph.nodes[number].shape
            func layout(_ border: Int) -> ImageLayout {
                ImageLayout(
                    channels: shape.channels, height: shape.height, width: shape.width, border: border, lanes: lanes)
            }
            let root = memory.values[number + 1], gradientRoot = memory.gradients[number + 1]
            let valueLayout = layout(borders[root]), gradientLayout = layout(gradientBorders[gradientRoot])
            let isAbsorbed = number >= 0 && attention?.isAbsorbed[number] == true
            var values = isAbsorbed ? block(0) : root <= number ? places[root].values : nil
            var gradient = gradientRoot <= number ? places[gradientRoot].gradient : nil
            if number >= 0, graph.nodes[number].op.traits.contains(.reshapes), !isAbsorbed,
                attention?.attentions[number] == nil
            {
                let source = places[graph.nodes[number].inputs[0] + 1]
                let sharesValues = source.layout.liesLike(valueLayout)
                if sharesValues { values = source.values }
                if sharesValues, source.gradientLayout.liesLike(gradientLayout) {
                    gradient = source.gradient
                }
            }
            // The network's input needs no gradient, nor does a reshape of it.
            var needsGradient = trains && inputGradient
            if trains, number >= 0 {
                let node = graph.nodes[number]
                needsGradient =
                    node.weightShape != nil
                    || node.op.parameters(node.inputShapes).contains { $0.role == .trained }
                    || node.inputs.contains { places[$0 + 1].gradient != nil }
            }
            let held = values ?? block(valueLayout.panelFloats)
            if inValues.contains(number + 1) { gradient = held }
            places.append(
                Place(
                    shape: shape, layout: valueLayout, gradientLayout: gradientLayout, values: held,
                    gradient: needsGradient ? gradient ?? block(gradientLayout.panelFloats) : nil))
        }
    }

    private mutating func block(_ panelFloats: Int) -> Int {
        blocks.append(panelFloats)
        return blocks.count - 1
    }

    /// Takes the memory.
    func tensors(panels: Int) -> [PanelTensor] {
        let buffers = blocks.map { FloatBuffer(count: $0 * panels) }
        return places.map { place in
            PanelTensor(
                shape: place.shape, layout: place.layout, gradientLayout: place.gradientLayout,
                values: buffers[place.values], gradient: place.gradient.map { buffers[$0] })
        }
    }
}
