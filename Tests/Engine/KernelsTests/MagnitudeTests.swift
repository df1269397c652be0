import Kernels
import Testing

/// What is chosen by magnitude is what a sort chooses.
@Suite struct MagnitudeTests {
    private func values(_ count: Int, coarse: Int) -> [Float] {
        let random = CounterRandom(seed: 3, purpose: .test)
        return (0..<count).map { Float(random.integer(below: coarse, $0) - coarse / 2) * 0.001 }
    }

    /// Around sixteen, and with many that are equal.
    @Test(arguments: [1, 15, 16, 17, 47, 3000], [1, 5, 1 << 20])
    func agreesWithSorting(count: Int, coarse: Int) {
        let values = values(count, coarse: coarse)
        let order = values.indices.sorted { (abs(values[$0]), $0) < (abs(values[$1]), $1) }
        for some in [0, 1, count / 3, count - 1, count, count + 1] {
            #expect(Magnitudes.smallest(some, of: values) == order.prefix(some).sorted())
        }
        for rank in [0, count / 2, count - 1] {
            let found = values.withUnsafeBufferPointer { Magnitudes.rank(rank, of: $0) }
            let own = abs(values[order[rank]])
            #expect(found.bits == Magnitudes.bits(own))
            #expect(found.below == values.filter { abs($0) < own }.count)
            #expect(found.equal == values.filter { abs($0) == own }.count)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 100]) func theLeastIsNoSign(count: Int) {
        var values = values(count, coarse: 1 << 20).map { $0 + 0.0005 }
        let least = values.map(abs).min() ?? .infinity
        #expect(Magnitudes.least(values, count: count) == least)
        guard count > 15 else { return }
        (values[3], values[count - 1]) = (.nan, -1e-30)
        #expect(Magnitudes.least(values, count: count) == 1e-30)
    }

    @Test func placesAreThoseInBetween() {
        var values = values(100, coarse: 1000)
        (values[3], values[40], values[99]) = (.nan, -.infinity, -0.0)
        let limit: Float = 0.2
        var places = [UInt32](repeating: 0, count: values.count + 16)
        func found(above: Int32, most: Int32) -> [Int] {
            let count = values.withUnsafeBufferPointer {
                Magnitudes.places($0, above: above, most: most, to: &places)
            }
            return places[..<count].map { Int($0) }
        }
        #expect(
            found(above: Magnitudes.bits(limit), most: Magnitudes.infinity)
                == values.indices.filter { abs(values[$0]) > limit })
        #expect(
            found(above: -1, most: Magnitudes.bits(limit)) == values.indices.filter { abs(values[$0]) <= limit })
        #expect(found(above: Magnitudes.infinity, most: .max) == [3])
    }
}
