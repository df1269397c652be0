import Kernels

/// Where the values of one image lie, decided before any memory is taken. Tensors are numbered as in `Network.tensors`: 0 is
/// the input, n + 1 the output of node n; a value that nobody stores has none.
struct PlanePlan {
    private(set) var layouts: [PlaneLayout?]
    /// Floats from the start of the memory.
    private(set) var starts: [Int?]
    /// Of all memory.
    private(set) var floats = 0
    let tails: Tails
    /// Nil where each node stores its own value.
    let attention: AttentionPlan?

    /// Operators that go over values where they lie give their output the layout of their input; and a convolution reads and
    /// writes runs without regard to where rows end, so both have one pitch. What is joined so is planned together.
    /// - Parameter keepsAll: each node stores its own value, and it stays until the next image.
    init(_ graph: Graph, keepsAll: Bool = false) {
        let nodes = graph.nodes
        let tails = Tails(graph) { !keepsAll && graph.nodes[$0].op.traits.contains(.walksPlanes) }
        self.tails = tails
        let attention = keepsAll ? nil : AttentionPlan(graph)
        self.attention = attention
        let count = nodes.count + 1
        layouts = [PlaneLayout?](repeating: nil, count: count)
        starts = [Int?](repeating: nil, count: count)
        var sameLayout = JoinedTensors(count: count), samePitch = JoinedTensors(count: count)
        func join(_ a: Int, _ b: Int) {
            sameLayout.join(a, b)
            samePitch.join(a, b)
        }
        var borders = [Int](repeating: 0, count: count), pitches = borders
        var isImage = [Bool](repeating: false, count: count), isHeld = isImage
        isHeld[0] = true
        isImage[0] = !graph.input.isFlat
        for (number, node) in nodes.enumerated() where isStep(number) {
            let output = tails.last(of: number) + 1
            isHeld[output] = true
            let inputs = node.inputs.map { $0 + 1 }
            if let shape = node.weightShape, node.op.traits.contains(.walksPlanes) {
                isImage[output] = true
                isImage[inputs[0]] = true
                if shape.window.stride == KernelWindow.Axes(1) {
                    borders[inputs[0]] = max(borders[inputs[0]], shape.window.pads.widest)
                    samePitch.join(inputs[0], output)
                } else {
                    pitches[output] = max(
                        pitches[output], PlanePhases.columns(width: node.shape.width, shape.window))
                }
                for follower in tails.followers[number] {
                    for input in nodes[follower].inputs
                    where input != number && !tails.followers[number].contains(input) { join(input + 1, output) }
                }
            } else if node.op.valueKind != nil, node.isPointwise {
                for input in inputs { join(input, output) }
            } else {
                isImage[output] = isImage[output] || !node.shape.isFlat
            }
        }
        for tensor in 0..<count {
            let root = sameLayout.first(of: tensor)
            borders[root] = max(borders[root], borders[tensor])
            isImage[root] = isImage[root] || isImage[tensor]
        }
        func shape(_ tensor: Int) -> Shape { tensor == 0 ? graph.input : nodes[tensor - 1].shape }
        for tensor in 0..<count where isHeld[tensor] {
            let root = samePitch.first(of: tensor)
            pitches[root] = max(
                pitches[root], pitches[tensor], shape(tensor).width + borders[sameLayout.first(of: tensor)])
        }
        for tensor in 0..<count where isHeld[tensor] {
            let shape = shape(tensor), root = sameLayout.first(of: tensor)
            let layout = PlaneLayout(
                channels: shape.channels, height: shape.height, width: shape.width, border: borders[root],
                pitch: isImage[root] ? pitches[samePitch.first(of: tensor)] : 1, isCompact: !isImage[root])
            layouts[tensor] = layout
        }
        takeTurns(graph, keepsAll: keepsAll)
    }

    /// Values that are not needed at the same time may lie in the same memory, so that all of an image stays near the core: those
    /// without a border, which would have to stay zero. A step's inputs and outputs never do.
    private mutating func takeTurns(_ graph: Graph, keepsAll: Bool) {
        // By tensor: the last step that reads it.
        var last = [Int](repeating: graph.nodes.count, count: layouts.count)
        for number in graph.nodes.indices where isStep(number) {
            for tensor in read(by: number, graph) { last[tensor] = number }
        }
        last[graph.nodes.count] = graph.nodes.count
        var free: [(start: Int, floats: Int)] = [], live: [(tensor: Int, floats: Int)] = []
        func place(_ tensor: Int) {
            guard let layout = layouts[tensor] else { return }
            let floats = (layout.floats + 15) / 16 * 16
            guard layout.border == 0, !keepsAll else {
                starts[tensor] = reserve(floats)
                return
            }
            let fitting = free.indices.filter { free[$0].floats >= floats }.min { free[$0].floats < free[$1].floats }
            let block = fitting.map { free.remove(at: $0) } ?? (start: reserve(floats), floats: floats)
            starts[tensor] = block.start
            live.append((tensor, block.floats))
        }
        place(0)
        for number in graph.nodes.indices where isStep(number) {
            place(tails.last(of: number) + 1)
            free += live.filter { last[$0.tensor] == number }.map { (starts[$0.tensor]!, $0.floats) }
            live.removeAll { last[$0.tensor] == number }
        }
    }

    /// Whether a node is run: no other one does it.
    func isStep(_ number: Int) -> Bool {
        !tails.isFollower[number] && attention?.isAbsorbed[number] != true
    }

    /// Tensors that a step reads: its own inputs, and what its tail adds.
    private func read(by number: Int, _ graph: Graph) -> [Int] {
        let inputs = attention?.attentions[number]?.inputs ?? graph.nodes[number].inputs
        let followers = tails.followers[number]
        let added = followers.flatMap { graph.nodes[$0].inputs }.filter { $0 != number && !followers.contains($0) }
        return (inputs + added).map { $0 + 1 }
    }

    /// Memory that a step needs besides.
    mutating func reserve(_ count: Int) -> Int {
        let start = floats
        floats += (count + 15) / 16 * 16
        return start
    }
}
