import Descriptors
import Graph
import Interchange

extension FileNetwork {
    /// Reads the file and makes of it what the recipe asks for.
    /// - Parameter input: shape of a sample of the data.
    /// - Throws: `FileProblem`, `GraphError`.
    func open(input: Shape) throws -> StartingNetwork {
        var starting = try NetworkFile.read(file, input: input)
        var entries = starting.graph.entries
        entries = withoutAnswer(entries, &starting.notices)
        if starting.graph.input != input { entries = try taking(input, starting.graph.input, entries) }
        if let head { try replaceHead(&entries, outputs: head, in: &starting) }
        try choose(&entries)
        starting.graph = try Graph(input: input, entries)
        try starting.weights?.requireFinite(starting.graph, path: file)
        if keepsZeros {
            let prunable = Set(entries.filter(\.isPrunable).map(\.name))
            starting.weights?.cutZeros { prunable.contains($0) }
        }
        return starting
    }

    /// Samples of other axes but as many values come in under the shape that the network was made for.
    private func taking(_ input: Shape, _ own: Shape, _ entries: [Graph.Entry]) throws -> [Graph.Entry] {
        guard input.features == own.features else {
            throw FileProblem(
                path: file, place: "input", found: "samples of \(own)", expected: "\(input), as the data has them")
        }
        var name = "reshaped"
        while entries.contains(where: { $0.name == name }) { name += "'" }
        let first = Graph.Entry(
            name, try Operators.make("reshape", ["shape": .integers(own.axes)]), inputs: [Graph.inputName])
        return [first]
            + entries.enumerated().map { number, entry in
                let isFirst = number == 0 && entry.inputs.isEmpty
                var inputs = entry.inputs.map { $0 == Graph.inputName ? name : $0 }
                if isFirst, type(of: entry.op).inputCount.upperBound > 0 { inputs = [name] }
                return Graph.Entry(
                    entry.name, entry.op, inputs: inputs, isPrunable: entry.isPrunable, isFrozen: entry.isFrozen,
                    weightsOf: entry.weightsOf)
            }
    }

    /// What turns outputs into an answer is the loss's work in training: softmax, the largest.
    private func withoutAnswer(_ entries: [Graph.Entry], _ notices: inout [String]) -> [Graph.Entry] {
        var entries = entries
        while entries.count > 1, let last = entries.last, type(of: last.op).isAnswer {
            notices.append("\(Files.name(of: file)): its last node '\(last.name)' is left to the loss")
            entries.removeLast()
        }
        return entries
    }

    private func replaceHead(
        _ entries: inout [Graph.Entry], outputs: Int, in starting: inout StartingNetwork
    ) throws {
        let weighted = starting.graph.nodes.indices.filter { starting.graph.nodes[$0].ownWeights != nil }
        guard let last = weighted.last, let op = entries[last].op.withRows(outputs) else {
            throw FileProblem(
                path: file, place: "network", found: "no last layer with weights",
                expected: "one that 'head' can replace")
        }
        entries[last].op = op
        starting.weights?.layers[entries[last].name] = nil
        starting.targetScale = nil
    }

    private func choose(_ entries: inout [Graph.Entry]) throws {
        let names = entries.map(\.name)
        for (key, patterns) in [("prune", prune), ("freeze", freeze)] {
            if let unused = patterns.unused(among: names).first {
                throw FileProblem(
                    path: file, place: "'\(key)'", found: "'\(unused)', which fits no name",
                    expected: "names such as " + names.prefix(8).joined(separator: ", ")
                        + didYouMean(String(unused.drop { $0 == "!" }), among: names))
            }
        }
        for number in entries.indices {
            let name = entries[number].name
            if !prune.patterns.isEmpty { entries[number].isPrunable = prune.contains(name) }
            entries[number].isFrozen = freeze.contains(name)
        }
    }
}
