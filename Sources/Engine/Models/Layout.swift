import Descriptors

/// Chooses the order of axes that each value is computed in.
///
/// In files tokens are (tokens, features); our layers read (features, tokens). So an import puts a transpose before and behind each
/// layer. Here every value is another one with its axes in another order: a transpose is not run where it stands, but carried on
/// through whatever does not mind, until two of them undo each other or something needs the order as it is.
struct Layout {
    /// A value as another one whose axes are taken in this order.
    private struct View {
        var value: Int
        var order: [Int]
        var isPlain: Bool { order == Array(order.indices) }
    }
    private struct Key: Hashable {
        var value: Int
        var order: [Int]
    }

    private(set) var plan: Plan
    private var views: [Int: View] = [:]
    private var made: [Key: Int] = [:]
    private var nodes: [Plan.Node] = []
    private var moves = 0
    /// Of each value that a node made: the node, and whether another has read it.
    private var makers: [Int: Int] = [:]
    private var isRead: Set<Int> = []

    init(_ plan: Plan, output: Int) {
        self.plan = plan
        for node in plan.nodes { place(node, isOutput: node.output == output) }
        self.plan.nodes = nodes
    }

    private mutating func emit(_ node: Plan.Node) {
        makers[node.output] = nodes.count
        isRead.formUnion(node.inputs)
        nodes.append(node)
    }

    private func shape(_ value: Int) -> [Int] { plan.values[value].shape }
    private func view(_ value: Int) -> View { views[value] ?? View(value: value, order: Array(shape(value).indices)) }

    private static func inverse(_ order: [Int]) -> [Int] {
        var result = order
        for (place, axis) in order.enumerated() { result[axis] = place }
        return result
    }

    /// The value as it is in the file.
    private mutating func plain(_ value: Int, _ place: String) -> Int {
        let view = view(value)
        return transposed(view.value, view.order, place)
    }

    /// A value with its axes in another order, made once.
    private mutating func transposed(_ value: Int, _ order: [Int], _ place: String) -> Int {
        if order == Array(order.indices) { return value }
        if let known = made[Key(value: value, order: order)] { return known }
        let from = shape(value), to = order.map { from[$0] }
        let result: Int
        if let constant = plan.values[value].constant {
            result = plan.add(to, constant.transposed(order))
        } else {
            result = plan.add(to)
            // Axes of 1 may stand anywhere: then nothing moves.
            let real = order.filter { from[$0] != 1 }
            let isMoved = real != real.sorted()
            moves += 1
            emit(
                Plan.Node(
                    name: "\(isMoved ? "transpose" : "reshape").\(moves)", op: isMoved ? "transpose" : "reshape",
                    arguments: isMoved ? ["perm": .integers(order)] : ["shape": .integers(to)], inputs: [value],
                    output: result, place: place))
        }
        made[Key(value: value, order: order)] = result
        return result
    }

    /// A value so that in this order its axes are those of the file.
    private mutating func arranged(_ value: Int, _ order: [Int], _ place: String) -> Int {
        let view = view(value)
        // transpose(result, order) = transpose(view.value, view.order)
        let inverse = Self.inverse(order)
        return transposed(view.value, inverse.map { view.order[$0] }, place)
    }

    /// A node whose output has the axes of the file in this order.
    private mutating func add(_ node: Plan.Node, inputs: [Int], order: [Int]) {
        var node = node
        node.inputs = inputs
        if order != Array(order.indices) {
            let to = shape(node.output)
            let inner = plan.add(Self.inverse(order).map { to[$0] })
            views[node.output] = View(value: inner, order: order)
            node.output = inner
        }
        emit(node)
    }

    private mutating func place(_ node: Plan.Node, isOutput: Bool) {
        if isOutput, node.op != "reshape" || views[node.inputs[0]] == nil { return keep(node) }
        switch node.op {
        case "transpose":
            let view = view(node.inputs[0]), order = Simplification.order(node)
            views[node.output] = View(value: view.value, order: order.map { view.order[$0] })
        case "reshape": reshape(node, isOutput: isOutput)
        case let op where Self.values.contains(op):
            let view = view(node.inputs[0])
            add(node, inputs: [view.value], order: view.order)
        case let op where Self.pairs.contains(op): pair(node)
        case "softmax", "log-softmax", "layer-norm", "rms-norm", "reduce", "slice", "concat": alongAxes(node)
        case "matmul": product(node)
        default: keep(node)
        }
    }

