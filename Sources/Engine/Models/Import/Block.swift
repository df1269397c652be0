/// Elements with axes, row-major, and the moves of them: what constants are folded with.
struct Block<Element> {
    var shape: [Int]
    var values: [Element]

    init(_ shape: [Int], _ values: [Element]) {
        precondition(shape.reduce(1, *) == values.count)
        self.shape = shape
        self.values = values
    }

    var count: Int { values.count }

    static func strides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }

    /// A block of another shape, each point from the place that strides from a start lead to.
    private func walk(_ shape: [Int], start: Int = 0, strides: [Int]) -> Block {
        let count = shape.reduce(1, *)
        guard count > 0 else { return Block(shape, []) }
        var result: [Element] = []
        result.reserveCapacity(count)
        // The last axis in one run.
        let run = shape.last ?? 1, step = strides.last ?? 0, outer = shape.dropLast()
        var at = [Int](repeating: 0, count: outer.count), place = start
        while true {
            for index in 0..<run { result.append(values[place + index * step]) }
            var axis = outer.count - 1
            while axis >= 0 {
                at[axis] += 1
                place += strides[axis]
                if at[axis] < shape[axis] { break }
                place -= strides[axis] * shape[axis]
                at[axis] = 0
                axis -= 1
            }
            if axis < 0 { break }
        }
        return Block(shape, result)
    }

    func reshaped(_ shape: [Int]) -> Block { Block(shape, values) }

    func transposed(_ order: [Int]) -> Block {
        let strides = Self.strides(shape)
        return walk(order.map { shape[$0] }, strides: order.map { strides[$0] })
    }

    func sliced(_ slices: [AxisSlice]) -> Block {
        let strides = Self.strides(shape)
        let start = slices.indices.reduce(0) { $0 + (slices[$1].count > 0 ? slices[$1].start : 0) * strides[$1] }
        return walk(slices.map(\.count), start: start, strides: slices.indices.map { slices[$0].step * strides[$0] })
    }

    /// Each axis of 1, and each that is missing at the front, repeated.
    func expanded(_ shape: [Int]) -> Block {
        let own = Self.strides(self.shape), shift = shape.count - self.shape.count
        return walk(
            shape,
            strides: shape.indices.map { axis in
                axis < shift || self.shape[axis - shift] == 1 ? 0 : own[axis - shift]
            })
    }

    func gathered(axis: Int, _ indices: [Int], shape indexShape: [Int]) -> Block {
        let inner = shape[(axis + 1)...].reduce(1, *), outer = shape[..<axis].reduce(1, *)
        var result: [Element] = []
        result.reserveCapacity(outer * indices.count * inner)
        for block in 0..<outer {
            for index in indices {
                let start = (block * shape[axis] + index) * inner
                result += values[start..<start + inner]
            }
        }
        return Block(Array(shape[..<axis]) + indexShape + shape[(axis + 1)...], result)
    }

    static func concatenated(_ blocks: [Block], axis: Int) -> Block {
        var shape = blocks[0].shape
        shape[axis] = blocks.reduce(0) { $0 + $1.shape[axis] }
        var result: [Element] = []
        result.reserveCapacity(shape.reduce(1, *))
        for outer in 0..<shape[..<axis].reduce(1, *) {
            for block in blocks {
                let run = block.shape[axis...].reduce(1, *)
                result += block.values[outer * run..<(outer + 1) * run]
            }
        }
        return Block(shape, result)
    }

    /// Zeros, or whatever is given, between the points of each axis.
    func spread(_ steps: [Int], _ zero: Element) -> Block {
        let shape = zip(self.shape, steps).map { $0 == 0 ? 0 : ($0 - 1) * $1 + 1 }
        var result = Block(shape, [Element](repeating: zero, count: shape.reduce(1, *)))
        let strides = Self.strides(shape)
        Block<Int>.eachPoint(self.shape) { point, index in
            result.values[point.indices.reduce(0) { $0 + point[$1] * steps[$1] * strides[$1] }] = values[index]
        }
        return result
    }

    /// Every point in ascending order, with its number.
    static func eachPoint(_ shape: [Int], _ body: (_ point: [Int], _ index: Int) -> Void) {
        let count = shape.reduce(1, *)
        var point = [Int](repeating: 0, count: shape.count)
        for index in 0..<count {
            body(point, index)
            var axis = shape.count - 1
            while axis >= 0 {
                point[axis] += 1
                if point[axis] < shape[axis] { break }
                point[axis] = 0
                axis -= 1
            }
        }
    }
}

/// Points of one axis: `start, start + step, …`, `count` of them.
package struct AxisSlice: Sendable, Equatable {
    package var start: Int
    package var step: Int
    package var count: Int

    package init(start: Int, step: Int, count: Int) {
        self.start = start
        self.step = step
        self.count = count
    }

    static func all(_ size: Int) -> AxisSlice { AxisSlice(start: 0, step: 1, count: size) }
    func isAll(_ size: Int) -> Bool { start == 0 && step == 1 && count == size }
}
