import Kernels

/// The attention heads that the weights of a layer belong to. A head has one number in all layers: its rows of the projections to
/// queries, keys and values, and the columns of the layer that reads what it mixed.
package struct HeadMembers: Sendable, Equatable {
    /// By row: the head, or −1.
    package let rows: [Int32]
    /// By channel that a row reads: the head, or −1.
    package let channels: [Int32]

    package init(rows: [Int32], channels: [Int32]) {
        self.rows = rows
        self.channels = channels
    }

    /// The head of a weight; of one that two heads share, the one that makes its row; −1: none.
    package func head(row: Int, column: Int, taps: Int) -> Int32 {
        rows[row] >= 0 ? rows[row] : channels[column / taps]
    }
}

extension Graph {
    /// The heads of each node that holds weights; nil where it belongs to no attention of two heads or more.
    ///
    /// An attention is two products of matrices of activations, the second of which reads the first: its heads are the leading axes.
    /// From there it is followed point by point which row each value came from, and which column reads it, through whatever
    /// reshapes, transposes, slices and joins a network is written with. A row that several heads use belongs to none.
    /// - Complexity: O(values of the nodes between projections and products).
    package func attentionHeads() -> [HeadMembers?] { AttentionHeads(self).members() }
}

private struct AttentionHeads {
    /// No head was seen yet; more than one was.
    private static let none: Int32 = -1
    private static let several: Int32 = -2

    private let graph: Graph
    /// By node: the heads of its rows and channels in all attentions, numbered anew in each.
    private var rows: [Int: [[Int32]]] = [:]
    private var channels: [Int: [[Int32]]] = [:]
    /// First number of the next attention.
    private var next: Int32 = 0

    init(_ graph: Graph) {
        self.graph = graph
        for number in graph.nodes.indices where isProduct(number) {
            let node = graph.nodes[number]
            for (place, input) in node.inputs.enumerated() where place == 0 || input != node.inputs[0] {
                if let first = product(before: input) { add(first: first, second: number, mixing: place) }
            }
        }
    }

    private func isProduct(_ number: Int) -> Bool { graph.nodes[number].op.traits.contains(.multipliesMatrices) }

    /// Matrices that a product multiplies, each apart.
    private func leading(_ number: Int) -> Int { graph.nodes[number].shape.axes.dropLast(2).reduce(1, *) }

    /// The product of activations that this value is made of, through operators that keep each value or move it.
    private func product(before number: Int) -> Int? {
        var number = number
        while number >= 0, graph.nodes[number].weightShape == nil {
            if isProduct(number) { return number }
            let node = graph.nodes[number]
            // A mask that is added has no product before it.
            guard
                let input = node.inputs.first(where: { input in
                    input >= 0 && graph.nodes[input].shape.features == node.shape.features && dependsOnProduct(input)
                })
            else { return nil }
            number = input
        }
        return nil
    }

    private func dependsOnProduct(_ number: Int) -> Bool {
        var open = [number]
        var seen: Set<Int> = []
        while let number = open.popLast() {
            guard number >= 0, seen.insert(number).inserted, graph.nodes[number].weightShape == nil else { continue }
            if isProduct(number) { return true }
            open += graph.nodes[number].inputs
        }
        return false
    }

    // MARK: One attention

