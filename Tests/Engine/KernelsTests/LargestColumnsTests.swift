import Kernels
import Testing

/// The largest of each column against sorting, ties and odd numbers included.
@Suite struct LargestColumnsTests {
    /// Places of the values that stay: the largest first, of equal ones the earlier.
    private func reference(_ values: [Float], _ kept: Int) -> Set<Int> {
        func rank(_ place: Int) -> Float { values[place].isNaN ? .infinity : values[place] }
        let order = values.indices.sorted { (rank($0), -$0) > (rank($1), -$1) }
        return Set(order.prefix(kept))
    }

    @Test(arguments: [1, 16], [1, 3, 7, 24]) func itKeepsWhatSortingKeeps(lanes: Int, kept: Int) {
        // Two columns of 24 points, one after the other; few different values, so that many are equal.
        let random = CounterRandom(seed: 3, purpose: .test)
        var x = (0..<2 * 24 * lanes).map { Float(Int(random.uniform($0) * 9) - 4) / 2 }
        x[5 * lanes] = .nan
        x[6 * lanes] = -0.0
        x[7 * lanes] = -.infinity
        let strides = AxisStrides(axes: [2, 24], lanes: lanes)
        let columns = Columns(strides, over: [1])
        let work = LargestColumns(x: columns, y: columns, kept: kept)
        var y = [Float](repeating: 9, count: x.count), dx = y, adds = y
        var remembered = [Float](repeating: 0, count: work.rememberedFloats * lanes)
        // The samples in two parts, as two threads have them.
        for samples in [0..<lanes / 2, lanes / 2..<lanes] {
            work.forward(columns: 0..<2, samples: samples, x, to: &y, remembered: &remembered)
        }
        let dy = x.indices.map { Float($0 % 11) + 1 }
        work.backward(
            columns: 0..<2, samples: 0..<lanes, x: x, dy: dy, columns, to: &dx, columns, adds: false,
            remembered: remembered)
        work.backward(
            columns: 0..<2, samples: 0..<lanes, x: x, dy: dy, columns, to: &adds, columns, adds: true,
            remembered: remembered)
        for column in 0..<2 {
            for lane in 0..<lanes {
                let places = (0..<24).map { (column * 24 + $0) * lanes + lane }
                let stays = reference(places.map { x[$0] }, kept)
                for (point, place) in places.enumerated() {
                    let wanted = stays.contains(point) ? x[place] : 0
                    #expect(y[place] == wanted || y[place].isNaN && wanted.isNaN, "\(column) \(lane) \(point)")
                    let slope = stays.contains(point) ? dy[place] : 0
                    #expect(dx[place] == slope && adds[place] == 9 + slope)
                }
            }
        }
    }
}
