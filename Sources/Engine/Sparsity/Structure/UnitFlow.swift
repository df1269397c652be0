import Graph

/// Which numbers of a graph's axes depend on the sample, and on which of them the output depends, with the weights that are not zero.
///
/// What does not depend on the sample is *constant*: a row without weights sends its bias on, through normalisation and activation.
/// What the output does not depend on is *unread*. Both may claim too little, never too much.
struct UnitFlow {
    let groups: AxisGroups
    let arrays: GraphArrays
    /// By element.
    private(set) var varies: [Bool]
    private(set) var isRead: [Bool]
    /// Of constants whose values had to be known: whether they are all zero.
    private(set) var isZero: [Bool]
    /// By value, the input first.
    private var valueVaries: [Bool] = []
    private(set) var valueIsRead: [Bool] = []
    private(set) var constants: ConstantValues

    private let graph: Graph
    private let elements: AxisElements
    private let sources: [NodeSources]
    /// Of nodes that use weights.
    let weights: [NodeWeights?]
    /// Of normalisations by channel: those whose slope is 0.
    private let closed: [[Bool]?]

    /// - Throws: `GraphError`, as `ConstantValues` does.
    init(_ groups: AxisGroups, _ arrays: GraphArrays) throws {
        let graph = groups.graph
        self.graph = graph
        self.groups = groups
        self.arrays = arrays
        elements = groups.elements
        sources = graph.nodes.indices.map { NodeSources($0, groups) }
        let layers = graph.layerNumbers
        weights = zip(graph.nodes, layers).map { node, layer in
            node.summedWeights.flatMap { shape in layer.map { NodeWeights(shape: shape, arrays: arrays.layers[$0]) } }
        }
        var place = 0
        closed = graph.nodes.map { node in
            let count = node.op.parameters(node.inputShapes).count
            defer { place += count }
            guard count > 0 else { return nil }
            return node.op.planeScale(Array(arrays.parameters[place..<place + count]))?.slopes.map { $0 == 0 }
        }
        varies = [Bool](repeating: true, count: elements.count)
        isRead = varies
        isZero = [Bool](repeating: false, count: elements.count)
        constants = try ConstantValues(graph, arrays, nodes: [])
        // A product with zeros is constant, and what is behind it may be zeros for another one.
        for _ in 0..<4 {
            goForward()
            guard try findZeros() else { break }
        }
        goBack()
        try takeConstants()
    }

    /// What masks alone decide: whatever the weights, biases and parameters, there is no way around a link that is not there.
    /// - Parameter masks: of each layer, ascending positions; nil: all.
    init(_ groups: AxisGroups, masks: [[Int]?]) {
        let graph = groups.graph
        self.graph = graph
        self.groups = groups
        let shapes = graph.nodes.filter { $0.weightsOf == nil }.compactMap(\.weightShape)
        arrays = GraphArrays(
            layers: zip(masks, shapes).map { mask, shape in
                LayerArrays(
                    indices: mask, values: [Float](repeating: 1, count: mask?.count ?? shape.rows * shape.columns),
                    slots: [], bias: [], biasSlots: [])
            }, parameters: [])
        elements = groups.elements
        sources = graph.nodes.indices.map { NodeSources($0, groups) }
        let arrays = arrays
        weights = zip(graph.nodes, graph.layerNumbers).map { node, layer in
            node.summedWeights.flatMap { shape in layer.map { NodeWeights(shape: shape, arrays: arrays.layers[$0]) } }
        }
        closed = graph.nodes.map { _ in nil }
        varies = [Bool](repeating: true, count: elements.count)
        isRead = varies
        isZero = [Bool](repeating: false, count: elements.count)
        constants = ConstantValues()
        goForward()
        goBack()
    }

    /// Whether anything of a node's value does.
    func varies(value: Int) -> Bool { valueVaries[value + 1] }

    // MARK: What depends on the sample

    private mutating func goForward() {
        valueVaries = [true]
        for (number, node) in graph.nodes.enumerated() {
            var anyVaries = node.inputs.contains { valueVaries[$0 + 1] }
            if let weights = weights[number] {
                anyVaries = forward(weights, number)
            } else {
                for axis in 0..<node.shape.rank {
                    var someVary = false
                    let range = elements.range(number, axis: axis)
                    for (place, element) in range.enumerated() {
                        varies[element] = dependsOnSample(number, axis: axis, place)
                        someVary = someVary || varies[element]
                    }
                    if !someVary { anyVaries = false }
                }
                if let closed = closed[number], node.shape.rank > 0 {
                    for (channel, isClosed) in closed.enumerated() where isClosed {
                        varies[elements.first(number, axis: 0) + channel] = false
                    }
                }
            }
            valueVaries.append(anyVaries)
        }
    }

    private mutating func forward(_ weights: NodeWeights, _ number: Int) -> Bool {
        let node = graph.nodes[number]
        let rows = elements.range(number, axis: 0)
        let channels = elements.first(node.inputs[0], axis: 0)
        for row in rows { varies[row] = false }
        weights.forEachNonzero { row, channel, _, _, _ in
            if varies[channels + channel] { varies[rows.lowerBound + row] = true }
        }
        let anyVaries = rows.contains { varies[$0] }
        for axis in 1..<max(1, node.shape.rank) {
            for element in elements.range(number, axis: axis) { varies[element] = anyVaries }
        }
        return anyVaries
    }