    /// - Parameter mixing: the input of the second product that the first one is before.
    private mutating func add(first: Int, second: Int, mixing: Int) {
        guard leading(first) == leading(second), leading(second) > 1 else { return }
        let matrices = labels(ofOutput: second)
        let read = forward(matrices, from: second)
        // Windows of one head lie in the same columns: they are one.
        var heads = Classes(count: leading(second))
        for values in read.values {
            for matrices in values { matrices.dropFirst().forEach { heads.join(matrices.first!, $0) } }
        }
        let numbers = heads.numbers()
        guard !read.isEmpty, numbers.count > 1 else { return }
        let start = next
        next += numbers.count
        func head(_ matrix: Int32) -> Int32 { matrix < 0 ? matrix : start + numbers.of[Int(matrix)] }
        for (node, values) in read {
            channels[node, default: []].append(values.map { $0.first.map(head) ?? Self.none })
        }
        // Heads from the values of the second product, then through the first one's output, of its operands.
        var atProducts: [Int: [Int32]] = [:]
        for place in 0..<2 {
            let found = backward(operand(place, of: second).map(head), from: graph.nodes[second].inputs[place])
            if place == mixing { atProducts = found.products } else { keep(found.rows) }
        }
        guard let ofFirst = atProducts[first] else { return }
        var matrixHeads = [Int32](repeating: Self.none, count: leading(first))
        let size = ofFirst.count / matrixHeads.count
        for (point, head) in ofFirst.enumerated() { Self.merge(head, into: &matrixHeads[point / size]) }
        for place in 0..<2 {
            let labels = operand(place, of: first).map { $0 < 0 ? $0 : matrixHeads[Int($0)] }
            keep(backward(labels, from: graph.nodes[first].inputs[place]).rows)
        }
    }

    private mutating func keep(_ found: [Int: [Int32]]) {
        for (node, values) in found { rows[node, default: []].append(values) }
    }

    private func labels(ofOutput number: Int) -> [Int32] {
        let features = graph.nodes[number].shape.features, size = features / leading(number)
        return (0..<features).map { Int32($0 / size) }
    }

    /// By point of an operand: the matrix that it belongs to; several where one is used for all.
    private func operand(_ place: Int, of number: Int) -> [Int32] {
        let shape = graph.nodes[number].inputShapes[place], count = leading(number)
        let own = shape.axes.dropLast(2).reduce(1, *)
        guard own == count else { return [Int32](repeating: Self.several, count: shape.features) }
        return (0..<shape.features).map { Int32($0 / (shape.features / count)) }
    }

    private static func merge(_ label: Int32, into place: inout Int32) {
        if label == none || place == label { return }
        place = place == none ? label : several
    }

    // MARK: Through the graph

    /// By node with weights that the values come from: the label of each row. By product: that of each point.
    private func backward(_ labels: [Int32], from number: Int) -> (rows: [Int: [Int32]], products: [Int: [Int32]]) {
        var open = [number: labels]
        var rows: [Int: [Int32]] = [:], products: [Int: [Int32]] = [:]
        // All readers of a node stand behind it.
        while let number = open.keys.max(), let labels = open.removeValue(forKey: number) {
            if number < 0 { break }
            let node = graph.nodes[number]
            if let shape = node.weightShape {
                if shape.isTable { continue }
                var held = [Int32](repeating: Self.none, count: shape.rows)
                let plane = labels.count / shape.rows
                for (point, label) in labels.enumerated() { Self.merge(label, into: &held[point / plane]) }
                rows[number] = held
                continue
            }
            if isProduct(number) {
                products[number] = labels
                continue
            }
            let map: PointMap? = if case .points(let map) = node.op.reach(node.inputShapes) { map } else { nil }
            var base = 0
            for (input, shape) in zip(node.inputs, node.inputShapes) {
                defer { base += shape.features }
                guard input >= 0, map != nil || shape.features == labels.count else { continue }
                var held = open[input] ?? [Int32](repeating: Self.none, count: shape.features)
                for (point, label) in labels.enumerated() {
                    let source = map.map { Int($0.sources[point]) - base } ?? point
                    if held.indices.contains(source) { Self.merge(label, into: &held[source]) }
                }
                open[input] = held
            }
        }
        return (rows, products)
    }

