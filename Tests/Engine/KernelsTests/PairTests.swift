import Foundation
import Kernels
import Testing

@Suite struct PairTests {
    static let shapes: [([Int], [Int])] = [
        ([5], [5]), ([3, 4, 5], [3, 4, 5]), ([3, 4, 5], [3, 1, 1]), ([3, 4, 5], [1]), ([1], [3, 4, 5]),
        ([3, 4, 5], [5]),
        ([3, 1, 5], [4, 1]), ([2, 3, 1, 4], [3, 2, 1]), ([7, 1], [1, 6]), ([4, 18], [4, 18]), ([4, 18], [18]),
        ([1], [1]),
    ]
    static let functions: [(PairFunction, @Sendable (Double, Double) -> Double)] = [
        (.add, { $0 + $1 }), (.subtract, { $0 - $1 }), (.multiply, { $0 * $1 }), (.divide, { $0 / $1 }),
        (.minimum, { min($0, $1) }), (.maximum, { max($0, $1) }), (.power, { pow($0, $1) }),
        (.less, { $0 < $1 ? 1 : 0 }), (.greater, { $0 > $1 ? 1 : 0 }), (.equal, { $0 == $1 ? 1 : 0 }),
        (.lessOrEqual, { $0 <= $1 ? 1 : 0 }), (.greaterOrEqual, { $0 >= $1 ? 1 : 0 }),
    ]

