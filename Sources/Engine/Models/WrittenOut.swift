import Descriptors

/// Operators that a file writes out in smaller ones: a layer normalisation by its mean and variance, a GELU by the error function.
struct WrittenOut {
    private(set) var plan: Plan
    private let output: Int
    /// By value: the node that makes it, and how many read it.
    private var makers: [Int: Int] = [:]
    private var readers: [Int: Int] = [:]

    init(_ plan: Plan, output: Int) {
        self.plan = plan
        self.output = output
        readers[output] = 1
        for (number, node) in plan.nodes.enumerated() {
            makers[node.output] = number
            for input in node.inputs { readers[input, default: 0] += 1 }
        }
        for number in self.plan.nodes.indices {
            if let norm = norm(endingIn: number) { self.plan.nodes[number] = norm }
            if let gelu = gelu(endingIn: number) { self.plan.nodes[number] = gelu }
        }
    }

    private func shape(_ value: Int) -> [Int] { plan.values[value].shape }

    /// The node that makes a value, if it is of this kind.
    private func maker(_ value: Int, _ op: String) -> Plan.Node? {
        guard let number = makers[value], plan.nodes[number].op == op else { return nil }
        return plan.nodes[number]
    }
    /// The same, where nobody else reads the value.
    private func part(_ value: Int, _ op: String) -> Plan.Node? { readers[value] == 1 ? maker(value, op) : nil }

    private static func number(_ node: Plan.Node, _ name: String) -> Double? {
        if case .number(let number)? = node.arguments[name] { return number }
        return nil
    }

    // MARK: Layer normalisation

    /// (x − mean) / √(mean of (x − mean)² + ε), with its axes and ε.
    private struct Norm {
        var x: Int
        var axes: [Int]
        var epsilon: Double
    }

    private func norm(endingIn number: Int) -> Plan.Node? {
        let node = plan.nodes[number]
        guard ["div", "mul", "add"].contains(node.op) else { return nil }
        var shift: Constant?, scale: Constant?
        var value = node.output
        if let (constant, other) = withConstant(node, "add") { (shift, value) = (constant, other) }
        let scaled = shift == nil ? node : part(value, "mul")
        if let scaled, let (constant, other) = withConstant(scaled, "mul") { (scale, value) = (constant, other) }
        // What is shifted and not scaled is something else; and the whole is taken, not its beginning.
        guard shift == nil || scale != nil, value != node.output || !isScaled(node.output),
            shift != nil || !isShifted(node.output), value == node.output || readers[value] == 1,
            let norm = norm(of: value)
        else { return nil }
        let sizes = norm.axes.map { shape(norm.x)[$0] }
        func fitting(_ constant: Constant?) -> Constant? {
            guard let constant, constant.values.count == sizes.reduce(1, *) else { return nil }
            // Axes of 1 in front are those that it is repeated along.
            return Array(constant.shape.drop { $0 == 1 }) == Array(sizes.drop { $0 == 1 })
                ? constant.reshaped(sizes) : nil
        }
        let isLast = norm.axes.last == shape(norm.x).count - 1
        var parameters: [String: Constant] = [:]
        for (name, constant) in [("weight", scale), ("bias", shift)] where constant != nil {
            guard isLast, let held = fitting(constant) else { return nil }
            parameters[name] = held
        }
        return Plan.Node(
            name: name(scale) ?? node.name, op: "layer-norm",
            arguments: [
                "axes": .integers(norm.axes), "epsilon": .number(norm.epsilon),
                "parameters": .text(shift != nil ? "both" : scale != nil ? "scale" : "none"),
            ], inputs: [norm.x], output: node.output, parameters: parameters, place: node.place)
    }

    /// An operator of two values one of which is a constant.
    private func withConstant(_ node: Plan.Node, _ op: String) -> (constant: Constant, other: Int)? {
        guard node.op == op, node.inputs.count == 2 else { return nil }
        for (own, other) in [(0, 1), (1, 0)] {
            if let constant = plan.values[node.inputs[own]].constant, !plan.values[node.inputs[other]].isConstant,
                shape(node.inputs[other]) == shape(node.output)
            {
                return (constant, node.inputs[other])
            }
        }
        return nil
    }