    /// By node with weights that reads the values: the labels that each of its channels has, each once.
    private func forward(_ labels: [Int32], from number: Int) -> [Int: [[Int32]]] {
        var open = [number: labels]
        var result: [Int: [[Int32]]] = [:]
        while let number = open.keys.min(), let labels = open.removeValue(forKey: number) {
            for reader in graph.readers(of: number) {
                let node = graph.nodes[reader]
                if let shape = node.weightShape {
                    if shape.isTable { continue }
                    var held = [[Int32]](repeating: [], count: shape.channels)
                    let plane = labels.count / shape.channels
                    for (point, label) in labels.enumerated() where label >= 0 {
                        if !held[point / plane].contains(label) { held[point / plane].append(label) }
                    }
                    if shape.groups == 1 { result[reader] = held }
                    continue
                }
                if isProduct(reader) { continue }
                let map: PointMap? = if case .points(let map) = node.op.reach(node.inputShapes) { map } else { nil }
                var base = 0
                for (input, shape) in zip(node.inputs, node.inputShapes) {
                    defer { base += shape.features }
                    guard input == number, map != nil || shape.features == node.shape.features else { continue }
                    var held = open[reader] ?? [Int32](repeating: Self.none, count: node.shape.features)
                    for point in held.indices {
                        let source = map.map { Int($0.sources[point]) - base } ?? point
                        if labels.indices.contains(source) { Self.merge(labels[source], into: &held[point]) }
                    }
                    open[reader] = held
                }
            }
        }
        return result
    }

    // MARK: All attentions

    /// Weights that two nodes use are one: so are the heads that they make there.
    func members() -> [HeadMembers?] {
        func owner(_ number: Int) -> Int { graph.nodes[number].weightsOf ?? number }
        let rows = Dictionary(grouping: self.rows.sorted { $0.key < $1.key }, by: { owner($0.key) }).mapValues {
            $0.flatMap(\.value)
        }
        let channels = Dictionary(grouping: self.channels.sorted { $0.key < $1.key }, by: { owner($0.key) }).mapValues {
            $0.flatMap(\.value)
        }
        var heads = Classes(count: Int(next))
        for lists in [rows, channels] {
            for uses in lists.values {
                for place in uses[0].indices {
                    let found = uses.lazy.map { $0[place] }.filter { $0 >= 0 }
                    for other in found.dropFirst() { heads.join(found.first!, other) }
                }
            }
        }
        let numbers = heads.numbers()
        func resolved(_ uses: [[Int32]]?, count: Int) -> [Int32] {
            var held = [Int32](repeating: Self.none, count: count)
            for use in uses ?? [] {
                for (place, label) in use.enumerated() {
                    Self.merge(label < 0 ? label : numbers.of[Int(label)], into: &held[place])
                }
            }
            return held.map { max($0, Self.none) }
        }
        return graph.nodes.indices.map { number in
            guard let shape = graph.nodes[number].ownWeights else { return nil }
            let members = HeadMembers(
                rows: resolved(rows[number], count: shape.rows),
                channels: resolved(channels[number], count: shape.channels))
            return members.rows.contains { $0 >= 0 } || members.channels.contains { $0 >= 0 } ? members : nil
        }
    }
}

/// Numbers that turn out to be one.
private struct Classes {
    private var parent: [Int32]

    init(count: Int) { parent = (0..<Int32(count)).map { $0 } }

    private func root(_ number: Int32) -> Int32 {
        var number = number
        while parent[Int(number)] != number { number = parent[Int(number)] }
        return number
    }

    mutating func join(_ a: Int32, _ b: Int32) {
        let a = root(a), b = root(b)
        parent[Int(max(a, b))] = min(a, b)
    }

    /// A number for each class from 0, in order of its first member.
    func numbers() -> (of: [Int32], count: Int32) {
        var seen: [Int32: Int32] = [:]
        let numbers = parent.indices.map { number in
            let root = root(Int32(number))
            if let known = seen[root] { return known }
            let new = Int32(seen.count)
            seen[root] = new
            return new
        }
        return (numbers, Int32(seen.count))
    }
}
