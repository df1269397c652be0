import CIntegers
import Kernels

/// Matrices of a tensor in memory: where each begins, and how far apart their rows and their columns lie.
struct IntegerMatrices {
    let starts: [Int]
    let row: Int
    let column: Int

    /// - Parameters:
    ///   - firsts: the first value of each, as the tensor's axes have them.
    ///   - step: from one row and from one column to the next, of values.
    /// - Returns: nil where they do not lie evenly.
    init?(_ tensor: IntegerTensor, firsts: [Int], rows: Int, columns: Int, step: QuantizedMatrix.Step) {
        let places = tensor.places.map { Int($0) }, first = firsts[0]
        let row = rows > 1 ? places[first + step.row] - places[first] : 0
        let column = columns > 1 ? places[first + step.column] - places[first] : 0
        for first in firsts {
            for y in 0..<rows {
                for x in 0..<columns
                where places[first + y * step.row + x * step.column] != places[first] + y * row + x * column {
                    return nil
                }
            }
        }
        starts = firsts.map { places[$0] }
        (self.row, self.column) = (row, column)
    }
}

/// Products of matrices: both are packed by pairs of terms first, for the kernel reads them so.
struct MatrixPoints: IntegerStep {
    private let rows: Int
    private let columns: Int
    private let depth: Int
    private let a: IntegerMatrices
    private let b: IntegerMatrices
    private let y: IntegerMatrices
    private let factor: espalier_factor
    private let low: Int32
    private let high: Int32
    /// (pairs, rows, 2), (pairs, width, 2), and of an answer whose rows are no whole vectors (rows, width).
    private let packedA: Int
    private let packedB: Int
    private let products: Int?
    /// Whole vectors of columns.
    private let width: Int

    /// - Returns: nil where matrices do not lie evenly.
    init?(
        _ matrix: QuantizedMatrix, _ node: QuantizedNode, _ inputs: [IntegerTensor], _ output: IntegerTensor,
        _ plan: inout IntegerPlan
    ) {
        let leading = matrix.leading.places
        (rows, columns, depth) = (matrix.rows, matrix.columns, matrix.depth)
        guard
            let a = IntegerMatrices(
                inputs[0], firsts: leading.map(\.a), rows: rows, columns: depth, step: matrix.a),
            let b = IntegerMatrices(
                inputs[1], firsts: leading.map(\.b), rows: depth, columns: columns, step: matrix.b),
            let y = IntegerMatrices(
                output, firsts: (0..<leading.count).map { $0 * matrix.rows * matrix.columns }, rows: rows,
                columns: columns, step: QuantizedMatrix.Step(row: columns, column: 1))
        else { return nil }
        (self.a, self.b, self.y) = (a, b, y)
        width = (columns + IntegerPlan.lanes - 1) / IntegerPlan.lanes * IntegerPlan.lanes
        let pairs = (depth + 1) / 2
        packedA = plan.reserve(pairs * rows * 2)
        packedB = plan.reserve(pairs * width * 2)
        products = y.column == 1 && columns == width ? nil : plan.reserve(rows * width)
        let factor = matrix.requantization
        self.factor = espalier_factor(
            multiplier: factor.multiplier, shift: Int8(factor.shift),
            lift: factor.lift(bound: 255 * 255 * matrix.depth))
        low = node.low - output.zero
        high = node.high - output.zero
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let first = memory + packedA, second = memory + packedB
        for number in y.starts.indices {
            espalier_pack_pairs(
                memory + a.starts[number], Int32(depth), a.column, Int32(rows), a.row, first, Int32(rows))
            espalier_pack_pairs(
                memory + b.starts[number], Int32(depth), b.row, Int32(columns), b.column, second, Int32(width))
            let answer = memory + y.starts[number], found = products.map { memory + $0 }
            espalier_products(
                first, Int32(rows), Int32(rows), Int32((depth + 1) / 2), second, Int32(width), factor, low, high,
                found ?? answer, found == nil ? y.row : width)
            guard let found else { continue }
            for row in 0..<rows {
                let from = found + row &* width, to = answer + row &* y.row
                for column in 0..<columns { to[column &* y.column] = from[column] }
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