    private func isRead(_ value: Int, by op: String) -> Bool {
        readers[value] == 1
            && plan.nodes.contains { $0.inputs.contains(value) && withConstant($0, op) != nil }
    }
    private func isScaled(_ value: Int) -> Bool { isRead(value, by: "mul") }
    private func isShifted(_ value: Int) -> Bool { isRead(value, by: "add") && maker(value, "mul") != nil }

    private func norm(of value: Int) -> Norm? {
        guard let quotient = maker(value, "div") else { return nil }
        let root = part(quotient.inputs[1], "sqrt") ?? power(quotient.inputs[1], 0.5)
        guard let root, let sum = part(root.inputs[0], "affine"), Self.number(sum, "scale") == 1,
            let epsilon = Self.number(sum, "shift"), epsilon >= 1e-12,
            let variance = mean(sum.inputs[0], isAlone: true), let square = square(variance.inputs[0]),
            let (x, axes) = difference(square), let top = difference(quotient.inputs[0]), top == (x, axes),
            axes == Self.axes(variance), let first = axes.first, axes == Array(first..<first + axes.count)
        else { return nil }
        return Norm(x: x, axes: axes, epsilon: epsilon)
    }

    private func power(_ value: Int, _ exponent: Double) -> Plan.Node? {
        part(value, "power").flatMap { Self.number($0, "exponent") == exponent ? $0 : nil }
    }

    /// What a square is the square of.
    private func square(_ value: Int) -> Int? {
        if let power = power(value, 2) { return power.inputs[0] }
        guard let product = part(value, "mul"), product.inputs.count == 2, product.inputs[0] == product.inputs[1] else {
            return nil
        }
        return product.inputs[0]
    }

    private func mean(_ value: Int, isAlone: Bool) -> Plan.Node? {
        guard let node = isAlone ? part(value, "reduce") : maker(value, "reduce"),
            node.arguments["kind"] == .text("mean"), node.arguments["keep"] == .boolean(true)
        else { return nil }
        return node
    }

    private static func axes(_ node: Plan.Node) -> [Int] {
        if case .integers(let axes)? = node.arguments["axes"] { return axes.sorted() }
        return []
    }

    /// x and the axes of its mean, where the value is x − mean.
    private func difference(_ value: Int) -> (x: Int, axes: [Int])? {
        guard let node = maker(value, "sub"), node.inputs.count == 2, let mean = mean(node.inputs[1], isAlone: false),
            mean.inputs[0] == node.inputs[0]
        else { return nil }
        return (node.inputs[0], Self.axes(mean))
    }

    /// The file's name of the layer, where its scale says it.
    private func name(_ scale: Constant?) -> String? {
        guard let origin = scale?.origin, scale?.isParameter == true else { return nil }
        for ending in [".weight", "_weight"] where origin.name.hasSuffix(ending) {
            let name = String(origin.name.dropLast(ending.count))
            if !name.isEmpty, !plan.nodes.contains(where: { $0.name == name }) { return name }
        }
        return nil
    }

    // MARK: GELU

    /// x · (1 + erf(x / √2)) / 2, the half in front or behind.
    private func gelu(endingIn number: Int) -> Plan.Node? {
        let node = plan.nodes[number]
        var product = node
        var half = 0.5
        if node.op == "affine" {
            guard Self.number(node, "shift") == 0, Self.number(node, "scale") == 0.5,
                let inner = part(node.inputs[0], "mul")
            else { return nil }
            (product, half) = (inner, 1)
        }
        guard product.op == "mul", product.inputs.count == 2 else { return nil }
        for (own, other) in [(0, 1), (1, 0)] {
            guard let sum = part(product.inputs[other], "affine"), Self.number(sum, "scale") == 1,
                Self.number(sum, "shift") == 1, let erf = part(sum.inputs[0], "erf"),
                let inner = part(erf.inputs[0], "affine"), Self.number(inner, "shift") == 0,
                let factor = Self.number(inner, "scale"), abs(factor - 0.5.squareRoot()) < 1e-6
            else { continue }
            var x = product.inputs[own]
            if half == 0.5 {
                guard let halved = part(x, "affine"), Self.number(halved, "shift") == 0,
                    Self.number(halved, "scale") == 0.5
                else { continue }
                x = halved.inputs[0]
            }
            guard x == inner.inputs[0] else { continue }
            return Plan.Node(
                name: node.name, op: "gelu", arguments: ["approximate": .text("none")], inputs: [x],
                output: node.output, place: node.place)
        }
        return nil
    }
}
