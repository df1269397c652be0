import Descriptors

/// A plan with what its output needs and no moves that another move undoes.
struct Simplification {
    private(set) var plan: Plan
    private let output: Int

    init(_ plan: Plan, output: Int) {
        self.plan = plan
        self.output = output
        removeUnused()
        joinMoves()
        self.plan = MaskedSoftmax(self.plan).plan
        self.plan = WrittenOut(self.plan, output: output).plan
        removeUnused()
        self.plan = Joining(self.plan, output: output).plan
        joinMoves()
        self.plan = Layout(self.plan, output: output).plan
        joinMoves()
        turnProducts()
        removeUnused()
    }

    private mutating func removeUnused() {
        var needed: Set<Int> = [output]
        var kept: [Plan.Node] = []
        for node in plan.nodes.reversed() where needed.contains(node.output) {
            needed.formUnion(node.inputs)
            kept.append(node)
        }
        plan.nodes = kept.reversed()
    }

    /// Values that are others under the same shape are those; a move of a move is one.
    private mutating func joinMoves() {
        var same: [Int: Int] = [:]
        var makers: [Int: Plan.Node] = [:]
        var kept: [Plan.Node] = []
        for var node in plan.nodes {
            node.inputs = node.inputs.map { same[$0] ?? $0 }
            var changed = true
            while changed {
                changed = false
                guard node.op == "reshape" || node.op == "transpose", let before = makers[node.inputs[0]],
                    before.op == node.op
                else { break }
                if node.op == "transpose" {
                    let first = Self.order(before), second = Self.order(node)
                    node.arguments["perm"] = .integers(second.map { first[$0] })
                }
                node.inputs = before.inputs
                changed = true
            }
            let from = plan.values[node.inputs.first ?? node.output].shape, to = plan.values[node.output].shape
            let isNothing: Bool
            switch node.op {
            case "reshape": isNothing = from == to
            case "transpose":
                // Axes of 1 may go anywhere.
                let order = Self.order(node).filter { from[$0] != 1 }
                isNothing = order == order.sorted() && from == to
            case "identity": isNothing = true
            default: isNothing = false
            }
            if isNothing, node.output != output {
                same[node.output] = node.inputs[0]
                continue
            }
            if node.op == "transpose" {
                let order = Self.order(node).filter { from[$0] != 1 }
                if order == order.sorted() {
                    node.op = "reshape"
                    node.arguments = ["shape": .integers(to)]
                }
            }
            makers[node.output] = node
            kept.append(node)
        }
        plan.nodes = kept
    }

    /// A product whose matrices are turned round afterwards is one of the other two matrices, turned round.
    private mutating func turnProducts() {
        var readers: [Int: Int] = [output: 1], makers: [Int: Int] = [:]
        for (number, node) in plan.nodes.enumerated() {
            for input in node.inputs { readers[input, default: 0] += 1 }
            makers[node.output] = number
        }
        for number in plan.nodes.indices where plan.nodes[number].op == "transpose" {
            let node = plan.nodes[number], order = Self.order(node), rank = order.count
            guard rank >= 2, order == Array(0..<rank - 2) + [rank - 1, rank - 2], readers[node.inputs[0]] == 1,
                let maker = makers[node.inputs[0]], plan.nodes[maker].op == "matmul",
                plan.nodes[maker].inputs.allSatisfy({ plan.values[$0].shape.count >= 2 })
            else { continue }
            var product = plan.nodes[maker]
            product.turn(output: node.output)
            plan.nodes[number] = product
            plan.nodes[maker].output = plan.add(plan.values[node.inputs[0]].shape)
        }
    }

    static func order(_ node: Plan.Node) -> [Int] {
        if case .integers(let order)? = node.arguments["perm"] { return order }
        return []
    }
}
