import Kernels
import Sparsity
import Testing

@Suite struct SelectionTests {
    @Test func keepsTheLargestAndCutsEarlyTies() {
        let scores: [[Float]] = [[3, 1, 2], [2, 2, 0]]
        let (keep, threshold) = Selection.keep(count: 3, scores: scores)
        #expect(keep == [[true, false, false], [true, true, false]])
        #expect(threshold == 2)
        #expect(Selection.count(atLeast: 2, scores: scores) == 4)
        #expect(Selection.keep(atLeast: 2, scores: scores) == [[true, false, true], [true, true, false]])
    }

    @Test func placesOfTheSmallestAndTheLargest() {
        let scores: [Float] = [3, 1, 2, 1, 3, 0]
        #expect(Selection.smallest(2, of: scores) == [1, 5] && Selection.smallest(3, of: scores) == [1, 3, 5])
        #expect(Selection.largest(1, of: scores) == [0] && Selection.largest(3, of: scores) == [0, 2, 4])
        #expect(Selection.smallest(0, of: scores) == [] && Selection.largest(0, of: scores) == [])
        #expect(Selection.smallest(9, of: scores) == Array(0..<6) && Selection.largest(9, of: scores) == Array(0..<6))
    }

    @Test func allAndNone() {
        let scores: [[Float]] = [[3, 1], [], [0]]
        #expect(Selection.keep(count: 3, scores: scores).keep == [[true, true], [], [true]])
        #expect(Selection.keep(count: 3, scores: scores).threshold == 0)
        #expect(Selection.keep(count: 0, scores: scores).keep == [[false, false], [], [false]])
        #expect(Selection.keep(count: 0, scores: scores).threshold == .infinity)
        #expect(Selection.keep(count: 0, scores: []).keep == [])
    }

    @Test func minusZeroIsZeroAndNegativesOrder() {
        #expect(Selection.keep(count: 1, scores: [[0, -0.0]]).keep == [[false, true]])
        #expect(Selection.keep(count: 2, scores: [[-2, -1, 5, -3]]).keep == [[false, true, true, false]])
    }

    /// Against sorting, over sizes and with many ties.
    @Test(arguments: [1, 2, 7, 100, 5000])
    func agreesWithSorting(size: Int) {
        let random = CounterRandom(seed: 5, purpose: .test)
        for coarse in [4, 1 << 20] {
            let scores = (0..<3).map { layer in
                (0..<size).map { Float(random.integer(below: coarse, layer, $0, coarse)) * 0.001 }
            }
            for count in [0, 1, size / 2, size, 2 * size + 1, 3 * size] {
                #expect(Selection.keep(count: count, scores: scores).keep == sorted(count, scores))
            }
        }
    }

    private func sorted(_ count: Int, _ scores: [[Float]]) -> [[Bool]] {
        var all: [(Float, Int, Int)] = []
        for (layer, values) in scores.enumerated() {
            for (position, score) in values.enumerated() { all.append((score, layer, position)) }
        }
        all.sort { $0 < $1 }
        var keep = scores.map { $0.map { _ in true } }
        for (_, layer, position) in all.dropLast(count) { keep[layer][position] = false }
        return keep
    }
}

@Suite struct HistogramTests {
    @Test func linearBinsByClass() {
        var histogram = Histogram(bins: 4, maximum: 2, classes: 2)
        histogram.add([0, -0.4, 0.5, 1.9, -2, 3], keep: [false, false, true, true, true, true])
        #expect(histogram.counts == [[0, 1, 0, 3], [2, 0, 0, 0]])
        #expect((0...4).map(histogram.lowerEdge) == [0, 0.5, 1, 1.5, 2])
    }

    @Test func logarithmicBins() {
        var histogram = Histogram(bins: 3, maximum: 1, axis: .logarithmic(decades: 3))
        histogram.add([0, 1e-9, 0.005, 0.05, 0.5, -1])
        #expect(histogram.counts == [[3, 1, 2]])
        #expect(abs(histogram.lowerEdge(2) - 0.1) < 1e-6)
    }
}