    @Test(arguments: shapes.indices, functions.indices) func valuesAndGradients(_ shape: Int, _ function: Int) {
        let (axesA, axesB) = Self.shapes[shape]
        let (pair, exact) = Self.functions[function]
        let axes = broadcastAxes(axesA, axesB)!
        let samples = 17
        // Positive, so that powers are numbers.
        let a = randomSamples(samples, axesA.reduce(1, *), seed: 1).map { $0.map { abs($0) + 0.5 } }
        let b = randomSamples(samples, axesB.reduce(1, *), seed: 2).map { $0.map { abs($0) + 0.6 } }
        let slopes = randomSamples(samples, axes.reduce(1, *), seed: 3)
        for lanes in [16, 64] {
            let held = min(samples, lanes)
            let x = PlacedTensor(axesA, lanes: lanes, gap: 1, values: Array(a.prefix(held)))
            let z = PlacedTensor(axesB, lanes: lanes, values: Array(b.prefix(held)))
            let y = PlacedTensor(axes, lanes: lanes, gap: 2)
            PairWalk(a: x.strides, b: z.strides, y: y.strides).forward(pair, x.pointer, z.pointer, to: y.pointer)
            #expect(y.gapsAreLeft)
            let dy = PlacedTensor(axes, lanes: lanes, gap: 1, values: Array(slopes.prefix(held)))
            let da = PlacedTensor(axesA, lanes: lanes, gap: 1), db = PlacedTensor(axesB, lanes: lanes)
            for (gradient, isFirst) in [(da, true), (db, false)] {
                let walk = PairGradient(
                    a: x.strides, b: z.strides, dy: dy.strides, gradient: gradient.strides, isFirst: isFirst)
                // Twice, the second time added.
                for adds in [false, true] {
                    walk.backward(pair, dy: dy.pointer, x.pointer, z.pointer, to: gradient.pointer, adds: adds)
                }
                #expect(gradient.gapsAreLeft)
            }
            for sample in 0..<held {
                func reference(_ a: [Double], _ b: [Double]) -> [Double] {
                    positions(axes).map { exact(a[point($0, in: axesA)], b[point($0, in: axesB)]) }
                }
                let (first, second) = (a[sample].map(Double.init), b[sample].map(Double.init))
                #expect(worstError(y.values(sample), reference(first, second)) < 1e-6)
                #expect(
                    worstDifference(da.values(sample).map { $0 / 2 }, at: a[sample], weights: slopes[sample]) {
                        reference($0, second)
                    } < 1e-3)
                #expect(
                    worstDifference(db.values(sample).map { $0 / 2 }, at: b[sample], weights: slopes[sample]) {
                        reference(first, $0)
                    } < 1e-3)
                // One image has the same bits.
                let oneA = PlacedTensor(axesA, lanes: 1, gap: 2, values: [a[sample]])
                let oneB = PlacedTensor(axesB, lanes: 1, values: [b[sample]])
                let oneY = PlacedTensor(axes, lanes: 1, gap: 1)
                PairWalk(a: oneA.strides, b: oneB.strides, y: oneY.strides).forward(
                    pair, oneA.pointer, oneB.pointer, to: oneY.pointer)
                #expect(oneY.values(0).map(\.bitPattern) == y.values(sample).map(\.bitPattern))
                #expect(oneY.gapsAreLeft)
            }
        }
    }

    @Test func equalOnesShareTheGradient() {
        let x = PlacedTensor([2], lanes: 16, values: [[1, 2]]), z = PlacedTensor([2], lanes: 16, values: [[1, 3]])
        let dy = PlacedTensor([2], lanes: 16, values: [[8, 8]]), da = PlacedTensor([2], lanes: 16)
        PairGradient(a: x.strides, b: z.strides, dy: dy.strides, gradient: da.strides, isFirst: true).backward(
            .maximum, dy: dy.pointer, x.pointer, z.pointer, to: da.pointer, adds: false)
        #expect(da.values(0) == [4, 0])
    }

    @Test func whereTakesOneOfBoth() {
        let axes = [3, 4, 5]
        let samples = 16
        let c = randomSamples(samples, 5, seed: 1).map { $0.map { $0 > 0 ? Float(1) : 0 } }
        let a = randomSamples(samples, 60, seed: 2), b = randomSamples(samples, 3, seed: 3)
        let slopes = randomSamples(samples, 60, seed: 4)
        func reference(_ c: [Float], _ a: [Double], _ b: [Double]) -> [Double] {
            positions(axes).map { c[$0[2]] != 0 ? a[point($0, in: axes)] : b[$0[0]] }
        }
        func run(_ lanes: Int, _ samples: Range<Int>) -> (y: PlacedTensor, da: PlacedTensor, db: PlacedTensor) {
            let condition = PlacedTensor([5], lanes: lanes, values: Array(c[samples]))
            let x = PlacedTensor(axes, lanes: lanes, gap: 1, values: Array(a[samples]))
            let z = PlacedTensor([3, 1, 1], lanes: lanes, values: Array(b[samples]))
            let y = PlacedTensor(axes, lanes: lanes, gap: 1),
                dy = PlacedTensor(axes, lanes: lanes, values: Array(slopes[samples]))
            Selection(condition: condition.strides, a: x.strides, b: z.strides, y: y.strides).forward(
                condition: condition.pointer, x.pointer, z.pointer, to: y.pointer)
            let da = PlacedTensor(axes, lanes: lanes, gap: 1), db = PlacedTensor([3, 1, 1], lanes: lanes)
            if lanes > 1 {
                for (gradient, isFirst) in [(da, true), (db, false)] {
                    SelectionGradient(
                        condition: condition.strides, dy: dy.strides, gradient: gradient.strides, isFirst: isFirst
                    ).backward(dy: dy.pointer, condition: condition.pointer, to: gradient.pointer, adds: false)
                }
            }
            return (y, da, db)
        }
        let panel = run(16, 0..<16)
        for sample in 0..<samples {
            let (first, second) = (a[sample].map(Double.init), b[sample].map(Double.init))
            #expect(worstError(panel.y.values(sample), reference(c[sample], first, second)) == 0)
            #expect(run(1, sample..<sample + 1).y.values(0) == panel.y.values(sample))
            #expect(
                worstDifference(panel.da.values(sample), at: a[sample], weights: slopes[sample]) {
                    reference(c[sample], $0, second)
                } < 1e-4)
            #expect(
                worstDifference(panel.db.values(sample), at: b[sample], weights: slopes[sample]) {
                    reference(c[sample], first, $0)
                } < 1e-4)
        }
    }
}
