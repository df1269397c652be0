/// Which values of a graph share memory, decided from the graph alone. Tensors are numbered as in `Network.tensors`: 0 is
/// the input, n + 1 the output of node n.
///
/// An operator that overwrites (ReLU, add) writes into its input where nobody else reads that, and where nothing is trained
/// each that goes value by value does, too; one that overwrites the
/// gradient (ReLU, batch norm) changes it in place on the way back. Where a batch norm may not, because the gradient of
/// its output is still to be read, it writes that of its input over its input, which nobody reads again: memory that is
/// in the caches already. An add hands its gradient on unchanged, so both inputs may have the very array of its output,
/// if what reads it for one is done before it changes for the other:
///
///     relu0 ─┬─ conv1 ─ … ─ norm2 ─ add ─ relu2      the gradients of relu2, add, norm2 and relu0 are one array:
///            └────────────────────── ┘               norm2 reads it, then conv1 adds its share for relu0
struct MemoryPlan {
    /// For each tensor the first one whose values it shares, itself where none.
    private(set) var values: [Int]
    /// The same for gradients.
    private(set) var gradients: [Int]
    /// Tensors whose gradient lies in the memory of their values.
    private(set) var inValues: Set<Int> = []

    init(_ graph: Graph, trains: Bool) {
        values = Array(0...graph.nodes.count)
        gradients = values
        var joined = JoinedTensors(count: values.count)
        for (number, node) in graph.nodes.enumerated() where node.isPointwise {
            guard node.op.traits.contains(.overwrites) || !trains && node.op.valueKind?.overwritesAnswer == true else {
                continue
            }
            guard let input = MemoryPlan.overwritten(by: number, graph) else { continue }
            values[number + 1] = values[input + 1]
        }
        var kept = Set<Int>()
        for (number, node) in graph.nodes.enumerated()
        where node.op.traits.contains(.passesGradient) && node.isPointwise {
            for (here, other) in [(0, 1), (1, 0)]
            where MemoryPlan.mayPassGradient(
                of: number, reader: node.inputs[here], changer: node.inputs[other], graph)
            {
                joined.join(number + 1, node.inputs[here] + 1)
                joined.join(number + 1, node.inputs[other] + 1)
                // Who reads the shared array while another still needs it must leave it as it is.
                kept.insert(node.inputs[here])
                if graph.readers(of: node.inputs[other]) == [number] { kept.insert(node.inputs[other]) }
                break
            }
        }
        for (number, node) in graph.nodes.enumerated() where node.op.traits.contains(.overwritesGradient) {
            guard node.inputs.count == 1, let input = node.inputs.first, input >= 0, !kept.contains(number),
                graph.readers(of: input) == [number], !graph.nodes[input].op.traits.contains(.reshapes)
            else { continue }
            joined.join(number + 1, input + 1)
        }
        for tensor in gradients.indices { gradients[tensor] = joined.first(of: tensor) }
        // How many share what each one is.
        var valueCounts = [Int](repeating: 0, count: values.count), gradientCounts = valueCounts
        for tensor in values.indices {
            valueCounts[values[tensor]] += 1
            gradientCounts[gradients[tensor]] += 1
        }
        for (number, node) in graph.nodes.enumerated() where node.op.traits.contains(.replacesInput) {
            guard let input = node.inputs.first, input >= 0, graph.readers(of: input) == [number] else { continue }
            let tensor = input + 1, producer = graph.nodes[input].op.traits
            let isAlone = valueCounts[values[tensor]] == 1 && gradientCounts[gradients[tensor]] == 1
            if isAlone, producer.isDisjoint(with: [.reshapes, .readsOutput]) { inValues.insert(tensor) }
        }
    }

    /// The input whose memory a node may write its output to: the newest, read by nobody else.
    private static func overwritten(by number: Int, _ graph: Graph) -> Int? {
        let inputs = graph.nodes[number].inputs
        guard let input = inputs.max(), input >= 0, Set(inputs).count == inputs.count,
            graph.readers(of: input) == [number]
        else { return nil }
        let isKept = !graph.nodes[input].op.traits.isDisjoint(with: [.reshapes, .readsOutput])
        return isKept ? nil : input
    }

    /// Whether `reader`, alone and on its own, reads the gradient of the sum before anything changes it for `changer`.
    private static func mayPassGradient(of number: Int, reader: Int, changer: Int, _ graph: Graph) -> Bool {
        guard reader >= 0, changer >= 0, reader != changer, graph.isHead(reader),
            graph.readers(of: reader) == [number], !graph.nodes[changer].op.traits.contains(.reshapes)
        else { return false }
        let readers = graph.readers(of: changer)
        if readers.count == 1 { return graph.isHead(changer) }
        // All others must be before `reader`, which is before this node: so this one is the last.
        return readers.last == number && changer < reader && readers[readers.count - 2] < reader
            && readers.dropLast().allSatisfy { graph.isHead($0) }
    }
}

extension Graph {
    /// Whether a node runs in regions of its own, at its own place in the order, both ways.
    func isHead(_ number: Int) -> Bool {
        let node = nodes[number]
        return node.weightShape != nil || node.op.traits.contains(.hasOwnRegions)
    }
}
