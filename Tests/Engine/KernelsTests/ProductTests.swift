import Kernels
import Testing

@Suite struct ProductTests {
    /// Axes of A and B, last two multiplied.
    static let shapes: [([Int], [Int])] = [
        ([1, 1], [1, 1]), ([4, 3], [3, 4]), ([5, 7], [7, 6]), ([3, 2], [2, 17]), ([13, 4], [4, 9]),
        ([2, 5, 3], [2, 3, 4]),
        ([2, 1, 3, 4], [3, 4, 5]), ([3, 4], [2, 4, 5]), ([2, 2, 3], [3, 33]), ([6, 70], [70, 5]),
    ]

    /// Naive, in Double.
    private static func product(_ a: [Double], _ axesA: [Int], _ b: [Double], _ axesB: [Int], _ axes: [Int]) -> [Double]
    {
        let depth = axesA.last!
        return positions(axes).map { at in
            let (row, column) = (at[at.count - 2], at[at.count - 1])
            return (0..<depth).reduce(0) { sum, k in
                sum + a[point(at.dropLast(2) + [row, k], in: axesA)]
                    * b[point(at.dropLast(2) + [k, column], in: axesB)]
            }
        }
    }

    @Test(arguments: shapes.indices) func valuesAndGradients(_ number: Int) {
        let (axesA, axesB) = Self.shapes[number]
        let axes =
            broadcastAxes(axesA.dropLast(2), axesB.dropLast(2))! + [axesA[axesA.count - 2], axesB[axesB.count - 1]]
        let samples = 17
        let a = randomSamples(samples, axesA.reduce(1, *), seed: 1),
            b = randomSamples(samples, axesB.reduce(1, *), seed: 2)
        let slopes = randomSamples(samples, axes.reduce(1, *), seed: 3)
        for lanes in [16, 64] {
            let held = min(samples, lanes)
            let x = PlacedTensor(axesA, lanes: lanes, gap: 1, values: Array(a.prefix(held)))
            let z = PlacedTensor(axesB, lanes: lanes, values: Array(b.prefix(held)))
            let y = PlacedTensor(axes, lanes: lanes, gap: 1)
            Self.run(MatrixProduct(a: x.strides, b: z.strides, c: y.strides), x, z, y)
            let dy = PlacedTensor(axes, lanes: lanes, gap: 2, values: Array(slopes.prefix(held)))
            let da = PlacedTensor(axesA, lanes: lanes, gap: 1), db = PlacedTensor(axesB, lanes: lanes, gap: 1)
            for adds in [false, true] {
                Self.run(MatrixProduct(a: dy.strides, b: z.strides.turned, c: da.strides), dy, z, da, adds: adds)
                Self.run(MatrixProduct(a: x.strides.turned, b: dy.strides, c: db.strides), x, dy, db, adds: adds)
            }
            #expect(y.gapsAreLeft && da.gapsAreLeft && db.gapsAreLeft)
            for sample in 0..<held {
                let (first, second) = (a[sample].map(Double.init), b[sample].map(Double.init))
                #expect(worstError(y.values(sample), Self.product(first, axesA, second, axesB, axes)) < 1e-5)
                #expect(
                    worstDifference(da.values(sample).map { $0 / 2 }, at: a[sample], weights: slopes[sample]) {
                        Self.product($0, axesA, second, axesB, axes)
                    } < 1e-3)
                #expect(
                    worstDifference(db.values(sample).map { $0 / 2 }, at: b[sample], weights: slopes[sample]) {
                        Self.product(first, axesA, $0, axesB, axes)
                    } < 1e-3)
                let oneA = PlacedTensor(axesA, lanes: 1, gap: 1, values: [a[sample]])
                let oneB = PlacedTensor(axesB, lanes: 1, values: [b[sample]]),
                    oneY = PlacedTensor(axes, lanes: 1, gap: 2)
                Self.run(MatrixProduct(a: oneA.strides, b: oneB.strides, c: oneY.strides), oneA, oneB, oneY)
                #expect(oneY.values(0).map(\.bitPattern) == y.values(sample).map(\.bitPattern) && oneY.gapsAreLeft)
            }
        }
    }

    private static func run(
        _ product: MatrixProduct, _ a: PlacedTensor, _ b: PlacedTensor, _ c: PlacedTensor, adds: Bool = false
    ) {
        for task in 0..<product.tasks { product.run(task: task, a.pointer, b.pointer, to: c.pointer, adds: adds) }
    }
}
