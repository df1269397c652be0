import Kernels
import Testing

@Suite struct MoveTests {
    /// What is read of one or two inputs, by name.
    static let maps: [(String, inputs: [[Int]], PointMap)] = [
        ("transpose", [[3, 4, 5]], PointMap(input: [3, 4, 5], from: [2, 0, 1], indices: [all(5), all(3), all(4)])),
        ("reshape", [[6, 4]], PointMap(axes: [2, 3, 4], sources: (0..<24).map { Int32($0) })),
        ("slice", [[5, 6]], PointMap(input: [5, 6], from: [0, 1], indices: [[1, 3], [5, 3, 1]])),
        ("expand", [[3, 1, 4]], PointMap(input: [3, 1, 4], from: [0, 1, 2], indices: [all(3), [0, 0, 0], all(4)])),
        ("expand last", [[3, 1]], PointMap(input: [3, 1], from: [0, 1], indices: [all(3), [0, 0, 0, 0, 0]])),
        ("reflect", [[2, 4]], PointMap(input: [2, 4], from: [0, 1], indices: [all(2), [2, 1, 0, 1, 2, 3, 2, 1]])),
        ("pad", [[2, 3]], PointMap(input: [2, 3], from: [0, 1], indices: [[-1, 0, 1], [-1, -1, 0, 1, 2, -1]])),
        ("gather", [[4, 2]], PointMap(input: [4, 2], from: [0, 1], indices: [[3, 0, 3, 1, 1], all(2)])),
        ("spread", [[2, 3]], PointMap(input: [2, 3], from: [0, 1], indices: [[0, -1, 1], [0, -1, 1, -1, 2]])),
        ("concat", [[2, 3], [2, 2]], PointMap(axes: [2, 5], sources: [0, 1, 2, 6, 7, 3, 4, 5, 8, 9])),
        ("one", [[1]], PointMap(axes: [1], sources: [0])),
        ("one of many", [[3]], PointMap(axes: [], sources: [2])),
    ]
    private static func all(_ count: Int) -> [Int] { Array(0..<count) }

    @Test(arguments: maps.indices, [1, 16, 64]) func pointsGoWhereTheMapSays(_ number: Int, lanes: Int) {
        let (name, axes, map) = Self.maps[number]
        let samples = min(lanes, 20)
        let values = axes.enumerated().map { randomSamples(samples, $1.reduce(1, *), seed: 5 + $0) }
        let inputs = axes.indices.map { PlacedTensor(axes[$0], lanes: lanes, gap: $0 + 1, values: values[$0]) }
        let y = PlacedTensor(map.axes, lanes: lanes, gap: 2)
        let runs = MoveRuns(map, inputs: inputs.map(\.strides), output: y.strides)
        // In two parts, as tasks do.
        for part in [0..<runs.count / 2, runs.count / 2..<runs.count] {
            runs.forward(runs: part, inputs: inputs.map(\.pointer), to: y.pointer, constant: 7)
        }
        #expect(y.gapsAreLeft, "\(name)")
        for sample in 0..<samples {
            let all = values.flatMap { $0[sample] }
            #expect(y.values(sample) == map.sources.map { $0 < 0 ? 7 : all[Int($0)] }, "\(name)")
        }
        guard lanes > 1 else { return }
        let slopes = randomSamples(samples, map.sources.count, seed: 9)
        let dy = PlacedTensor(map.axes, lanes: lanes, gap: 1, values: slopes)
        var first = 0
        let back = MoveRuns(map, inputs: inputs.map(\.strides), output: dy.strides)
        for (number, input) in inputs.enumerated() {
            let dx = PlacedTensor(axes[number], lanes: lanes, gap: number + 1)
            for adds in [false, true] { back.backward(dy: dy.pointer, input: number, to: dx.pointer, adds: adds) }
            #expect(dx.gapsAreLeft, "\(name)")
            let count = axes[number].reduce(1, *)
            for sample in 0..<samples {
                var sums = [Float](repeating: 0, count: count)
                for _ in 0..<2 {
                    for (source, slope) in zip(map.sources, slopes[sample]) where source >= 0 {
                        if (first..<first + count).contains(Int(source)) { sums[Int(source) - first] += slope }
                    }
                }
                #expect(zip(dx.values(sample), sums).allSatisfy { abs($0 - $1) < 1e-5 }, "\(name)")
            }
            first += count
        }
    }

    @Test func neighboursAreJoined() {
        let place = PlacedTensor([4, 6], lanes: 16), gaps = PlacedTensor([4, 6], lanes: 16, gap: 1)
        let same = PointMap(axes: [4, 6], sources: (0..<24).map { Int32($0) })
        #expect(MoveRuns(same, inputs: [place.strides], output: place.strides).count == 1)
        #expect(MoveRuns(same, inputs: [gaps.strides], output: place.strides).count == 4)
        let turned = PointMap(input: [4, 6], from: [1, 0], indices: [Array(0..<6), Array(0..<4)])
        let target = PlacedTensor([6, 4], lanes: 16)
        #expect(MoveRuns(turned, inputs: [place.strides], output: target.strides).count == 6)
    }

    @Test(arguments: [16, 64]) func weightedSumsAndTheirGradients(lanes: Int) {
        let taps: [WeightedMap.Taps] = [
            [[(0, 1)], [(0, 0.25), (1, 0.75)], [(1, 1)]],
            [[(0, 0.5), (2, 0.5)], [(1, 1)], [(2, 0.125), (0, 0.875)], []],
        ]
        let samples = 16
        let values = randomSamples(samples, 6, seed: 1), slopes = randomSamples(samples, 12, seed: 2)
        func reference(_ x: [Double]) -> [Double] {
            positions([3, 4]).map { at in
                taps[0][at[0]].reduce(0) { sum, row in
                    taps[1][at[1]].reduce(sum) {
                        $0 + Double(row.weight * $1.weight) * x[row.index * 3 + $1.index]
                    }
                }
            }
        }
        let x = PlacedTensor([2, 3], lanes: lanes, gap: 1, values: values),
            y = PlacedTensor([3, 4], lanes: lanes, gap: 1)
        WeightedMap(taps: taps, input: x.strides, output: y.strides).forward(points: 0..<12, x.pointer, to: y.pointer)
        let dy = PlacedTensor([3, 4], lanes: lanes, values: slopes), dx = PlacedTensor([2, 3], lanes: lanes, gap: 1)
        let back = WeightedMap(taps: taps, input: dx.strides, output: dy.strides)
        for adds in [false, true] { back.backward(dy: dy.pointer, to: dx.pointer, adds: adds) }
        for sample in 0..<samples {
            #expect(worstError(y.values(sample), reference(values[sample].map(Double.init))) < 1e-6)
            #expect(
                worstDifference(
                    dx.values(sample).map { $0 / 2 }, at: values[sample], weights: slopes[sample], reference)
                    < 1e-4)
            let one = PlacedTensor([2, 3], lanes: 1, values: [values[sample]]),
                oneY = PlacedTensor([3, 4], lanes: 1, gap: 1)
            WeightedMap(taps: taps, input: one.strides, output: oneY.strides).forward(
                points: 0..<12, one.pointer, to: oneY.pointer)
            #expect(oneY.values(0).map(\.bitPattern) == y.values(sample).map(\.bitPattern))
        }
        #expect(y.gapsAreLeft && dx.gapsAreLeft)
    }
}
