/// softmax(f(A · B)) · V for each pair of matrices, the softmax along the rows of A · B: some rows at a time, so that what stands
/// between the two products stays in the caches and has no place of its own.
///
///     A (rows, depth) · B (depth, keys) = scores (rows, keys)        shares (rows, keys) · V (keys, outputs) = C (rows, outputs)
///
/// The sums are those of `MatrixProduct`, `ValueFunction` and `SoftmaxColumns`, term by term: the bits are the same.
///
/// Of panels the scores of a task are [row][key][lane]. Of one image rows stand in the lanes, [key][row]: numbers of B and V are
/// broadcast, a softmax adds chunk to chunk, and nothing is turned around.
package struct AttentionProduct: Sendable {
    /// From A and B to the scores of a task, from these and V to C.
    let scores, mixed: MatrixProduct
    let functions: [ValueFunction]
    let rows, depth, keys, outputs: Int
    private let lanes: Int

    /// - Parameters:
    ///   - a: (…, rows, depth).
    ///   - b: (…, depth, keys).
    ///   - v: (…, keys, outputs).
    ///   - c: (…, rows, outputs), with the leading axes of A · B.
    ///   - functions: f, the first one first.
    package init(a: AxisStrides, b: AxisStrides, v: AxisStrides, c: AxisStrides, functions: [ValueFunction]) {
        let rank = c.axes.count
        lanes = c.lanes
        (rows, outputs) = (c.axes[rank - 2], c.axes[rank - 1])
        (depth, keys) = (a.axes[a.axes.count - 1], b.axes[b.axes.count - 1])
        // One task's place serves all products.
        var held = AxisStrides(axes: Array(c.axes.dropLast()) + [keys], lanes: lanes)
        for axis in 0..<rank - 2 { held.strides[axis] = 0 }
        scores = MatrixProduct(a: a, b: b, c: held)
        mixed = MatrixProduct(a: held, b: v, c: c)
        self.functions = functions
    }

    /// Rows that a task makes: of panels two tiles of each product, of one image four chunks.
    private var taskRows: Int { lanes == 1 ? 64 : 8 }
    private var tasksOfProduct: Int { (rows + taskRows - 1) / taskRows }
    /// What may run side by side.
    package var tasks: Int { scores.products.count * tasksOfProduct }

    package func run(
        task: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
        to c: UnsafeMutablePointer<Float>
    ) {
        let (number, part) = task.quotientAndRemainder(dividingBy: tasksOfProduct)
        let from = scores.products[number], to = mixed.products[number]
        let rows = part * taskRows..<min((part + 1) * taskRows, self.rows)
        if lanes == 1 {
            image(rows, a + from[1], b + from[2], v + to[2], c + to[0])
        } else {
            panel(rows, a + from[1], b + from[2], v + to[2], c + to[0])
        }
    }

    private func panel(
        _ rows: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>
    ) {
        let rowFloats = keys * lanes
        withScratch(of: Float.self, capacity: rows.count * rowFloats) { scratch in
            let held = scratch.baseAddress!
            let first = held - rows.lowerBound * rowFloats
            scores.panel(rows, a, b, first, adds: false)
            for function in functions { function.forward(held, to: held, count: scratch.count) }
            for row in 0..<rows.count {
                for lane in stride(from: 0, to: lanes, by: 16) {
                    softmaxInPlace(held + (row * rowFloats + lane), count: keys, step: lanes)
                }
            }
            mixed.panel(rows, first, v, c, adds: false)
        }
    }
}

/// Softmax of sixteen columns of numbers that lie `step` floats apart, as `SoftmaxColumns` makes it.
@inline(never)
func softmaxInPlace(_ x: UnsafeMutablePointer<Float>, count: Int, step: Int) {
    // In four chains: the largest is the same, and where one is NaN all are in the end.
    var l0 = load16(x), l1 = l0, l2 = l0, l3 = l0
    var point = 0
    func raise(_ largest: inout Sixteen, _ value: Sixteen) { largest.replace(with: value, where: value .> largest) }
    while point &+ 4 <= count {
        raise(&l0, load16(x + point &* step))
        raise(&l1, load16(x + (point &+ 1) &* step))
        raise(&l2, load16(x + (point &+ 2) &* step))
        raise(&l3, load16(x + (point &+ 3) &* step))
        point &+= 4
    }
    while point < count {
        raise(&l0, load16(x + point &* step))
        point &+= 1
    }
    raise(&l0, l1)
    raise(&l2, l3)
    raise(&l0, l2)
    let largest = l0
    let one = Sixteen(repeating: 1)
    let total = fourChains(count) { point, sum in
        let place = x + point &* step
        let power = exponential(load16(place) - largest, isNegative: true)
        store16(power, place)
        return sum.plus(one, times: power)
    }
    let factor = one / total
    for point in 0..<count {
        let place = x + point &* step
        store16(load16(place) * factor, place)
    }
}
