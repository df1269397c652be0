import Graph
import Interchange

extension NodeExport {
    /// One node of ONNX of the same meaning.
    private static func plain(_ type: String, _ attributes: [(ours: String, theirs: String)] = []) -> Rule {
        { node in
            let given = attributes.compactMap { pair in
                node.number(pair.ours).map { (pair.theirs, ONNXWriter.Attribute.float(Float($0))) }
            }
            node.last(type, [node.batched(0)], given)
        }
    }

    static let valueRules: [String: Rule] = [
        "relu": plain("Relu"), "leaky-relu": plain("LeakyRelu", [("alpha", "alpha")]),
        "elu": plain("Elu", [("alpha", "alpha")]), "celu": plain("Celu", [("alpha", "alpha")]),
        "selu": plain("Selu", [("alpha", "alpha"), ("gamma", "gamma")]), "sigmoid": plain("Sigmoid"),
        "tanh": plain("Tanh"), "softplus": plain("Softplus"), "softsign": plain("Softsign"), "erf": plain("Erf"),
        "sqrt": plain("Sqrt"), "exp": plain("Exp"), "log": plain("Log"), "neg": plain("Neg"), "abs": plain("Abs"),
        "reciprocal": plain("Reciprocal"), "identity": plain("Identity"), "dropout": plain("Identity"),
        "floor": plain("Floor"), "ceil": plain("Ceil"), "round": plain("Round"), "sign": plain("Sign"),
        "hard-sigmoid": plain("HardSigmoid", [("alpha", "alpha"), ("beta", "beta")]),
        "clip": { node in
            let x = node.batched(0)
            let least = node.scalar(node.number("min") ?? -Double(Float.greatestFiniteMagnitude))
            let most = node.scalar(node.number("max") ?? Double(Float.greatestFiniteMagnitude))
            node.last("Clip", [x, least, most])
        },
        "fat-relu": { node in
            let x = node.batched(0), threshold = Float(node.number("threshold") ?? 0)
            // ThresholdedRelu keeps what is above its number: from the next one on.
            if threshold == 0 { return node.last("Relu", [x]) }
            node.last("ThresholdedRelu", [x], [("alpha", .float(threshold.nextDown))])
        },
        "hard-swish": { node in
            let x = node.batched(0)
            if node.opset >= 14 { return node.last("HardSwish", [x]) }
            let part = node.step("HardSigmoid", [x], [("alpha", .float(1 / 6)), ("beta", .float(0.5))])
            node.last("Mul", [x, part])
        },
        "mish": { node in
            let x = node.batched(0)
            if node.opset >= 18 { return node.last("Mish", [x]) }
            let soft = node.step("Softplus", [x])
            let part = node.step("Tanh", [soft])
            node.last("Mul", [x, part])
        },
        "silu": { node in
            let x = node.batched(0)
            var inner = x
            if let alpha = node.number("alpha"), alpha != 1 {
                let factor = node.scalar(alpha)
                inner = node.step("Mul", [x, factor])
            }
            let part = node.step("Sigmoid", [inner])
            node.last("Mul", [x, part])
        },
        "gelu": gelu,
        "power": { node in
            let x = node.batched(0), exponent = node.scalar(node.number("exponent") ?? 1)
            node.last("Pow", [x, exponent])
        },
        "affine": { node in
            let x = node.batched(0), scale = node.number("scale") ?? 1, shift = node.number("shift") ?? 0
            if scale == 1 {
                let shift = node.scalar(shift)
                return node.last("Add", [x, shift])
            }
            let factor = node.scalar(scale)
            if shift == 0 { return node.last("Mul", [x, factor]) }
            let scaled = node.step("Mul", [x, factor])
            let term = node.scalar(shift)
            node.last("Add", [scaled, term])
        },
        "prelu": { node in
            let x = node.batched(0), values = node.values("weight"), axes = node.shape(0).axes
            var shape = axes
            switch node.text("per") ?? "channel" {
            case "all": shape = [Int](repeating: 1, count: axes.count)
            case "channel": shape = axes.enumerated().map { $0 == 0 ? $1 : 1 }
            default: break
            }
            let slope = node.tensor("weight", shape, values)
            node.last("PRelu", [x, slope])
        },
    ]

    private static let gelu: Rule = { node in
        let x = node.batched(0), isTanh = node.text("approximate") == "tanh"
        if node.opset >= 20 { return node.last("Gelu", [x], isTanh ? [("approximate", .text("tanh"))] : []) }
        var part: String
        if isTanh {
            let three = node.scalar(3), small = node.scalar(0.044715), root = node.scalar((2 / Double.pi).squareRoot())
            let cube = node.step("Pow", [x, three])
            let scaled = node.step("Mul", [cube, small])
            let sum = node.step("Add", [x, scaled])
            let inner = node.step("Mul", [sum, root])
            part = node.step("Tanh", [inner])
        } else {
            let root = node.scalar(2.0.squareRoot())
            let inner = node.step("Div", [x, root])
            part = node.step("Erf", [inner])
        }
        let one = node.scalar(1), half = node.scalar(0.5)
        part = node.step("Add", [part, one])
        part = node.step("Mul", [x, part])
        node.last("Mul", [part, half])
    }

    private static func pair(_ type: String, isTest: Bool = false) -> Rule {
        { node in
            let rank = node.shape.rank
            let left = node.operand(0, rank: rank), right = node.operand(1, rank: rank)
            // Two values without a batch make one without a batch, which nothing reads so.
            guard !node.isConstant(0) || !node.isConstant(1) else { throw node.problem("it depends on no input") }
            guard isTest else { return node.last(type, [left, right]) }
            let truth = node.step(type, [left, right])
            node.last("Cast", [truth], [("to", .integer(1))])
        }
    }

    static let pairRules: [String: Rule] = [
        "add": pair("Add"), "sub": pair("Sub"), "mul": pair("Mul"), "div": pair("Div"), "min": pair("Min"),
        "max": pair("Max"), "pow": pair("Pow"), "equal": pair("Equal", isTest: true),
        "less": pair("Less", isTest: true),
        "greater": pair("Greater", isTest: true), "less-or-equal": pair("LessOrEqual", isTest: true),
        "greater-or-equal": pair("GreaterOrEqual", isTest: true),
        "where": { node in
            let rank = node.shape.rank
            let condition = node.operand(0, rank: rank)
            let truth = node.step("Cast", [condition], [("to", .integer(9))])
            let then = node.operand(1, rank: rank), other = node.operand(2, rank: rank)
            node.last("Where", [truth, then, other])
        },
    ]
    private var shape: Shape { node.shape }
}
