/// A graph without some groups of its axes, and where what it holds is to be taken from.
package struct NarrowedGraph: Sendable {
    package let graph: Graph
    /// One for each node that holds weights, in their order.
    package let layers: [LayerMap]
    /// One for each parameter, in their order.
    package let parameters: [ParameterMap]

    /// Why a node cannot be made without what is to go.
    package struct Refusal: Error, CustomStringConvertible {
        package let node: Int
        package let reason: String
        package var description: String { reason }
    }

    /// - Parameter removed: roots of groups that may go and leave something of every axis.
    /// - Throws: `Refusal` naming the node, where its operator has no form for what is left.
    package init(_ groups: AxisGroups, removing removed: Set<Int>) throws {
        let graph = groups.graph, elements = groups.elements
        let kept = elements.values.map { value in
            (0..<elements.axes(of: value)).map { axis in
                let range = elements.range(value, axis: axis)
                return range.filter { !removed.contains(groups.roots[$0]) }.map { $0 - range.lowerBound }
            }
        }
        var entries = graph.entries
        var layers: [LayerMap] = [], parameters: [ParameterMap] = []
        for (number, node) in graph.nodes.enumerated() {
            let change = AxisChange(
                inputs: node.inputShapes, output: node.shape, keptInputs: node.inputs.map { kept[$0 + 1] },
                keptOutput: kept[number + 1])
            guard change.newOutput.axes.allSatisfy({ $0 > 0 }) else {
                throw Refusal(node: number, reason: "nothing would be left of it")
            }
            let op =
                change.newInputs == change.inputs && change.newOutput == change.output
                ? node.op : node.op.narrowed(change)
            guard let op, (try? op.outputShape(change.newInputs)) == change.newOutput else {
                throw Refusal(
                    node: number,
                    reason: "operator \(type(of: node.op).descriptor.name) has no form for what would be left of it")
            }
            entries[number].op = op
            if node.weightsOf == nil, let shape = node.weightShape {
                let map = LayerMap(
                    node: node.name, shape: shape, rows: shape.isTable ? Array(0..<shape.rows) : change.keptOutput[0],
                    channels: shape.isTable ? change.keptOutput.last! : change.keptInputs[0][0])
                guard let new = op.weightShape(change.newInputs), new.rows == map.rows.count,
                    new.columns == map.columnsOfRow, new.groups == map.columns.count
                else {
                    throw Refusal(node: number, reason: "its groups of channels would not be equally large")
                }
                layers.append(map)
            }
            let old = node.op.parameters(node.inputShapes), new = op.parameters(change.newInputs)
            for (place, shape) in old.enumerated() {
                let kept = shape.axes.indices.map { axis in
                    groups.rules[number].kept(place, axis: axis, count: shape.axes[axis], change)
                }
                guard place < new.count, new[place].axes == kept.map(\.count) else {
                    throw Refusal(node: number, reason: "its '\(shape.name)' has no rule for what would be left of it")
                }
                parameters.append(ParameterMap(node: node.name, old: shape, shape: new[place], kept: kept))
            }
        }
        self.layers = layers
        self.parameters = parameters
        do {
            self.graph = try Graph(input: graph.input, entries)
        } catch {
            throw Refusal(node: graph.nodes.count - 1, reason: "\(error)")
        }
    }
}

extension AxisRule {
    /// The numbers of a parameter's axis that stay with what they are linked to.
    fileprivate func kept(_ parameter: Int, axis: Int, count: Int, _ change: AxisChange) -> [Int] {
        let place = Place.parameter(parameter, axis: axis)
        func kept(_ other: Place) -> Set<Int> {
            switch other {
            case .input(let number, let axis): Set(change.keptInputs[number][axis])
            case .output(let axis): Set(change.keptOutput[axis])
            case .parameter: []
            }
        }
        for link in links where link.to == place {
            let stays = kept(link.from)
            return (0..<count).filter { stays.contains(link.numbers?[$0] ?? $0) }
        }
        return Array(0..<count)
    }
}
