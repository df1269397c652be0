import CIntegers
import Kernels

/// Products of matrices: both are packed by pairs of terms first, for the kernel reads them so.
struct MatrixPoints: IntegerStep {
    private let matrix: QuantizedMatrix
    private let leading: [(a: Int, b: Int)]
    /// Places in memory, by value.
    private let a: IntegerArray<Int32>
    private let b: IntegerArray<Int32>
    private let y: IntegerArray<Int32>
    private let factor: espalier_factor
    private let low: Int32
    private let high: Int32
    private let pairs: Int
    private let columns: Int
    /// (rows, 2 · pairs), (pairs, columns, 2), (rows, columns).
    private let packedA: Int
    private let packedB: Int
    private let products: Int

    init(
        _ matrix: QuantizedMatrix, _ node: QuantizedNode, _ inputs: [IntegerTensor], _ output: IntegerTensor,
        _ plan: inout IntegerPlan
    ) {
        self.matrix = matrix
        leading = matrix.leading.places
        a = IntegerArray(inputs[0].places)
        b = IntegerArray(inputs[1].places)
        y = IntegerArray(output.places)
        let factor = matrix.requantization
        self.factor = espalier_factor(
            multiplier: factor.multiplier, shift: Int8(factor.shift),
            lift: factor.lift(bound: 255 * 255 * matrix.depth))
        low = node.low - output.zero
        high = node.high - output.zero
        pairs = (matrix.depth + 1) / 2
        columns = (matrix.columns + IntegerPlan.lanes - 1) / IntegerPlan.lanes * IntegerPlan.lanes
        packedA = plan.reserve(matrix.rows * 2 * pairs)
        packedB = plan.reserve(pairs * columns * 2)
        products = plan.reserve(matrix.rows * columns)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let first = memory + packedA, second = memory + packedB, found = memory + products
        var answers = y.pointer
        for (placeA, placeB) in leading {
            for row in 0..<matrix.rows {
                let from = placeA &+ row &* matrix.a.row, to = first + row &* 2 &* pairs
                for k in 0..<matrix.depth { to[k] = memory[Int(a.pointer[from &+ k &* matrix.a.column])] }
            }
            for k in 0..<matrix.depth {
                let from = placeB &+ k &* matrix.b.row, to = second + (k / 2 &* columns &* 2 &+ k % 2)
                for column in 0..<matrix.columns {
                    to[2 &* column] = memory[Int(b.pointer[from &+ column &* matrix.b.column])]
                }
            }
            espalier_products(
                first, Int32(matrix.rows), Int32(pairs), second, Int32(columns), factor, low, high, found)
            for row in 0..<matrix.rows {
                for column in 0..<matrix.columns {
                    memory[Int(answers[column])] = found[row &* columns &+ column]
                }
                answers += matrix.columns
            }
        }
    }
}

/// Rows of a table.
struct LookedUpRows: IntegerStep {
    private let lookup: QuantizedLookup
    /// Centred.
    private let table: IntegerArray<Int16>
    private let x: IntegerArray<Int32>
    private let y: IntegerArray<Int32>

    var weightBytes: Int { table.bytes }

    init(_ lookup: QuantizedLookup, input: IntegerTensor, output: IntegerTensor) {
        self.lookup = lookup
        table = IntegerArray(lookup.table.map { Int16(Int32($0) - output.zero) })
        x = IntegerArray(input.places)
        y = IntegerArray(output.places)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let x = x.pointer, features = lookup.features
        var answers = y.pointer
        for point in 0..<self.x.count {
            let row = table.pointer + lookup.first(Int(memory[Int(x[point])]))
            for feature in 0..<features { memory[Int(answers[feature])] = row[feature] }
            answers += features
        }
    }
}

/// Normalisations of lines.
struct NormedLines: IntegerStep {
    private let norm: QuantizedNorm
    /// Line by line.
    private let x: IntegerArray<Int32>
    private let y: IntegerArray<Int32>
    private let weights: IntegerArray<Int32>
    private let bias: IntegerArray<Int32>
    private let low: Int64
    private let high: Int64

    init(_ norm: QuantizedNorm, _ node: QuantizedNode, input: IntegerTensor, output: IntegerTensor) {
        self.norm = norm
        let (from, to) = (input.places, output.places)
        var x: [Int32] = [], y: [Int32] = [], weights: [Int32] = [], bias: [Int32] = []
        for line in 0..<norm.outer * norm.inner {
            let (outer, inner) = line.quotientAndRemainder(dividingBy: norm.inner)
            for number in 0..<norm.count {
                let place = (outer * norm.count + number) * norm.inner + inner
                let parameter = place / norm.stride % norm.weights.count
                x.append(from[place])
                y.append(to[place])
                weights.append(Int32(norm.weights[parameter]))
                bias.append(norm.bias[parameter])
            }
        }
        self.x = IntegerArray(x)
        self.y = IntegerArray(y)
        self.weights = IntegerArray(weights)
        self.bias = IntegerArray(bias)
        low = Int64(node.low - output.zero)
        high = Int64(node.high - output.zero)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let count = norm.count, factor = norm.requantization
        for line in 0..<norm.outer &* norm.inner {
            let first = line &* count
            let x = x.pointer + first, y = y.pointer + first
            let weights = weights.pointer + first, bias = bias.pointer + first
            var sum: Int64 = 0, squares: Int64 = 0
            for place in 0..<count {
                let value = Int64(memory[Int(x[place])])
                sum &+= value
                squares &+= value &* value
            }
            let scale = norm.scale(sum: sum, squares: squares)
            for place in 0..<count {
                let f = scale(Int64(memory[Int(x[place])]), count: Int64(count))
                let value = factor(f &* Int64(weights[place]) &+ Int64(bias[place]))
                memory[Int(y[place])] = Int16(truncatingIfNeeded: min(max(value, low), high))
            }
        }
    }
}