    /// Run as the file has it.
    private mutating func keep(_ node: Plan.Node) {
        var node = node
        node.inputs = node.inputs.map { plain($0, node.place) }
        emit(node)
    }

    private static let values: Set<String> = [
        "relu", "leaky-relu", "elu", "celu", "selu", "clip", "sigmoid", "tanh", "mish", "softplus", "softsign", "erf",
        "sqrt",
        "exp", "log", "neg", "abs", "reciprocal", "hard-swish", "identity", "silu", "hard-sigmoid", "gelu", "floor",
        "ceil",
        "round", "sign", "power", "affine", "dropout",
    ]
    private static let pairs: Set<String> = [
        "add", "sub", "mul", "div", "min", "max", "pow", "equal", "less", "greater", "less-or-equal",
        "greater-or-equal", "where",
    ]

    private mutating func pair(_ node: Plan.Node) {
        let rank = shape(node.output).count
        // The order of an operand that has all axes and stands in another order; else that of the file.
        let order = node.inputs.map { view($0) }.first { $0.order.count == rank && !$0.isPlain }?.order
        guard let order else { return keep(node) }
        let inputs = node.inputs.map { input -> Int in
            let own = shape(input)
            if own.count == rank { return arranged(input, order, node.place) }
            // Fewer axes: those in front are 1.
            let full = [Int](repeating: 1, count: rank - own.count) + own
            let value = plain(input, node.place)
            return transposed(reshaped(value, full, node.place), Self.inverse(order), node.place)
        }
        add(node, inputs: inputs, order: order)
    }

    private mutating func reshaped(_ value: Int, _ to: [Int], _ place: String) -> Int {
        if shape(value) == to { return value }
        if let constant = plan.values[value].constant { return plan.add(to, constant.reshaped(to)) }
        let result = plan.add(to)
        moves += 1
        emit(
            Plan.Node(
                name: "reshape.\(moves)", op: "reshape", arguments: ["shape": .integers(to)], inputs: [value],
                output: result,
                place: place))
        return result
    }

    /// Operators that say which axes they mean.
    private mutating func alongAxes(_ node: Plan.Node) {
        var node = node
        let rank = shape(node.output).count
        guard node.inputs.allSatisfy({ shape($0).count == rank }),
            let order = node.inputs.map({ view($0) }).first(where: { !$0.isPlain })?.order
        else { return keep(node) }
        // Axis `a` of the file is axis `order[a]` of what it is computed in.
        if case .integer(let axis)? = node.arguments["axis"] { node.arguments["axis"] = .integer(order[axis]) }
        if case .integers(let axes)? = node.arguments["axes"] {
            let moved = axes.map { order[$0] }
            // A normalisation's axes stand side by side in their order, as its parameters do.
            if node.op.hasSuffix("norm"),
                moved != moved.sorted() || zip(moved, moved.dropFirst()).contains(where: { $1 != $0 + 1 })
            {
                return keep(node.with(axes: axes))
            }
            node.arguments["axes"] = .integers(moved)
        }
        add(node, inputs: node.inputs.map { arranged($0, order, node.place) }, order: order)
    }

    /// Two axes at the end that are swapped are the operator's own business.
    private mutating func product(_ node: Plan.Node) {
        var node = node
        func swapped(_ value: Int, _ flag: String) -> Int {
            let view = view(value), rank = view.order.count
            guard rank >= 2, !view.isPlain,
                view.order == Array(0..<rank - 2) + [rank - 1, rank - 2]
            else { return plain(value, node.place) }
            node.arguments[flag] = .boolean(true)
            return view.value
        }
        node.inputs = [swapped(node.inputs[0], "transpose-a"), swapped(node.inputs[1], "transpose-b")]
        emit(node)
    }

