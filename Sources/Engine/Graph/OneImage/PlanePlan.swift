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
        var sameLayout = JoinedTensors(count: count), samePitch = JoinedTensors(count: count)
        func join(_ a: Int, _ b: Int) {
            sameLayout.join(a, b)
            samePitch.join(a, b)
        }
        var borders = [Int](repeating: 0, count: count), pitches = borders
        var isImage = [Bool](repeating: false, count: count), isHeld = isImage
        isHeld[0] = true
        isImage[0] = !graph.input.isFlat
        for (number, node) in nodes.enumerated()
        where !tails.isFollower[number] && attention?.isAbsorbed[number] != true {
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
        layouts = [PlaneLayout?](repeating: nil, count: count)
        starts = [Int?](repeating: nil, count: count)
        for tensor in 0..<count where isHeld[tensor] {
            let shape = shape(tensor), root = sameLayout.first(of: tensor)
            let layout = PlaneLayout(
                channels: shape.channels, height: shape.height, width: shape.width, border: borders[root],
                pitch: isImage[root] ? pitches[samePitch.first(of: tensor)] : 1, isCompact: !isImage[root])
            layouts[tensor] = layout
            starts[tensor] = reserve(layout.floats)
        }
    }

    /// Memory that a step needs besides.
    mutating func reserve(_ count: Int) -> Int {
        let start = floats
        floats += (count + 15) / 16 * 16
        return start
    }
}
