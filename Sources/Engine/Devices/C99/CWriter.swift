/// Writes the nodes of a plan as C: a block of lines each, tables before, and the names of kernels that are called.
struct CWriter {
    let plan: DevicePlan
    let types: CTypes
    private(set) var tables: [String] = []
    private(set) var tableBytes = 0
    private(set) var used: Set<String> = []
    private(set) var tiles: Set<CTile> = []
    private(set) var layers: [Layer] = []

    struct Layer {
        let name: String
        let encoding: String
        let bytes: Int
        let live: Int
        let weights: Int
        let points: Int
    }

    init(_ plan: DevicePlan) {
        self.plan = plan
        types = CTypes(isQuantized: plan.program.isQuantized, isNarrow: plan.program.isNarrow)
        // What a rule holds in its own numbers nobody reads, and C compilers warn of tables without a reader.
        let read = Set(program.nodes.flatMap(\.inputs))
        for (number, tensor) in program.tensors.enumerated() where read.contains(number) {
            switch tensor.constant {
            case .floats(let values): table("t\(number)", floats: values)
            case .bytes(let values): table("t\(number)", "int8_t", values, bytes: 1)
            case nil: break
            }
        }
    }

    var program: DeviceProgram { plan.program }
    var value: String { types.value }

    mutating func use(_ names: String...) { used.formUnion(names) }
    mutating func table(_ name: String, floats: [Float]) {
        tables.append(CText.table(name, floats: floats))
        tableBytes += 4 * floats.count
    }
    mutating func table(_ name: String, _ type: String, _ values: [some BinaryInteger], bytes: Int) {
        tables.append(CText.table(name, type, values))
        tableBytes += bytes * values.count
    }
    mutating func use(_ tile: CTile) {
        tiles.insert(tile)
        use(tile.name)
    }
    mutating func add(_ layer: Layer) { layers.append(layer) }

    /// A pointer to the first value of a tensor; of one with a border behind it.
    func pointer(_ tensor: Int, before: Int = 0) -> String {
        let shift = plan.layouts[tensor].lead - before
        switch plan.places[tensor] {
        case .table: return "t\(tensor)"
        case .arena(let start):
            return "(\(value) *)(void *)(memory + \(start))" + (shift == 0 ? "" : " + \(shift)")
        }
    }

    /// The lines of a node.
    mutating func block(_ number: Int) -> [String] {
        let node = program.nodes[number]
        var lines = ["    /* \(CText.comment(node.name)): \(node.kind) */", "    {"]
        let body = body(node, number)
        lines += body
        if plan.layouts[node.output].hasBorder { lines.append(border(node.output)) }
        lines.append("    }")
        return lines
    }

    mutating func border(_ tensor: Int) -> String {
        use("border")
        let layout = plan.layouts[tensor], zero = program.isQuantized ? "\(program.tensors[tensor].zero)" : "0.0f"
        return "        border(\(pointer(tensor, before: layout.lead)), \(layout.channels), \(layout.height), "
            + "\(layout.width), \(layout.gap), \(layout.rows), \(zero));"
    }

    func open(_ node: DeviceNode, names: [String] = ["x"]) -> [String] {
        var lines = zip(names, node.inputs).map { "        const \(value) *\($0) = \(pointer($1));" }
        lines.append("        \(value) *y = \(pointer(node.output));")
        return lines
    }

    private mutating func body(_ node: DeviceNode, _ number: Int) -> [String] {
        let input = node.inputs.first ?? 0
        let axes = program.tensors[node.output].axes
        func strides(_ tensor: Int) -> [Int] { plan.layouts[tensor].strides(program.tensors[tensor].axes) }
        switch node.rule {
        case .sums(let sums): return sumsBody(node, sums, number)
        case .values(let expression):
            noteMath(expression)
            return elementwise(node, limit(expression, node))
        case .scale(let slopes, let shifts):
            table("slopes\(number)", floats: slopes)
            table("shifts\(number)", floats: shifts)
            let loops = CLoops(
                axes.indices.map { (axes[$0], [strides(input)[$0], strides(node.output)[$0], $0 == 0 ? 1 : 0]) })
            return pointwise(
                node, loops,
                limit("\(loops.place("slopes\(number)", 2)) * x + \(loops.place("shifts\(number)", 2))", node))
        case .slopes(let slopes, let own):
            table("slopes\(number)", floats: slopes)
            let loops = CLoops(
                axes.indices.map { (axes[$0], [strides(input)[$0], strides(node.output)[$0], own[$0]]) })
            return pointwise(node, loops, "x > 0.0f ? x : \(loops.place("slopes\(number)", 2)) * x")
        case .table(let entries):
            table("table\(number)", "int8_t", entries, bytes: 1)
            let own = entries.count > 256 ? 256 : 0
            let loops = CLoops(
                axes.indices.map { (axes[$0], [strides(input)[$0], strides(node.output)[$0], $0 == 0 ? own : 0]) })
            return pointwise(
                node, loops, loops.place("table\(number)", 2).replacing("]", with: " + x + 128]"))
        case .pair(let pairs, let expression): return pairBody(node, pairs, expression)
        case .choice(let axes, let strides):
            let loops = CLoops(
                axes.indices.map {
                    (axes[$0], [strides[0][$0], strides[1][$0], strides[2][$0], self.contiguous(axes)[$0]])
                })
            return open(node, names: ["c", "a", "b"])
                + loops.around(
                    [
                        "\(loops.place("y", 3)) = \(loops.place("c", 0)) != 0.0f ? \(loops.place("a", 1)) : \(loops.place("b", 2));"
                    ],
                    indent: 8)
        case .largest, .mean: return windowBody(node)
        case .move(let sources, let filling): return moveBody(node, sources, filling, number)
        case .reshape: return reshapeBody(node)
        case .blend(let starts, let sources, let weights):
            return blendBody(node, starts, sources, weights, number)
        case .softmax, .integerSoftmax, .reduce, .extreme, .norm, .product, .lookup: return columnsBody(node, number)
        case .integerNorm, .integerMatrix, .integerLookup: return tokensBody(node, number)
        }
    }

