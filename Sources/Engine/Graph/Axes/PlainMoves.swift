import Kernels

extension Graph {
    /// The same graph with chains of moves written so that as much of them as can may go.
    ///
    /// Of a reshape the outermost axis alone can lose numbers. Where the parts of a reshaped axis are moved afterwards, more can go
    /// than the single links tell: shuffled channels are channels in another order, so their chain becomes one move along the axis;
    /// the queries of a fused projection are some of its rows, so they are sliced before they are parted into heads. Names of nodes
    /// that others read stay, and so do values and the order of weights and parameters.
    /// - Complexity: O(values of the nodes of the chains)
    /// - Throws: `GraphError`
    package func withPlainMoves() throws -> Graph {
        var entries = entries
        var made: [Int: [Entry]] = [:]
        var names = Set(entries.map(\.name))
        var isRewritten = Set<Int>()
        // The network's output stays as it is.
        for number in nodes.indices.dropLast() {
            guard let chain = MoveChain(to: number, self), let ops = chain.plain else { continue }
            isRewritten.formUnion(chain.nodes)
            var before = entries[chain.source].name
            made[number] = ops.enumerated().map { place, op in
                var name = entries[number].name
                if place < ops.count - 1 {
                    repeat { name += ".part" } while !names.insert(name).inserted
                }
                defer { before = name }
                return Entry(name, op, inputs: [before])
            }
        }
        guard !made.isEmpty else { return self }
        // Moves that nobody reads any more are gone.
        var isRead = Set(entries.indices.filter { !isRewritten.contains($0) }.flatMap { nodes[$0].inputs })
        var kept: [[Entry]] = []
        for number in entries.indices.reversed() {
            if let own = made[number] {
                kept.append(own)
            } else if !isRewritten.contains(number) || isRead.contains(number) {
                isRead.formUnion(nodes[number].inputs)
                kept.append([entries[number]])
            }
        }
        entries = kept.reversed().flatMap { $0 }
        return try Graph(input: input, entries)
    }
}

/// Moves of one value, one after the other, up to one that something else than a move reads.
private struct MoveChain {
    /// The node that makes the value.
    let source: Int
    /// From the first to the last.
    private(set) var nodes: [Int] = []
    private let graph: Graph
    /// Of each point of the last node's output: the point of the source.
    private let points: [Int]

    /// Nil where it is less than two moves, or ends in another move, or begins with the network's input.
    init?(to last: Int, _ graph: Graph) {
        guard Self.points(last, graph) != nil, !Self.isOnlyMoved(last, graph) else { return nil }
        var nodes: [Int] = []
        var points = Array(0..<graph.nodes[last].shape.features)
        var at = last
        while at >= 0, let found = Self.points(at, graph) {
            points = points.map { found[$0] }
            nodes.append(at)
            at = graph.nodes[at].inputs[0]
        }
        guard nodes.count > 1, at >= 0 else { return nil }
        (source, self.nodes, self.graph, self.points) = (at, nodes.reversed(), graph, points)
    }

    private static func isOnlyMoved(_ number: Int, _ graph: Graph) -> Bool {
        graph.readers(of: number).allSatisfy { points($0, graph) != nil }
    }

    /// The point of its one input for each point of a move; nil of anything else, and where it fills something in.
    private static func points(_ number: Int, _ graph: Graph) -> [Int]? {
        let node = graph.nodes[number]
        guard node.inputs.count == 1, node.weightShape == nil else { return nil }
        if node.op.traits.contains(.reshapes) { return Array(0..<node.shape.features) }
        guard case .points(let map) = node.op.reach(node.inputShapes), !map.sources.contains(-1) else { return nil }
        return map.sources.map(Int.init)
    }

    private var from: Shape { graph.nodes[source].shape }
    private var to: Shape { graph.nodes[nodes.last!].shape }
    private func reshapes(_ number: Int) -> Bool { graph.nodes[number].op.traits.contains(.reshapes) }
    /// Whether axes become more or fewer, apart from those of size 1.
    private func parts(_ number: Int) -> Bool {
        let node = graph.nodes[number]
        return reshapes(number) && node.inputShapes[0].axes.filter { $0 > 1 } != node.shape.axes.filter { $0 > 1 }
    }

    /// The same as one move along an axis, or as a part of the first axis and what becomes of it; nil where it is as well as it is.
    var plain: [any Operator]? {
        guard let first = nodes.firstIndex(where: parts), !nodes[first...].allSatisfy(reshapes) else { return nil }
        if let move = alongAnAxis { return [move] }
        return first == 0 ? partOfRows : nil
    }

    private var alongAnAxis: (any Operator)? {
        guard from.rank == to.rank else { return nil }
        for axis in 0..<from.rank where (0..<from.rank).allSatisfy({ $0 == axis || from[$0] == to[$0] }) {
            let inner = from.axes[(axis + 1)...].reduce(1, *)
            let numbers = (0..<to[axis]).map { points[$0 * inner] / inner }
            guard numbers.allSatisfy({ $0 < from[axis] }) else { continue }
            var indices = from.axes.map { Array(0..<$0) }
            indices[axis] = numbers
            let map = PointMap(input: from.axes, from: Array(0..<from.rank), indices: indices)
            guard map.sources.elementsEqual(points.lazy.map { Int32($0) }) else { continue }
            let first = numbers[0]
            guard numbers != Array(first..<first + numbers.count) else {
                return try? Slice(starts: [first], ends: [first + numbers.count], axes: [axis])
            }
            return Gather(numbers, axis: axis)
        }
        return nil
    }

    /// Rows side by side, their points under other axes in another order.
    private var partOfRows: [any Operator]? {
        guard from.rank > 0, let first = points.first else { return nil }
        let inner = from.features / from[0]
        guard first % inner == 0, points.count % inner == 0, points.count < from.features else { return nil }
        let strides = AxisStrides(axes: to.axes, lanes: 1).strides
        let steps = (0..<to.rank).map { to[$0] > 1 ? points[strides[$0]] - first : 0 }
        let order = (0..<to.rank).filter { to[$0] > 1 }.sorted { steps[$0] > steps[$1] }
        // The outermost first, each as long as all that is within it.
        var size = points.count
        for axis in order {
            size /= to[axis]
            guard steps[axis] == size else { return nil }
        }
        for (place, point) in points.enumerated() {
            var found = first
            for axis in order { found += place / strides[axis] % to[axis] * steps[axis] }
            guard found == point else { return nil }
        }
        let sizes = order.map { to[$0] }
        let rows = first / inner..<(first + points.count) / inner
        guard let part = try? Slice(starts: [rows.lowerBound], ends: [rows.upperBound], axes: [0]) else { return nil }
        var ops: [any Operator] = [part]
        if order == order.sorted() {
            ops.append(Reshape(to.axes))
        } else {
            ops.append(Reshape(sizes))
            // For each axis of the output that of the reshaped value.
            let axes = order.sorted()
            ops.append(Transpose(axes.map { order.firstIndex(of: $0)! }))
            if axes.count < to.rank { ops.append(Reshape(to.axes)) }
        }
        return ops
    }
}
