/// The numbers of a graph's axes that can only go together: an output row of a layer, the columns that read it, what lies between,
/// and whatever else these are joined with, as by the sum of a residual network.
package struct AxisGroups: Sendable {
    /// A number of an axis of a value.
    package struct Member: Sendable, Hashable {
        /// −1 is the network's input.
        package let value: Int
        package let axis: Int
        package let number: Int

        package init(value: Int, axis: Int, number: Int) {
            (self.value, self.axis, self.number) = (value, axis, number)
        }
    }

    package let graph: Graph
    package let elements: AxisElements
    /// By node.
    package let rules: [AxisRule]
    /// By element: the first element that it goes with.
    package let roots: [Int]
    /// By root: why it must stay.
    package let refusals: [Int: String]

    /// - Parameters:
    ///   - refused: nodes that could not be made anew, and why: nothing that touches them goes.
    ///   - keepsEnds: whether the network's input and output stay as they are.
    package init(_ graph: Graph, refused: [Int: String] = [:], keepsEnds: Bool = true) {
        self.graph = graph
        let elements = AxisElements(graph)
        self.elements = elements
        let rules = graph.nodes.map { $0.op.axisRule($0.inputShapes) }
        self.rules = rules
        var sets = DisjointSets(elements.count)
        for (number, node) in graph.nodes.enumerated() {
            for link in rules[number].links {
                guard let from = elements.range(link.from, of: number, graph),
                    let to = elements.range(link.to, of: number, graph)
                else { continue }
                for (place, element) in to.enumerated() {
                    let source = link.numbers?[place] ?? place
                    if source >= 0 { sets.join(from.lowerBound + source, element) }
                }
            }
            if let shape = node.summedWeights { Self.join(shape, of: number, graph, elements, &sets) }
        }
        let roots = (0..<elements.count).map { sets.root($0) }
        self.roots = roots
        var refusals: [Int: String] = [:]
        func keep(_ value: Int, axis: Int, _ reason: @autoclosure () -> String) {
            for element in elements.range(value, axis: axis) where refusals[roots[element]] == nil {
                refusals[roots[element]] = reason()
            }
        }
        if keepsEnds {
            for axis in 0..<graph.input.rank { keep(-1, axis: axis, "the network's input has its size") }
            let last = graph.nodes.count - 1
            for axis in 0..<graph.output.rank { keep(last, axis: axis, "the network's output has its size") }
        }
        var refused = refused
        for (number, node) in graph.nodes.enumerated() {
            guard let owner = node.weightsOf, let reason = Self.reason(toKeepSharedWeightsOf: number, graph) else {
                continue
            }
            refused[number] = refused[number] ?? reason
            refused[owner] = refused[owner] ?? reason
        }
        for (number, node) in graph.nodes.enumerated() {
            let name = type(of: node.op).descriptor.name
            for (place, input) in node.inputs.enumerated() {
                for axis in 0..<node.inputShapes[place].rank {
                    if let reason = refused[number] { keep(input, axis: axis, "node '\(node.name)': \(reason)") }
                    let isColumns = node.summedWeights != nil && axis == 0
                    guard !isColumns, !rules[number].names(.input(place, axis: axis)) else { continue }
                    keep(input, axis: axis, "node '\(node.name)' (\(name)) needs axis \(axis) whole")
                }
            }
            for axis in 0..<node.shape.rank {
                if let reason = refused[number] { keep(number, axis: axis, "node '\(node.name)': \(reason)") }
                let isRows = node.summedWeights != nil && axis == 0
                guard !isRows, !rules[number].names(.output(axis: axis)) else { continue }
                keep(number, axis: axis, "node '\(node.name)' (\(name)) makes axis \(axis) whole")
            }
        }
        self.refusals = refusals
    }

    // Groups of one input channel are depthwise: what is read and what is written are one. Of others rows and channels go by
    // themselves, the same number in each group (`RemovalPlan`). Rows and columns of weights that two nodes use are the same.
    private static func join(
        _ shape: WeightShape, of number: Int, _ graph: Graph, _ elements: AxisElements, _ sets: inout DisjointSets
    ) {
        let node = graph.nodes[number]
        let rows = elements.first(number, axis: 0)
        if shape.groups > 1, shape.channels == shape.groups {
            let channels = elements.first(node.inputs[0], axis: 0)
            for row in 0..<shape.rows { sets.join(channels + row / (shape.rows / shape.groups), rows + row) }
        }
        guard let owner = node.weightsOf, Self.reason(toKeepSharedWeightsOf: number, graph) == nil else { return }
        let (ownRows, ownChannels) = (
            elements.first(owner, axis: 0), elements.first(graph.nodes[owner].inputs[0], axis: 0)
        )
        for row in 0..<shape.rows { sets.join(ownRows + row, rows + row) }
        let channels = elements.first(node.inputs[0], axis: 0)
        for channel in 0..<shape.channels { sets.join(ownChannels + channel, channels + channel) }
    }

    private static func reason(toKeepSharedWeightsOf number: Int, _ graph: Graph) -> String? {
        guard let owner = graph.nodes[number].weightsOf, let own = graph.nodes[owner].weightShape,
            let shape = graph.nodes[number].weightShape
        else { return nil }
        let isSame =
            own.isTable == shape.isTable && own.channels == shape.channels && own.groups == shape.groups
            && own.window.taps == shape.window.taps
        return isSame ? nil : "it uses the weights of '\(graph.nodes[owner].name)' in another order"
    }

    /// Groups that may go, by root, with their members ascending; only those of an axis that has more than one number.
    package var removable: [(root: Int, members: [Member])] {
        var places: [Int: Int] = [:]
        var groups: [(root: Int, members: [Member])] = []
        for value in elements.values {
            for axis in 0..<elements.axes(of: value) {
                let range = elements.range(value, axis: axis)
                for element in range where refusals[roots[element]] == nil {
                    let member = Member(value: value, axis: axis, number: element - range.lowerBound)
                    if let place = places[roots[element]] {
                        groups[place].members.append(member)
                    } else {
                        places[roots[element]] = groups.count
                        groups.append((roots[element], [member]))
                    }
                }
            }
        }
        return groups
    }

    package func root(_ value: Int, axis: Int, _ number: Int) -> Int {
        roots[elements.first(value, axis: axis) + number]
    }
}

/// Sets that are joined, each known by its smallest member.
struct DisjointSets {
    private var parents: [Int]

    init(_ count: Int) { parents = Array(0..<count) }

    mutating func root(_ element: Int) -> Int {
        var root = element
        while parents[root] != root { root = parents[root] }
        var place = element
        while parents[place] != root { (place, parents[place]) = (parents[place], root) }
        return root
    }

    mutating func join(_ first: Int, _ second: Int) {
        let roots = (root(first), root(second))
        parents[max(roots.0, roots.1)] = min(roots.0, roots.1)
    }
}
