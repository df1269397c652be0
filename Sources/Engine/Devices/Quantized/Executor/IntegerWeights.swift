import CIntegers
import Kernels

/// The weights of a layer as kernels read them: eight bits of a value, eight of the distance from the one before, or values alone
/// where most are there.
final class IntegerWeights: @unchecked Sendable {
    // Unchecked: filled in `init`, read only afterwards.
    private let starts: IntegerArray<UInt32>
    private let steps: IntegerArray<UInt8>?
    private let values: IntegerArray<Int8>
    private let bias: IntegerArray<Int32>
    private let factors: UnsafeMutablePointer<espalier_factor>
    private let low: Int16
    private let high: Int16

    /// Weights with their places.
    var bytes: Int { starts.bytes + (steps?.bytes ?? 0) + values.bytes }

    /// - Parameters:
    ///   - terms: what a row reads.
    ///   - weights: by row ascending and in a row by term.
    ///   - leastDense: the density from which on all are multiplied.
    ///   - low, high: centred.
    init(
        _ sums: QuantizedSums, terms: Int, _ weights: [(row: Int, term: Int, value: Int8)], leastDense: Double,
        low: Int16, high: Int16
    ) {
        let isDense = Double(weights.count) >= leastDense * Double(sums.rows * terms)
        var starts: [UInt32] = [0], steps: [UInt8] = [], values: [Int8] = []
        var next = 0
        for row in 0..<sums.rows {
            if isDense { values += [Int8](repeating: 0, count: terms) }
            var last = 0
            while next < weights.count, weights[next].row == row {
                let (_, term, value) = weights[next]
                next += 1
                if isDense {
                    values[row * terms + term] = value
                    continue
                }
                var gap = term - last
                while gap > 255 {
                    steps.append(255)
                    values.append(0)
                    gap -= 255
                }
                steps.append(UInt8(gap))
                values.append(value)
                last = term
            }
            starts.append(UInt32(values.count))
        }
        self.starts = IntegerArray(starts)
        self.steps = isDense ? nil : IntegerArray(steps, slack: 8)
        self.values = IntegerArray(values, slack: 32)
        self.low = low
        self.high = high
        bias = IntegerArray(sums.bias)
        factors = .allocate(capacity: sums.rows)
        for (row, bound) in sums.bounds.enumerated() {
            let factor = sums.requantizations[row]
            factors[row] = espalier_factor(
                multiplier: factor.multiplier, shift: Int8(factor.shift), lift: factor.lift(bound: bound))
        }
    }

    deinit { factors.deallocate() }

    var rows: espalier_rows {
        espalier_rows(
            starts: starts.pointer, steps: steps?.pointer, values: values.pointer, bias: bias.pointer,
            factors: UnsafePointer(factors), low: low, high: high)
    }
}

extension Requantization {
    /// What sums are moved left by, so that the upper half of a product is enough; −1 where one would not fit into 32 bits then.
    func lift(bound: Int) -> Int8 {
        let lift = max(0, 33 - Int(shift))
        return lift < 32 && bound < 1 << (31 - lift) ? Int8(lift) : -1
    }
}

extension QuantizedSums {
    /// One point that one tap reads, for one output: a linear layer.
    var isOfFeatures: Bool {
        height == 1 && width == 1 && outputHeight == 1 && outputWidth == 1 && onlyTap != nil && groups == 1
    }
    /// The one that reads an image of one point.
    var onlyTap: Int? {
        let rows = window.vertical(1).inside(0), columns = window.horizontal(1).inside(0)
        return rows.count == 1 && columns.count == 1
            ? rows.lowerBound * window.width + columns.lowerBound : nil
    }
}
