import Foundation
import Kernels
import Testing

@Suite struct AttentionTests {
    /// Leading axes, rows, depth, keys, outputs: around four and eight rows, chunks of sixteen, and a product's steps.
    static let shapes: [([Int], Int, Int, Int, Int)] = [
        ([], 1, 1, 1, 1), ([2], 7, 3, 5, 4), ([], 8, 2, 4, 3), ([3], 9, 4, 6, 7), ([], 17, 16, 33, 5),
        ([2, 2], 4, 5, 13, 6),
        ([], 33, 1, 2, 4), ([], 63, 6, 18, 1), ([], 65, 70, 64, 9),
    ]

    /// As the operators by themselves, by memory; and as softmax(f(A · B)) · V in Double.
    @Test(arguments: shapes.indices) func asItsParts(_ number: Int) {
        let (leading, rows, depth, keys, outputs) = Self.shapes[number]
        let axes = [(rows, depth), (depth, keys), (keys, outputs), (rows, outputs)].map { leading + [$0, $1] }
        let samples = 3
        let values = (0..<3).map { randomSamples(samples, axes[$0].reduce(1, *), seed: $0 + 1) }
        let functions = [.affine(scale: 0.75, shift: 0.125), .tanh][..<(number % 3)].map { $0 as ValueFunction }
        var first: [[UInt32]] = []
        for lanes in [16, 64, 1] {
            for sample in 0..<(lanes == 1 ? samples : 1) {
                // Of every second case the operands lie turned.
                let places = (0..<4).map { place in
                    let given = place < 3 ? (lanes == 1 ? [values[place][sample]] : values[place]) : []
                    return Placed(axes[place], lanes: lanes, isTurned: (number + place) % 2 == 1, given)
                }
                let work = AttentionProduct(
                    a: places[0].strides, b: places[1].strides, v: places[2].strides, c: places[3].strides,
                    functions: functions)
                for task in 0..<work.tasks {
                    work.run(
                        task: task, places[0].pointer, places[1].pointer, places[2].pointer, to: places[3].pointer)
                }
                #expect(places[3].tensor.gapsAreLeft)
                let expected = parts(places, leading + [rows, keys], axes[3], functions, lanes: lanes)
                for held in 0..<(lanes == 1 ? 1 : samples) {
                    let bits = places[3].values(held).map(\.bitPattern)
                    #expect(bits == expected.values(held).map(\.bitPattern))
                    if lanes == 16 { first.append(bits) } else { #expect(bits == first[lanes == 1 ? sample : held]) }
                }
            }
        }
        for sample in 0..<samples {
            let exact = Self.exact(values.map { $0[sample].map(Double.init) }, Self.shapes[number], functions.count)
            #expect(worstError(first[sample].map(Float.init(bitPattern:)), exact) < 1e-5)
        }
    }

    /// Product, functions, softmax and product one after the other.
    private func parts(
        _ places: [Placed], _ scores: [Int], _ output: [Int], _ functions: [ValueFunction], lanes: Int
    ) -> Placed {
        let held = Placed(scores, lanes: lanes, isTurned: false), result = Placed(output, lanes: lanes, isTurned: false)
        func run(_ product: MatrixProduct, _ a: Placed, _ b: Placed, _ c: Placed) {
            for task in 0..<product.tasks { product.run(task: task, a.pointer, b.pointer, to: c.pointer) }
        }
        run(
            MatrixProduct(a: places[0].strides, b: places[1].strides, c: held.strides), places[0], places[1], held)
        for function in functions { function.forward(held.pointer, to: held.pointer, count: held.tensor.memory.count) }
        let columns = Columns(held.strides, over: [scores.count - 1])
        let softmax = SoftmaxColumns(x: columns, y: columns, isLogarithm: false)
        softmax.forward(columns: 0..<softmax.count, held.pointer, to: held.pointer)
        run(MatrixProduct(a: held.strides, b: places[2].strides, c: result.strides), held, places[2], result)
        return result
    }

    private static func exact(
        _ values: [[Double]], _ shape: ([Int], Int, Int, Int, Int), _ functions: Int
    ) -> [Double] {
        let (leading, rows, depth, keys, outputs) = shape
        var result: [Double] = []
        for matrix in 0..<leading.reduce(1, *) {
            for row in 0..<rows {
                let shares = (0..<keys).map { key in
                    var score = 0.0
                    for k in 0..<depth {
                        let a = values[0][(matrix * rows + row) * depth + k]
                        score += a * values[1][(matrix * depth + k) * keys + key]
                    }
                    if functions > 0 { score = 0.75 * score + 0.125 }
                    return Foundation.exp(functions > 1 ? Foundation.tanh(score) : score)
                }
                let total = shares.reduce(0, +)
                for output in 0..<outputs {
                    let sum = (0..<keys).reduce(0.0) { sum, key in
                        sum + shares[key] * values[2][(matrix * keys + key) * outputs + output]
                    }
                    result.append(sum / total)
                }
            }
        }
        return result
    }
}

/// A tensor whose last two axes may lie in the other order.
private struct Placed {
    let tensor: PlacedTensor
    let isTurned: Bool
    var strides: AxisStrides { isTurned ? tensor.strides.turned : tensor.strides }
    var pointer: UnsafeMutablePointer<Float> { tensor.pointer }

    /// - Parameter values: (sample, point), points in the order of `axes`.
    init(_ axes: [Int], lanes: Int, isTurned: Bool, _ values: [[Float]] = []) {
        var held = axes
        if isTurned { held.swapAt(axes.count - 1, axes.count - 2) }
        tensor = PlacedTensor(held, lanes: lanes, gap: 1)
        self.isTurned = isTurned
        for (sample, values) in values.enumerated() {
            for (offset, value) in zip(strides.offsets, values) { tensor.memory[Int(offset) + sample] = value }
        }
    }

    func values(_ sample: Int) -> [Float] { strides.offsets.map { tensor.memory[Int($0) + sample] } }
}
