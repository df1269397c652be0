/// Where everything lies: the layout of each tensor, and its place in the arena, which two tensors share where they do not live at
/// the same time.
struct DevicePlan {
    enum Place: Equatable {
        /// Bytes from the beginning of the arena.
        case arena(Int)
        case table
    }

    private(set) var program: DeviceProgram
    private(set) var layouts: [DeviceLayout] = []
    private(set) var places: [Place] = []
    /// Of each node with weights.
    private(set) var tables: [Int: DeviceTables] = [:]
    /// Of each node with weights that are used at several points: bytes from the beginning of the arena, of the taps of its kernel, of
    /// the offsets of a row, and of its values where they are not beside each other.
    private(set) var scratch: [Int: (taps: Int, offsets: Int, values: Int)] = [:]
    private(set) var arenaBytes = 0
    /// The node at which most is alive, and the tensors that are, the largest first.
    private(set) var peak: (node: String, tensors: [(name: String, bytes: Int)]) = ("", [])
    let bytesOfOffset: Int

    /// - Parameter isForSpeed: tensors may take more room where kernels are faster then.
    init(_ given: DeviceProgram, _ goal: C99Export.Goal, isForSpeed: Bool) {
        program = given
        layouts = DevicePlan.bordered(&program, evensPitches: isForSpeed)
        let layers = program.nodes.enumerated().compactMap { number, node in
            if case .sums(let sums) = node.rule { (number, sums) } else { nil }
        }
        for (layer, chosen) in zip(layers, DeviceTables.chosen(layers.map(\.1), goal)) { tables[layer.0] = chosen }
        let largest = layouts.map(\.count).max() ?? 0
        bytesOfOffset = largest < 65_536 ? 2 : 4
        plan()
    }

    /// Gives borders to what kernels read beyond its sides; where a tensor can have none, a copy is put before the kernel.
    private static func bordered(_ program: inout DeviceProgram, evensPitches: Bool) -> [DeviceLayout] {
        var layouts = program.tensors.map { DeviceLayout($0.axes) }
        var canHave = program.tensors.map { !$0.isConstant }
        for node in program.nodes {
            let axes = (node.inputs + [node.output]).map { program.tensors[$0].axes }
            let isPlain = axes.allSatisfy { $0 == axes[0] }
            switch node.rule {
            // Kernels of one point take values that lie side by side.
            case .sums(let sums) where sums.points * sums.height * sums.width * sums.window.taps == 1:
                for tensor in node.inputs + [node.output] { canHave[tensor] = false }
            case .sums: break
            // A window goes over other axes than the tensor's where some of them are reduced.
            case .largest, .mean:
                guard let area = node.rule.window else { break }
                if DeviceLayout(axes[0]) != area.inputLayout { canHave[node.inputs[0]] = false }
                if DeviceLayout(axes[1]) != area.outputLayout { canHave[node.output] = false }
            case .values, .scale, .table, .slopes: break
            case .pair where isPlain && node.inputs.allSatisfy({ !program.tensors[$0].isConstant }): break
            case .reshape: canHave[node.output] = false
            default: for tensor in node.inputs + [node.output] { canHave[tensor] = false }
            }
        }
        var nodes: [DeviceNode] = []
        for var node in program.nodes {
            if case .sums(let sums) = node.rule, sums.window.pads.widest > 0 {
                let pads = sums.window.pads, input = node.inputs[0]
                if canHave[input] {
                    layouts[input].widen(top: pads.top, left: pads.left, bottom: pads.bottom, right: pads.right)
                } else {
                    let copy = program.tensors.count
                    var tensor = program.tensors[input]
                    tensor.constant = nil
                    tensor.name += " with a border"
                    program.tensors.append(tensor)
                    var layout = DeviceLayout(tensor.axes)
                    layout.widen(top: pads.top, left: pads.left, bottom: pads.bottom, right: pads.right)
                    layouts.append(layout)
                    nodes.append(
                        DeviceNode(
                            name: node.name, kind: "border", inputs: [input], output: copy, rule: .reshape))
                    node.inputs = [copy]
                }
            }
            nodes.append(node)
        }
        program.nodes = nodes
        if evensPitches { evenPitches(program, canHave, &layouts) }
        return layouts
    }

    /// Where one side of a kernel has columns between rows and the other has none, both get them, and all rows are one run.
    private static func evenPitches(_ program: DeviceProgram, _ canHave: [Bool], _ layouts: inout [DeviceLayout]) {
        for node in program.nodes + program.nodes.reversed() {
            guard case .sums(let sums) = node.rule, sums.window.stride.x * sums.window.stride.y == 1, sums.points > 1
            else { continue }
            let (x, y) = (node.inputs[0], node.output)
            guard layouts[x].width == layouts[y].width else { continue }
            let gap = max(layouts[x].gap, layouts[y].gap)
            for tensor in [x, y] where tensor < canHave.count && canHave[tensor] { layouts[tensor].gap = gap }
        }
    }

