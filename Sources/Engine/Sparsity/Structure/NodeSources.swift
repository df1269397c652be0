import Graph

/// The links of a node between its inputs and its output, by number.
struct NodeSources {
    /// Of each axis of the output, of each input: for each number the elements of the input that it is made of; nil: of all.
    let inputs: [[[[Int]]?]]
    /// Of each input, of each axis: for each number the numbers of the output that are made of it; nil: all.
    let readers: [[[[(axis: Int, number: Int, element: Int)]]?]]

    init(_ number: Int, _ groups: AxisGroups) {
        let node = groups.graph.nodes[number], rule = groups.rules[number], elements = groups.elements
        var inputs: [[[[Int]]?]] = (0..<node.shape.rank).map { _ in node.inputs.map { _ in nil } }
        var readers: [[[[(axis: Int, number: Int, element: Int)]]?]] = node.inputShapes.map { shape in
            (0..<shape.rank).map { _ in nil }
        }
        for link in rule.links {
            let ends: (input: Int, axis: Int, output: Int, isTurned: Bool)
            switch (link.from, link.to) {
            case (.input(let input, let axis), .output(let output)): ends = (input, axis, output, false)
            case (.output(let output), .input(let input, let axis)): ends = (input, axis, output, true)
            default: continue
            }
            // Where a number counts for all others, none is made of some alone.
            guard rule.sum(of: .input(ends.input, axis: ends.axis)) == nil else { continue }
            let (from, to) = (node.inputShapes[ends.input][ends.axis], node.shape[ends.output])
            var sources = inputs[ends.output][ends.input] ?? [[Int]](repeating: [], count: to)
            var targets =
                readers[ends.input][ends.axis] ?? [[(axis: Int, number: Int, element: Int)]](repeating: [], count: from)
            let first = elements.first(node.inputs[ends.input], axis: ends.axis)
            let start = elements.first(number, axis: ends.output)
            for place in 0..<(ends.isTurned ? from : to) {
                let other = link.numbers?[place] ?? place
                guard other >= 0 else { continue }
                let (source, target) = ends.isTurned ? (place, other) : (other, place)
                sources[target].append(first + source)
                targets[source].append((ends.output, target, start + target))
            }
            inputs[ends.output][ends.input] = sources
            readers[ends.input][ends.axis] = targets
        }
        self.inputs = inputs
        self.readers = readers
    }
}
