import CIntegers
import Kernels

/// Shares of lines.
struct SoftmaxLines: IntegerStep {
    private let softmax: QuantizedSoftmax
    private let exponentials: IntegerArray<UInt32>
    private let x: IntegerArray<Int32>
    private let y: IntegerArray<Int32>
    /// Whether the values of a line are neighbours in memory, so that no place but the first is asked for.
    private let isWhole: Bool
    /// A line where they are not, and its shares.
    private let line: Int
    private let shares: Int
    private let low: Int32
    private let high: Int32
    private let zero: Int32

    init(
        _ softmax: QuantizedSoftmax, _ node: QuantizedNode, input: IntegerTensor, output: IntegerTensor,
        _ plan: inout IntegerPlan
    ) {
        self.softmax = softmax
        exponentials = IntegerArray(softmax.exponentials)
        let count = softmax.count
        // Line by line.
        func lines(_ places: [Int32]) -> [Int32] {
            var result: [Int32] = []
            for line in 0..<softmax.outer * softmax.inner {
                let (outer, inner) = line.quotientAndRemainder(dividingBy: softmax.inner)
                for number in 0..<count {
                    result.append(places[(outer * count + number) * softmax.inner + inner])
                }
            }
            return result
        }
        let (from, to) = (lines(input.places), lines(output.places))
        isWhole = areNeighbours(from, inLinesOf: count) && areNeighbours(to, inLinesOf: count)
        (x, y) = (IntegerArray(from), IntegerArray(to))
        line = plan.reserve(isWhole ? 0 : count)
        shares = plan.reserve(isWhole ? 0 : count)
        (low, high, zero) = (node.low, node.high, output.zero)
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let count = softmax.count, exponentials = exponentials.pointer
        for number in 0..<softmax.outer * softmax.inner {
            let x = x.pointer + number &* count, y = y.pointer + number &* count
            if isWhole {
                espalier_shares(
                    memory + Int(x[0]), memory + Int(y[0]), Int32(count), exponentials, low, high, zero)
                continue
            }
            let line = memory + self.line, shares = memory + self.shares
            for place in 0..<count { line[place] = memory[Int(x[place])] }
            espalier_shares(line, shares, Int32(count), exponentials, low, high, zero)
            for place in 0..<count { memory[Int(y[place])] = shares[place] }
        }
    }
}

/// Whether the places of each line follow one another.
private func areNeighbours(_ places: [Int32], inLinesOf count: Int) -> Bool {
    places.indices.allSatisfy { $0 % count == 0 || places[$0] == places[$0 - 1] + 1 }
}

/// Normalisations of lines that lie side by side, as those of tokens do where features are the channels.
struct NormedNeighbours: IntegerStep {
    private let norm: QuantizedNorm
    /// By outer line and number of the value: where those of all lines begin.
    private let x: IntegerArray<Int32>
    private let y: IntegerArray<Int32>
    private let weights: IntegerArray<Int32>
    private let bias: IntegerArray<Int32>
    /// Five whole numbers of 64 bits for each line.
    private let scales: Int
    private let low: Int32
    private let high: Int32

    /// - Returns: nil where lines do not lie side by side, or one parameter is not for all of them.
    init?(
        _ norm: QuantizedNorm, _ node: QuantizedNode, input: IntegerTensor, output: IntegerTensor,
        _ plan: inout IntegerPlan
    ) {
        let inner = norm.inner, (from, to) = (input.places, output.places)
        guard inner > 1, areNeighbours(from, inLinesOf: inner), areNeighbours(to, inLinesOf: inner) else { return nil }
        var x: [Int32] = [], y: [Int32] = [], weights: [Int32] = [], bias: [Int32] = []
        for first in stride(from: 0, to: from.count, by: inner) {
            let parameter = first / norm.stride % norm.weights.count
            let last = (first + inner - 1) / norm.stride
            guard last == first / norm.stride || norm.weights.count == 1 else { return nil }
            x.append(from[first])
            y.append(to[first])
            weights.append(Int32(norm.weights[parameter]))
            bias.append(norm.bias[parameter])
        }
        self.norm = norm
        (self.x, self.y) = (IntegerArray(x), IntegerArray(y))
        (self.weights, self.bias) = (IntegerArray(weights), IntegerArray(bias))
        scales = plan.reserve(5 * 4 * inner)
        low = node.low - output.zero
        high = node.high - output.zero
    }

    func run(_ memory: UnsafeMutablePointer<Int16>) {
        let lines = norm.inner, factor = norm.requantization
        UnsafeMutableRawPointer(memory + scales).withMemoryRebound(to: Int64.self, capacity: 5 * lines) { sums in
            let squares = sums + lines, multipliers = squares + lines
            let halves = multipliers + lines, shifts = halves + lines
            let given = espalier_line_scales(sums: sums, multipliers: multipliers, halves: halves, shifts: shifts)
            for outer in 0..<norm.outer {
                let first = outer &* norm.count
                sums.update(repeating: 0, count: 2 &* lines)
                for number in first..<first &+ norm.count {
                    espalier_add_lines(memory + Int(x.pointer[number]), Int32(lines), sums, squares)
                }
                for line in 0..<lines {
                    let scale = norm.scale(sum: sums[line], squares: squares[line])
                    sums[line] = scale.sum
                    multipliers[line] = scale.multiplier
                    halves[line] = scale.shift == 0 ? 0 : 1 &<< (scale.shift &- 1)
                    shifts[line] = scale.shift
                }
                for number in first..<first &+ norm.count {
                    let weight = espalier_norm_weight(
                        weight: weights.pointer[number], bias: bias.pointer[number], multiplier: factor.multiplier,
                        shift: factor.shift, low: low, high: high)
                    withUnsafePointer(to: given) {
                        espalier_norm_lines(
                            memory + Int(x.pointer[number]), memory + Int(y.pointer[number]), Int32(lines), $0,
                            Int32(norm.count), weight)
                    }
                }
            }
        }
    }
}
