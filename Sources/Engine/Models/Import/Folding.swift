import Descriptors
import Foundation

/// Operators of ours on constants, naively, once at import.
enum Folding {
    /// - Throws: `Unsupported` where no constant needs that operator in any file that was met.
    static func run(
        _ op: String, _ arguments: [String: Value], _ inputs: [Constant], shape: [Int]
    ) throws -> Constant {
        let x = inputs[0].block
        if let function = unary(op, arguments) { return Constant(Block(shape, x.values.map(function))) }
        if let function = pair(op), inputs.count == 2 {
            let left = x.expanded(shape).values, right = inputs[1].block.expanded(shape).values
            return Constant(Block(shape, zip(left, right).map(function)))
        }
        switch op {
        case "expand": return Constant(x.expanded(shape))
        case "concat":
            return Constant(Block.concatenated(inputs.map(\.block), axis: integer(arguments, "axis")))
        case "gather":
            let indices = integers(arguments, "indices")
            return Constant(x.gathered(axis: integer(arguments, "axis"), indices, shape: [indices.count]))
        case "tile":
            let repeats = integers(arguments, "repeats")
            return Constant(
                repeats.indices.reduce(x) { block, axis in
                    Block.concatenated([Block<Float>](repeating: block, count: repeats[axis]), axis: axis)
                })
        case "where":
            let test = x.expanded(shape).values
            let then = inputs[1].block.expanded(shape).values, other = inputs[2].block.expanded(shape).values
            return Constant(Block(shape, test.indices.map { test[$0] != 0 ? then[$0] : other[$0] }))
        case "pad": return try pad(x, arguments, shape)
        case "reduce": return try reduce(x, arguments, shape)
        case "softmax", "log-softmax": return softmax(x, integer(arguments, "axis"), isLog: op == "log-softmax")
        case "matmul": return try product(x, inputs[1].block, shape)
        case "spread": return Constant(x.spread(integers(arguments, "strides"), 0))
        default: throw Unsupported("it computes \(op) of constants alone, which is not done here")
        }
    }

    private static func number(_ arguments: [String: Value], _ name: String, _ fallback: Float) -> Float {
        if case .number(let value)? = arguments[name] { return Float(value) }
        return fallback
    }
    private static func integer(_ arguments: [String: Value], _ name: String) -> Int {
        if case .integer(let value)? = arguments[name] { return value }
        return 0
    }
    private static func integers(_ arguments: [String: Value], _ name: String) -> [Int] {
        if case .integers(let values)? = arguments[name] { return values }
        return []
    }