    /// Axes parted and joined: of a value in another order that may be done where it lies, if no part mixes axes that stand apart
    /// there.
    private mutating func reshape(_ node: Plan.Node, isOutput: Bool) {
        guard !view(node.inputs[0]).isPlain, let groups = Self.groups(shape(node.inputs[0]), shape(node.output)) else {
            return keep(node)
        }
        var found = places(view(node.inputs[0]), groups)
        if found == nil, turn(view(node.inputs[0]).value) { found = places(view(node.inputs[0]), groups) }
        guard let places = found else { return keep(node) }
        let view = view(node.inputs[0]), to = shape(node.output)
        let sorted = places.sorted { $0.start < $1.start }
        let outs = sorted.flatMap { Array($0.outs) }
        let order = Self.inverse(outs)
        let target = outs.map { to[$0] }
        if isOutput {
            let value = reshaped(view.value, target, node.place)
            var last = node
            last.op = "transpose"
            last.arguments = ["perm": .integers(order)]
            last.inputs = [value]
            if order == Array(order.indices) {
                last.op = "identity"
                last.arguments = [:]
            }
            emit(last)
            return
        }
        var node = node
        node.arguments["shape"] = .integers(target)
        add(node, inputs: [view.value], order: order)
    }

    /// Of each group: where its axes stand in the order that the value is computed in; nil where one stands apart.
    private func places(
        _ view: View, _ groups: [(ins: Range<Int>, outs: Range<Int>)]
    ) -> [(start: Int, outs: Range<Int>)]? {
        let inner = shape(view.value)
        var places: [(start: Int, outs: Range<Int>)] = []
        for group in groups {
            let axes = group.ins.map { view.order[$0] }.filter { inner[$0] != 1 }
            guard axes == axes.sorted(),
                axes.isEmpty || (axes.first!...axes.last!).allSatisfy({ axes.contains($0) || inner[$0] == 1 })
            else { return nil }
            places.append((axes.first ?? inner.count, group.outs))
        }
        return places
    }

    /// A product that nobody has read yet, with its matrices turned round: the product of the other two.
    private mutating func turn(_ value: Int) -> Bool {
        guard !isRead.contains(value), let number = makers[value], nodes[number].op == "matmul",
            nodes[number].inputs.allSatisfy({ shape($0).count >= 2 })
        else { return false }
        let rank = shape(value).count
        func swapped(_ axis: Int) -> Int { axis == rank - 1 ? rank - 2 : axis == rank - 2 ? rank - 1 : axis }
        let turned = plan.add((0..<rank).map { shape(value)[swapped($0)] })
        nodes[number].turn(output: turned)
        makers[turned] = number
        views[value] = view(value)
        for (other, view) in views where view.value == value {
            views[other] = View(value: turned, order: view.order.map(swapped))
        }
        return true
    }

    /// The smallest runs of axes of both shapes that hold the same points.
    static func groups(_ from: [Int], _ to: [Int]) -> [(ins: Range<Int>, outs: Range<Int>)]? {
        var groups: [(ins: Range<Int>, outs: Range<Int>)] = []
        var i = 0, o = 0
        while i < from.count || o < to.count {
            let startIn = i, startOut = o
            var left = 1, right = 1
            if i < from.count {
                left = from[i]
                i += 1
            }
            if o < to.count {
                right = to[o]
                o += 1
            }
            while left != right {
                if left < right {
                    guard i < from.count else { return nil }
                    left *= from[i]
                    i += 1
                } else {
                    guard o < to.count else { return nil }
                    right *= to[o]
                    o += 1
                }
            }
            groups.append((startIn..<i, startOut..<o))
        }
        return groups
    }
}

extension Plan.Node {
    /// Of a product: that of the other two matrices, turned round.
    mutating func turn(output: Int) {
        func isTurned(_ flag: String) -> Bool { arguments[flag] == .boolean(true) }
        let (left, right) = (isTurned("transpose-a"), isTurned("transpose-b"))
        inputs = [inputs[1], inputs[0]]
        arguments = ["transpose-a": .boolean(!right), "transpose-b": .boolean(!left)]
        self.output = output
    }

    fileprivate func with(axes: [Int]) -> Plan.Node {
        var copy = self
        copy.arguments["axes"] = .integers(axes)
        return copy
    }
}