    private func dependsOnSample(_ number: Int, axis: Int, _ place: Int) -> Bool {
        if isProductWithZeros(number, axis: axis, place) { return false }
        return sources[number].inputs[axis].indices.contains { input in
            guard let linked = sources[number].inputs[axis][input] else {
                return valueVaries[graph.nodes[number].inputs[input] + 1]
            }
            return linked[place].contains { varies[$0] }
        }
    }

    private func isProductWithZeros(_ number: Int, axis: Int, _ place: Int) -> Bool {
        groups.rules[number].zeroOfOneInput
            && sources[number].inputs[axis].contains { linked in
                guard let linked = linked?[place], !linked.isEmpty else { return false }
                return linked.allSatisfy { isZero[$0] }
            }
    }

    /// - Returns: whether something was found.
    private mutating func findZeros() throws -> Bool {
        var wanted = Set<Int>()
        for (number, node) in graph.nodes.enumerated() where groups.rules[number].zeroOfOneInput {
            for input in node.inputs where input >= 0 {
                for axis in 0..<elements.axes(of: input)
                where elements.range(input, axis: axis).contains(where: { !varies[$0] && !isZero[$0] }) {
                    wanted.insert(input)
                }
            }
        }
        guard !wanted.isEmpty else { return false }
        let constants = try ConstantValues(graph, arrays, nodes: wanted)
        var found = false
        for value in wanted { found = noteZeros(value, constants) || found }
        return found
    }

    private mutating func noteZeros(_ value: Int, _ constants: ConstantValues) -> Bool {
        let shape = graph.nodes[value].shape
        var found = false
        for axis in 0..<shape.rank {
            for (place, element) in elements.range(value, axis: axis).enumerated()
            where !varies[element] && !isZero[element] {
                guard constants.slice(value, shape, axis: axis, place).allSatisfy({ $0 == 0 }) else { continue }
                isZero[element] = true
                found = true
            }
        }
        return found
    }

    // MARK: What the output depends on

    private mutating func goBack() {
        isRead = [Bool](repeating: false, count: elements.count)
        valueIsRead = [Bool](repeating: false, count: graph.nodes.count + 1)
        readWhole(graph.nodes.count - 1)
        for number in graph.nodes.indices.reversed() where valueIsRead[number + 1] {
            let node = graph.nodes[number]
            if let weights = weights[number] {
                let rows = elements.first(number, axis: 0), channels = elements.first(node.inputs[0], axis: 0)
                var anyRead = false
                weights.forEachNonzero { row, channel, _, _, _ in
                    guard isRead[rows + row] else { return }
                    isRead[channels + channel] = true
                    anyRead = true
                }
                for axis in 1..<max(1, node.inputShapes[0].rank) where anyRead {
                    for element in elements.range(node.inputs[0], axis: axis) { isRead[element] = true }
                }
                valueIsRead[node.inputs[0] + 1] = valueIsRead[node.inputs[0] + 1] || anyRead
                continue
            }
            for (place, input) in node.inputs.enumerated() { read(input, place, by: number) }
        }
    }

    private mutating func readWhole(_ value: Int) {
        valueIsRead[value + 1] = true
        for axis in 0..<elements.axes(of: value) {
            for element in elements.range(value, axis: axis) { isRead[element] = true }
        }
    }

    private mutating func read(_ input: Int, _ place: Int, by number: Int) {
        var anyRead = true
        let rank = graph.nodes[number].inputShapes[place].rank
        for axis in 0..<rank {
            guard let readers = sources[number].readers[place][axis] else {
                for element in elements.range(input, axis: axis) { isRead[element] = true }
                continue
            }
            var someRead = false
            let first = elements.first(input, axis: axis)
            for (index, links) in readers.enumerated() {
                let isReadHere = links.contains { link in
                    isRead[link.element] && !isProductWithZeros(number, axis: link.axis, link.number)
                        && !(link.axis == 0 && closed[number]?[link.number] == true)
                }
                guard isReadHere else { continue }
                isRead[first + index] = true
                someRead = true
            }
            if !someRead { anyRead = false }
        }
        valueIsRead[input + 1] = valueIsRead[input + 1] || anyRead
    }

    // MARK: Values of constants

    /// Those that weights read, or sums.
    private mutating func takeConstants() throws {
        var wanted = Set<Int>()
        for (number, node) in graph.nodes.enumerated() where valueIsRead[number + 1] {
            let sums = groups.rules[number].sums
            for (place, input) in node.inputs.enumerated() where input >= 0 {
                let isSummed = sums.contains { if case .input(place, _) = $0.place { true } else { false } }
                guard weights[number] != nil || isSummed else { continue }
                for axis in 0..<elements.axes(of: input)
                where elements.range(input, axis: axis).contains(where: { !varies[$0] && isRead[$0] }) {
                    wanted.insert(input)
                }
            }
        }
        constants = try ConstantValues(graph, arrays, nodes: wanted)
        for value in wanted { _ = noteZeros(value, constants) }
    }
}