    private mutating func plan() {
        let count = program.tensors.count
        var roots = Array(0..<count)
        var lastUse = [Int](repeating: -1, count: count), firstUse = [Int](repeating: -1, count: count)
        for (number, node) in program.nodes.enumerated() {
            for input in node.inputs { lastUse[input] = number }
            lastUse[node.output] = max(lastUse[node.output], number)
            firstUse[node.output] = number
        }
        lastUse[program.output] = program.nodes.count
        for (number, node) in program.nodes.enumerated() {
            for input in node.inputs where mayShare(node, input) && !program.tensors[input].isConstant {
                let root = roots[input]
                if case .reshape = node.rule {} else if lastUse[root] != number { continue }
                roots[node.output] = root
                lastUse[root] = max(lastUse[root], lastUse[node.output])
                break
            }
        }
        var blocks: [(tensor: Int, bytes: Int, from: Int, to: Int)] = []
        for tensor in 0..<count where roots[tensor] == tensor && !program.tensors[tensor].isConstant {
            blocks.append((tensor, bytes(tensor), firstUse[tensor], lastUse[tensor]))
        }
        for (number, node) in program.nodes.enumerated() {
            guard case .sums(let sums) = node.rule, !sums.isOnePoint, let tables = tables[number] else { continue }
            let taps = DevicePlan.aligned(sums.columns * bytesOfOffset)
            let offsets = DevicePlan.aligned(tables.longestRow * bytesOfOffset)
            let values = tables.walker.copiesValues ? tables.longestRow * program.bytesOfValue : 0
            scratch[number] = (taps, offsets, DevicePlan.aligned(values))
            blocks.append((-1 - number, taps + offsets + DevicePlan.aligned(values), number, number))
        }
        place(blocks, roots)
    }

    /// The largest first, each at the lowest place that is free while it lives.
    private mutating func place(_ blocks: [(tensor: Int, bytes: Int, from: Int, to: Int)], _ roots: [Int]) {
        var placed: [(start: Int, end: Int, from: Int, to: Int)] = []
        var starts: [Int: Int] = [:]
        for block in blocks.sorted(by: { ($0.bytes, -$0.from) > ($1.bytes, -$1.from) }) {
            let others = placed.filter { $0.from <= block.to && block.from <= $0.to }.sorted { $0.start < $1.start }
            var start = 0
            for other in others where other.start < start + block.bytes { start = max(start, other.end) }
            placed.append((start, start + block.bytes, block.from, block.to))
            starts[block.tensor] = start
            arenaBytes = max(arenaBytes, start + block.bytes)
        }
        arenaBytes = max(4, arenaBytes)
        places = program.tensors.indices.map { tensor in
            program.tensors[tensor].isConstant ? .table : .arena(starts[roots[tensor]]!)
        }
        for (number, sizes) in scratch {
            let start = starts[-1 - number]!
            scratch[number] = (start, start + sizes.taps, start + sizes.taps + sizes.offsets)
        }
        for number in -1..<program.nodes.count {
            let alive = blocks.filter { $0.from <= number && number <= $0.to }
            if alive.reduce(0, { $0 + $1.bytes }) > peak.tensors.reduce(0, { $0 + $1.bytes }) {
                peak = (
                    number < 0 ? "the input" : program.nodes[number].name,
                    alive.map { ($0.tensor < 0 ? "scratch" : program.tensors[$0.tensor].name, $0.bytes) }
                        .sorted { $0.1 > $1.1 }
                )
            }
        }
    }

    func bytes(_ tensor: Int) -> Int { DevicePlan.aligned(layouts[tensor].count * program.bytesOfValue) }
    static func aligned(_ bytes: Int) -> Int { (bytes + 3) / 4 * 4 }

    /// Whether a node may write where an input lies.
    private func mayShare(_ node: DeviceNode, _ input: Int) -> Bool {
        switch node.rule {
        case .reshape: return !layouts[input].hasBorder && !layouts[node.output].hasBorder
        case .values, .scale, .slopes, .table: return layouts[input] == layouts[node.output]
        case .pair:
            return program.tensors[input].axes == program.tensors[node.output].axes
                && layouts[input] == layouts[node.output] && Set(node.inputs).count == node.inputs.count
        default: return false
        }
    }
}
