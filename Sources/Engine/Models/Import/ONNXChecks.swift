import Interchange

/// What a file must be before it is asked what it means: every name made once, no circle, operators of a version that is known.
struct ONNXChecks {
    private let model: ONNXModel
    /// Up to the newest version of ONNX's operators that this was written against. Before 7 operators of two values were broadcast
    /// by attributes, which are refused where they stand.
    static let opsets = 1...28

    init(_ model: ONNXModel) { self.model = model }

    private func problem(_ place: String, _ found: String, _ expected: String) -> FileProblem {
        FileProblem(path: model.file.path, place: place, found: found, expected: expected)
    }

    /// Numbers of the nodes in an order in which each stands behind what it reads; the file's own where that is one.
    /// - Throws: `FileProblem`.
    func order() throws -> [Int] {
        let graph = model.graph
        guard model.opsets[""] != nil || graph.nodes.allSatisfy({ !$0.domain.isEmpty }) else {
            throw problem("opset_import", "no version of ONNX's operators", "one from 1 to \(Self.opsets.upperBound)")
        }
        guard model.opsets[""] == nil || Self.opsets.contains(model.opset) else {
            throw problem(
                "opset_import", "version \(model.opset) of ONNX's operators",
                "\(Self.opsets.lowerBound) to \(Self.opsets.upperBound)")
        }
        var makers: [String: Int] = [:]
        var given: Set<String> = []
        for name in graph.initializers.map(\.name) + graph.sparseInitializers.map(\.name) {
            guard !name.isEmpty, given.insert(name).inserted else {
                throw problem("initializers", "\(FileProblem.quote(name)) twice or without a name", "each name once")
            }
        }
        var inputs: Set<String> = []
        for input in graph.inputs {
            guard !input.name.isEmpty, inputs.insert(input.name).inserted else {
                throw problem("inputs", "\(FileProblem.quote(input.name)) twice or without a name", "each name once")
            }
        }
        given.formUnion(inputs)
        for (number, node) in graph.nodes.enumerated() {
            for name in node.outputs where !name.isEmpty {
                guard !given.contains(name), makers.updateValue(number, forKey: name) == nil else {
                    throw problem(
                        node.place, "output \(FileProblem.quote(name)), which is made already", "each name once")
                }
            }
        }
        for node in graph.nodes {
            for name in node.inputs where !name.isEmpty && makers[name] == nil && !given.contains(name) {
                throw problem(
                    node.place, "input \(FileProblem.quote(name)), which nothing makes", "a value of the graph")
            }
        }
        guard !graph.outputs.isEmpty else { throw problem("graph", "no outputs", "one or more") }
        for output in graph.outputs where makers[output.name] == nil && !given.contains(output.name) {
            throw problem("outputs", "\(FileProblem.quote(output.name)), which nothing makes", "a value of the graph")
        }
        return try sorted(makers)
    }

    private func sorted(_ makers: [String: Int]) throws -> [Int] {
        let nodes = model.graph.nodes
        var waiting = nodes.map { node in Set(node.inputs.compactMap { makers[$0] }).count }
        var readers = [[Int]](repeating: [], count: nodes.count)
        for (number, node) in nodes.enumerated() {
            for maker in Set(node.inputs.compactMap { makers[$0] }) { readers[maker].append(number) }
        }
        // Lowest number first, so that a file in order stays as it is.
        var ready = NumberHeap(nodes.indices.filter { waiting[$0] == 0 })
        var order: [Int] = []
        order.reserveCapacity(nodes.count)
        while let number = ready.popLeast() {
            order.append(number)
            for reader in readers[number] {
                waiting[reader] -= 1
                if waiting[reader] == 0 { ready.push(reader) }
            }
        }
        guard order.count == nodes.count else {
            let stuck = nodes.indices.first { waiting[$0] > 0 }!
            throw problem(
                nodes[stuck].place, "a circle: it reads what is made of its own output", "a graph without circles")
        }
        return order
    }
}

/// Numbers of which the least comes out first.
struct NumberHeap {
    private var numbers: [Int]

    /// - Precondition: ascending.
    init(_ numbers: [Int]) { self.numbers = numbers }

    mutating func push(_ number: Int) {
        numbers.append(number)
        var at = numbers.count - 1
        while at > 0, numbers[(at - 1) / 2] > numbers[at] {
            numbers.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    mutating func popLeast() -> Int? {
        guard let least = numbers.first else { return nil }
        let last = numbers.removeLast()
        guard !numbers.isEmpty else { return least }
        numbers[0] = last
        var at = 0
        while true {
            var child = 2 * at + 1
            guard child < numbers.count else { break }
            if child + 1 < numbers.count, numbers[child + 1] < numbers[child] { child += 1 }
            guard numbers[child] < numbers[at] else { break }
            numbers.swapAt(child, at)
            at = child
        }
        return least
    }
}