    func contiguous(_ axes: [Int]) -> [Int] { DeviceLayout(axes).strides(axes) }

    /// Functions that an expression calls.
    mutating func noteMath(_ expression: String) {
        for kernel in CMath.all + CKernels.integers where expression.contains(kernel.name + "(") { use(kernel.name) }
    }

    /// What is stored, moved to the node's limits.
    mutating func limit(_ expression: String, _ node: DeviceNode) -> String {
        if node.limits == .none { return expression }
        use("limited")
        return "limited(\(expression), \(CText.float(node.limits.low)), \(CText.float(node.limits.high)))"
    }

    private func elementwise(_ node: DeviceNode, _ expression: String) -> [String] {
        let axes = program.tensors[node.output].axes
        let (x, y) = (plan.layouts[node.inputs[0]].strides(axes), plan.layouts[node.output].strides(axes))
        return pointwise(node, CLoops(axes.indices.map { (axes[$0], [x[$0], y[$0]]) }), expression)
    }

    private func pointwise(_ node: DeviceNode, _ loops: CLoops, _ expression: String) -> [String] {
        let read =
            program.isQuantized
            ? "const int x = \(loops.place("from", 0));" : "const float x = \(loops.place("from", 0));"
        return open(node, names: ["from"])
            + loops.around([read, "\(loops.place("y", 1)) = \(expression);"], indent: 8)
    }

    private mutating func pairBody(_ node: DeviceNode, _ pairs: QuantizedPairs, _ expression: String) -> [String] {
        noteMath(expression)
        let axes = program.tensors[node.output].axes
        let tensors = node.inputs + [node.output]
        let isPlain = tensors.allSatisfy { program.tensors[$0].axes == axes }
        let loops =
            isPlain
            ? CLoops(axes.indices.map { axis in (axes[axis], tensors.map { plan.layouts[$0].strides(axes)[axis] }) })
            : CLoops(
                pairs.axes.indices.map {
                    (pairs.axes[$0], [pairs.aStrides[$0], pairs.bStrides[$0], contiguous(pairs.axes)[$0]])
                })
        let type = program.isQuantized ? "int" : "float"
        return open(node, names: ["first", "second"])
            + loops.around(
                [
                    "const \(type) a = \(loops.place("first", 0)), b = \(loops.place("second", 1));",
                    "\(loops.place("y", 2)) = \(limit(expression, node));",
                ], indent: 8)
    }

    private func reshapeBody(_ node: DeviceNode) -> [String] {
        let input = node.inputs[0]
        if plan.places[input] == plan.places[node.output] { return ["        /* The same memory. */"] }
        // One of them may have a border: its axes are those of the loops.
        let bordered = plan.layouts[input].hasBorder ? input : node.output
        let layout = plan.layouts[bordered]
        let axes = layout.hasBorder ? [layout.channels, layout.height, layout.width] : program.tensors[bordered].axes
        func strides(_ tensor: Int) -> [Int] {
            let own = plan.layouts[tensor]
            return own.hasBorder ? [own.plane, own.pitch, 1] : contiguous(axes)
        }
        let (x, y) = (strides(input), strides(node.output))
        let loops = CLoops(axes.indices.map { (axes[$0], [x[$0], y[$0]]) })
        return open(node) + loops.around(["\(loops.place("y", 1)) = \(loops.place("x", 0));"], indent: 8)
    }
}
