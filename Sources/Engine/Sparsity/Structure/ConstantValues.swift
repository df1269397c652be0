import Graph
import Kernels

/// What some nodes give for a sample of zeros: where a value does not depend on the sample, its value. The network itself computes
/// it, so a fold adds what its kernels would have added.
struct ConstantValues {
    /// By node, row-major.
    private(set) var values: [Int: [Float]] = [:]

    /// Of no node.
    init() {}

    /// - Throws: `GraphError`; a graph that holds the nodes can be made of theirs.
    init(_ graph: Graph, _ arrays: GraphArrays, nodes wanted: Set<Int>) throws {
        guard !wanted.isEmpty else { return }
        // The nodes that lead there, and each wanted value once more as features, side by side: nothing is written over.
        var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
        for number in graph.nodes.indices.reversed() where isNeeded[number] || wanted.contains(number) {
            isNeeded[number] = true
            for input in graph.nodes[number].inputs where input >= 0 { isNeeded[input] = true }
            if let owner = graph.nodes[number].weightsOf { isNeeded[owner] = true }
        }
        // An owner of weights that leads nowhere here is looked at, too: its value is thrown away.
        let order = graph.nodes.indices.filter { isNeeded[$0] }
        let taken = order.filter { number in
            wanted.contains(number) || !graph.readers(of: number).contains { isNeeded[$0] }
        }
        let all = graph.entries
        var entries = order.map { all[$0] }
        var names = Set(all.map(\.name))
        func name(_ text: String) -> String {
            var name = text
            while !names.insert(name).inserted { name += "'" }
            return name
        }
        var parts: [String] = []
        for number in taken {
            let flat = name("features")
            let size = graph.nodes[number].shape.features
            entries.append(.init(flat, Reshape([size]), inputs: [graph.nodes[number].name]))
            parts.append(flat)
        }
        while parts.count > 1 {
            var joined: [String] = []
            for first in stride(from: 0, to: parts.count, by: 64) {
                let some = Array(parts[first..<min(first + 64, parts.count)])
                let both = name("values")
                entries.append(.init(both, Concat(axis: 0), inputs: some))
                joined.append(both)
            }
            parts = joined
        }
        let network = Network(
            try Graph(input: graph.input, entries), capacity: 1, team: Team(size: 1), trains: false)
        let layers = Dictionary(
            zip(graph.nodes.filter { $0.ownWeights != nil }.map(\.name), arrays.layers), uniquingKeysWith: { $1 })
        let parameters = Dictionary(arrays.parameters.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        for layer in network.layers {
            var given = layers[layer.name]!
            (given.slots, given.biasSlots) = ([], [])
            layer.set(given)
        }
        for parameter in network.parameters { parameter.set(parameters[parameter.name]!) }
        network.forward(samples: 1)
        let output = network.output
        var place = 0
        for number in taken {
            let count = graph.nodes[number].shape.features
            values[number] = (place..<place + count).map { output.values[output.layout.offset($0)] }
            place += count
        }
    }

    /// The values of one number of an axis.
    func slice(_ value: Int, _ shape: Shape, axis: Int, _ number: Int) -> [Float] {
        guard let all = values[value] else { return [] }
        let inner = shape.axes[(axis + 1)...].reduce(1, *), size = shape[axis]
        let outer = all.count / (inner * size)
        var slice: [Float] = []
        for place in 0..<outer {
            let start = (place * size + number) * inner
            slice += all[start..<start + inner]
        }
        return slice
    }
}
