import Descriptors

/// Softmax along masked scores, as PyTorch's attention is exported: where all of a row is −∞ the softmax is no number, and 0 is
/// chosen in its place. The answer is right, but of what is no number the derivative is none either, so that training would end.
///
///     softmax(x), 0 where that is NaN   →   softmax(x, with the lowest number for −∞), 0 where all of a row is −∞
struct MaskedSoftmax {
    private(set) var plan: Plan
    private var makers: [Int: Plan.Node] = [:]

    init(_ plan: Plan) {
        self.plan = plan
        for node in plan.nodes { makers[node.output] = node }
        self.plan.nodes = plan.nodes.flatMap { rewritten($0) ?? [$0] }
    }

    private mutating func rewritten(_ node: Plan.Node) -> [Plan.Node]? {
        guard node.op == "where", node.inputs.count == 3, plan.values[node.inputs[1]].constant?.uniform == 0,
            let softmax = makers[node.inputs[2]], softmax.op == "softmax",
            let wrong = makers[node.inputs[0]], wrong.op == "affine", wrong.arguments["scale"] == .number(-1),
            wrong.arguments["shift"] == .number(1),
            let same = makers[wrong.inputs[0]], same.op == "equal",
            same.inputs == [softmax.output, softmax.output],
            case .integer(let axis)? = softmax.arguments["axis"],
            plan.values[node.output].shape == plan.values[softmax.output].shape
        else { return nil }
        let x = softmax.inputs[0], shape = plan.values[x].shape
        var rows = shape
        rows[axis] = 1
        let most = plan.add(rows), isHidden = plan.add(rows), finite = plan.add(shape), shares = plan.add(shape)
        let lowest = plan.add([], Constant(Block([], [-Float.infinity])))
        func part(
            _ name: String, _ op: String, _ arguments: [String: Value], _ inputs: [Int], _ output: Int
        ) -> Plan.Node {
            Plan.Node(
                name: "\(softmax.name).\(name)", op: op, arguments: arguments, inputs: inputs, output: output,
                place: softmax.place)
        }
        return [
            part(
                "most", "reduce", ["kind": .text("max"), "axes": .integers([axis]), "keep": .boolean(true)], [x], most),
            part("hidden", "equal", [:], [most, lowest], isHidden),
            part("finite", "clip", ["min": .number(-Double(Float.greatestFiniteMagnitude))], [x], finite),
            part("shares", "softmax", softmax.arguments, [finite], shares),
            Plan.Node(
                name: node.name, op: "where", inputs: [isHidden, node.inputs[1], shares], output: node.output,
                place: node.place),
        ]
    }
}