    private static func unary(_ op: String, _ arguments: [String: Value]) -> ((Float) -> Float)? {
        switch op {
        case "relu": return { max($0, 0) }
        case "sigmoid": return { 1 / (1 + exp(-$0)) }
        case "tanh": return { tanh($0) }
        case "erf": return { erf($0) }
        case "sqrt": return { $0.squareRoot() }
        case "exp": return { exp($0) }
        case "log": return { log($0) }
        case "neg": return { -$0 }
        case "abs": return { abs($0) }
        case "reciprocal": return { 1 / $0 }
        case "floor": return { $0.rounded(.down) }
        case "ceil": return { $0.rounded(.up) }
        case "round": return { $0.rounded(.toNearestOrEven) }
        case "sign": return { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
        case "affine":
            let scale = number(arguments, "scale", 1), shift = number(arguments, "shift", 0)
            return { scale * $0 + shift }
        case "power":
            let exponent = number(arguments, "exponent", 1)
            return { pow($0, exponent) }
        case "clip":
            let least = number(arguments, "min", -.greatestFiniteMagnitude)
            let most = number(arguments, "max", .greatestFiniteMagnitude)
            return { $0 < least ? least : $0 > most ? most : $0 }
        default: return nil
        }
    }

    private static func pair(_ op: String) -> ((Float, Float) -> Float)? {
        switch op {
        case "add": return { $0 + $1 }
        case "sub": return { $0 - $1 }
        case "mul": return { $0 * $1 }
        case "div": return { $0 / $1 }
        case "pow": return { pow($0, $1) }
        case "min": return { $0.isNaN || $1.isNaN ? .nan : min($0, $1) }
        case "max": return { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
        case "equal": return { $0 == $1 ? 1 : 0 }
        case "less": return { $0 < $1 ? 1 : 0 }
        case "greater": return { $0 > $1 ? 1 : 0 }
        case "less-or-equal": return { $0 <= $1 ? 1 : 0 }
        case "greater-or-equal": return { $0 >= $1 ? 1 : 0 }
        default: return nil
        }
    }

    private static func pad(_ x: Block<Float>, _ arguments: [String: Value], _ shape: [Int]) throws -> Constant {
        guard case .text(let mode)? = arguments["mode"] ?? .text("constant"), mode == "constant" else {
            throw Unsupported("it pads a constant by other than a number")
        }
        let pads = integers(arguments, "pads"), strides = Block<Float>.strides(x.shape)
        var result = [Float](repeating: number(arguments, "value", 0), count: shape.reduce(1, *))
        Block<Float>.eachPoint(shape) { point, index in
            var place = 0
            for axis in point.indices {
                let at = point[axis] - pads[axis]
                guard at >= 0, at < x.shape[axis] else { return }
                place += at * strides[axis]
            }
            result[index] = x.values[place]
        }
        return Constant(Block(shape, result))
    }

    private static func reduce(_ x: Block<Float>, _ arguments: [String: Value], _ shape: [Int]) throws -> Constant {
        guard case .text(let kind)? = arguments["kind"] else { throw Unsupported("it reduces a constant") }
        let axes = Set(integers(arguments, "axes"))
        let start: Double
        switch kind {
        case "max": start = -.infinity
        case "min": start = .infinity
        case "prod": start = 1
        default: start = 0
        }
        var result = [Double](repeating: start, count: shape.reduce(1, *))
        let strides = Block<Float>.strides(x.shape.enumerated().map { axes.contains($0) ? 1 : $1 })
        Block<Float>.eachPoint(x.shape) { point, index in
            let place = point.indices.reduce(0) { $0 + (axes.contains($1) ? 0 : point[$1] * strides[$1]) }
            let value = Double(x.values[index])
            switch kind {
            case "max": result[place] = max(result[place], value)
            case "min": result[place] = min(result[place], value)
            case "prod": result[place] *= value
            case "l1": result[place] += abs(value)
            case "l2", "sum-square": result[place] += value * value
            case "log-sum-exp": result[place] += exp(value)
            default: result[place] += value
            }
        }
        switch kind {
        case "mean": result = result.map { $0 / Double(axes.reduce(1) { $0 * x.shape[$1] }) }
        case "l2": result = result.map { $0.squareRoot() }
        case "log-sum", "log-sum-exp": result = result.map { log($0) }
        default: break
        }
        return Constant(Block(shape, result.map { Float($0) }))
    }

    private static func softmax(_ x: Block<Float>, _ axis: Int, isLog: Bool) -> Constant {
        let count = x.shape[axis], inner = x.shape[(axis + 1)...].reduce(1, *)
        var result = x.values
        for line in 0..<x.count / max(1, count) {
            let start = line / inner * inner * count + line % inner
            let places = (0..<count).map { start + $0 * inner }
            let most = places.map { x.values[$0] }.max() ?? 0
            let sum = places.reduce(Float(0)) { $0 + exp(x.values[$1] - most) }
            for place in places {
                let shifted = x.values[place] - most
                result[place] = isLog ? shifted - log(sum) : exp(shifted) / sum
            }
        }
        return Constant(Block(x.shape, result))
    }

    private static func product(_ a: Block<Float>, _ b: Block<Float>, _ shape: [Int]) throws -> Constant {
        guard a.shape.count >= 2, b.shape.count >= 2 else { throw Unsupported("it multiplies vectors of constants") }
        let rows = a.shape[a.shape.count - 2], inner = a.shape[a.shape.count - 1], columns = b.shape[b.shape.count - 1]
        let work = checkedProduct([shape.reduce(1, *), inner]) ?? Int.max
        guard work < 1 << 32 else { throw Unsupported("it multiplies large matrices of constants") }
        let outer = Array(shape.dropLast(2))
        let left = a.expanded(outer + [rows, inner]).values, right = b.expanded(outer + [inner, columns]).values
        var result = [Float](repeating: 0, count: shape.reduce(1, *))
        for matrix in 0..<outer.reduce(1, *) {
            for row in 0..<rows {
                for at in 0..<inner {
                    let factor = left[(matrix * rows + row) * inner + at]
                    for column in 0..<columns {
                        result[(matrix * rows + row) * columns + column] +=
                            factor * right[(matrix * inner + at) * columns + column]
                    }
                }
            }
        }
        return Constant(Block(shape, result))
    }
}
