/// A directed acyclic graph of operators. Nodes stand in the order they run; each reads values made before it.
package struct Graph: Sendable {
    package struct Node: Sendable {
        package let name: String
        package let op: any Operator
        /// Indices of nodes; −1 is the network's input.
        package let inputs: [Int]
        package let inputShapes: [Shape]
        package let shape: Shape
        /// False: its weights are never cut, by a method or by hand.
        package let isPrunable: Bool
        /// True: its weights and parameters are not trained.
        package let isFrozen: Bool
        /// The node before it whose weights it uses in place of own ones.
        package let weightsOf: Int?

        /// The weights it uses, if any.
        package var weightShape: WeightShape? { op.weightShape(inputShapes) }
        /// The weights it makes sums with: those that it uses, unless they are a table whose rows it looks up.
        package var summedWeights: WeightShape? { weightShape.flatMap { $0.isTable ? nil : $0 } }
        /// The weights it holds: those that it uses and no node before it holds.
        package var ownWeights: WeightShape? { weightsOf == nil ? weightShape : nil }
        /// Whether each value is made of those of the same place: nothing is repeated to fit another shape.
        package var isPointwise: Bool { inputShapes.allSatisfy { $0 == shape } }
    }

    /// A node as it is written: without shapes, inputs by name.
    package struct Entry: Sendable {
        package let name: String
        package var op: any Operator
        /// Empty: the node before (or the network's input).
        package let inputs: [String]
        package var isPrunable: Bool
        package var isFrozen: Bool
        /// A node before it whose weights it uses: one mask, one gradient.
        package var weightsOf: String?

        package init(
            _ name: String, _ op: any Operator, inputs: [String] = [], isPrunable: Bool = true, isFrozen: Bool = false,
            weightsOf: String? = nil
        ) {
            self.name = name
            self.op = op
            self.inputs = inputs
            self.isPrunable = isPrunable
            self.isFrozen = isFrozen
            self.weightsOf = weightsOf
        }
    }

    /// As they were written.
    package var entries: [Entry] {
        nodes.map { node in
            Entry(
                node.name, node.op, inputs: node.inputs.map { $0 < 0 ? Graph.inputName : nodes[$0].name },
                isPrunable: node.isPrunable, isFrozen: node.isFrozen,
                weightsOf: node.weightsOf.map { nodes[$0].name })
        }
    }

    package static let inputName = "input"
    package let input: Shape
    package let nodes: [Node]
    /// Of the input, then of each node: the nodes that read it, ascending.
    private let readerLists: [[Int]]
    /// Of the input, then of each node: the image that a flat value was flattened from.
    private let folds: [Shape?]
    /// By node.
    private let avoidable: [Bool]

    /// - Complexity: O(nodes), as all that is asked of a graph later is O(1).
    /// - Throws: `GraphError` naming the node.
    package init(input: Shape, _ entries: [Entry]) throws {
        guard !entries.isEmpty else { throw GraphError.empty }
        guard Graph.isCountable(input) else {
            throw GraphError.size(
                node: Graph.inputName, found: "\(input.channels)×\(input.height)×\(input.width)",
                expected: "channels, height and width of 1 and more, together at most \(Graph.mostFeatures)")
        }
        var nodes: [Node] = []
        var numbers = [Graph.inputName: -1]
        for entry in entries {
            guard numbers[entry.name] == nil else { throw GraphError.duplicateName(entry.name) }
            let expected = type(of: entry.op).inputCount
            let takesPrevious = entry.inputs.isEmpty && expected.upperBound > 0
            let names = takesPrevious ? [nodes.last?.name ?? Graph.inputName] : entry.inputs
            let inputs = try names.map { name in
                guard let number = numbers[name] else {
                    throw GraphError.unknownInput(node: entry.name, input: name, known: numbers.keys.sorted())
                }
                return number
            }
            guard expected.contains(inputs.count) else {
                throw GraphError.inputCount(node: entry.name, found: inputs.count, expected: expected)
            }
            let shapes = inputs.map { $0 < 0 ? input : nodes[$0].shape }
            let shape: Shape
            do {
                shape = try entry.op.outputShape(shapes)
            } catch GraphError.shape(_, let found, let expected) {
                throw GraphError.shape(node: entry.name, found: found, expected: expected)
            }
            guard Graph.isCountable(shape) else {
                throw GraphError.size(
                    node: entry.name, found: "\(shape) values a sample",
                    expected: "at most \(Graph.mostFeatures)")
            }
            if let weights = entry.op.weightShape(shapes), !Graph.isCountable(weights) {
                throw GraphError.size(
                    node: entry.name, found: "\(weights.rows)×\(weights.columns) weights",
                    expected: "at most \(Graph.mostWeights)")
            }
            numbers[entry.name] = nodes.count
            nodes.append(
                Node(
                    name: entry.name, op: entry.op, inputs: inputs, inputShapes: shapes, shape: shape,
                    isPrunable: entry.isPrunable, isFrozen: entry.isFrozen,
                    weightsOf: try entry.weightsOf.map { name in
                        let owner = try Graph.owner(name, of: entry, numbers, nodes)
                        let (held, used) = (nodes[owner].weightShape!, entry.op.weightShape(shapes))
                        guard used.map({ $0.rows == held.rows && $0.columns == held.columns }) == true else {
                            throw GraphError.shape(
                                node: entry.name,
                                found: used.map { "one for \($0.rows)×\($0.columns) weights" } ?? "one without weights",
                                expected: "the \(held.rows)×\(held.columns) weights of '\(name)'")
                        }
                        return owner
                    }))
        }
        self.input = input
        self.nodes = nodes
        readerLists = Graph.readers(nodes)
        folds = Graph.folds(nodes)
        avoidable = Graph.avoidable(nodes)
        for number in nodes.indices.dropLast() where readers(of: number).isEmpty {
            throw GraphError.unused(node: nodes[number].name)
        }
    }

    private static func owner(
        _ name: String, of entry: Entry, _ numbers: [String: Int], _ nodes: [Node]
    ) throws -> Int {
        guard let number = numbers[name], number >= 0, nodes[number].ownWeights != nil else {
            let known = nodes.filter { $0.ownWeights != nil }.map(\.name)
            throw GraphError.unknownInput(node: entry.name, input: name, known: known)
        }
        return number
    }

    private static func readers(_ nodes: [Node]) -> [[Int]] {
        var readers = [[Int]](repeating: [], count: nodes.count + 1)
        for (number, node) in nodes.enumerated() {
            for input in node.inputs where readers[input + 1].last != number { readers[input + 1].append(number) }
        }
        return readers
    }

    private static func folds(_ nodes: [Node]) -> [Shape?] {
        var folds: [Shape?] = [nil]
        for node in nodes {
            if node.op.traits.contains(.reshapes), node.shape.isFlat {
                let image = node.inputShapes[0]
                folds.append(
                    image.isFlat ? nil : Shape(channels: image.channels, height: image.height, width: image.width))
            } else {
                folds.append(node.op.traits.contains(.keepsOrder) ? folds[node.inputs[0] + 1] : nil)
            }
        }
        return folds
    }

    // Every node reaches the output. Of those that the input reaches, too, a path avoids one if, and only if, an edge goes past it
    // in the order of the nodes; what depends on constants alone is on no path.
    private static func avoidable(_ nodes: [Node]) -> [Bool] {
        var isReached = [true]
        for node in nodes { isReached.append(node.inputs.contains { isReached[$0 + 1] }) }
        // Edges that begin to go past at a node, less those that end to.
        var changes = [Int](repeating: 0, count: nodes.count + 1)
        for (number, node) in nodes.enumerated() {
            for input in node.inputs where input + 1 < number && isReached[input + 1] {
                changes[input + 1] += 1
                changes[number] -= 1
            }
        }
        var passing = 0
        return nodes.indices.map { number in
            passing += changes[number]
            return passing > 0 || !isReached[number + 1]
        }
    }

    /// Values of a sample that a node may have: of 64 samples a word of 32 bits still numbers the cache lines.
    package static let mostFeatures = 1 << 30
    /// So that sums and products with sizes of a few bytes fit a word.
    package static let mostWeights = 1 << 60

    private static func isCountable(_ shape: Shape) -> Bool {
        shape.axes.allSatisfy { (1...mostFeatures).contains($0) } && product(shape.axes) <= mostFeatures
    }

    private static func isCountable(_ weights: WeightShape) -> Bool {
        product([weights.rows, weights.columns]) <= mostWeights
    }

    /// Of numbers from 0; `Int.max` where it is no word.
    private static func product(_ sizes: [Int]) -> Int {
        sizes.reduce(1) { product, size in
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            return overflow ? Int.max : next
        }
    }

    package var output: Shape { nodes[nodes.count - 1].shape }
    package var lanes: Int { nodes.contains { $0.op.traits.contains(.wantsNarrowPanels) } ? 16 : 64 }

    /// Lanes for batches of up to `capacity` samples: 16 also where 64 would compute more than an eighth in vain, as
    /// five samples would cost 64. Lanes change no bit: samples keep their order, and chains are sixteen lanes wide.
    package func lanes(capacity: Int) -> Int {
        let wide = (capacity + 63) / 64 * 64, narrow = (capacity + 15) / 16 * 16
        return lanes == 64 && 8 * wide <= 9 * narrow ? 64 : 16
    }

    /// Ascending; −1 is the input.
    package func readers(of number: Int) -> [Int] { readerLists[number + 1] }

    /// The node that holds weights and those that use them, ascending.
    package func users(ofWeightsOf number: Int) -> [Int] {
        [number] + nodes.indices.dropFirst(number).filter { nodes[$0].weightsOf == number }
    }

    /// Whether some path from input to output avoids this node.
    package func isAvoidable(_ number: Int) -> Bool { avoidable[number] }

    /// Of each node: whether some node with weights reads its value, straight or through others. Where none does, its
    /// rows are the network's answer.
    package var isReadByWeights: [Bool] {
        var isRead = [Bool](repeating: false, count: nodes.count)
        // From the last node back all readers of a value are seen before it.
        for (number, node) in nodes.enumerated().reversed() where isRead[number] || node.weightShape != nil {
            for input in node.inputs where input >= 0 { isRead[input] = true }
        }
        return isRead
    }

    /// The image that a flat value was flattened from, if it was.
    func fold(of number: Int) -> Shape? { folds[number + 1] }
}
