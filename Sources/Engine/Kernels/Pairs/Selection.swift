/// Of two tensors the one that a third chooses: y = c ≠ 0 ? a : b, broadcast as pairs are.
package struct Selection: Sendable {
    private let loops: Loops
    private let lanes: Int

    package init(condition: AxisStrides, a: AxisStrides, b: AxisStrides, y: AxisStrides) {
        loops = Loops([y, a.broadcast(to: y.axes), b.broadcast(to: y.axes), condition.broadcast(to: y.axes)])
        lanes = y.lanes
    }

    package func forward(
        condition: UnsafePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        to y: UnsafeMutablePointer<Float>
    ) {
        loops.forEachRun { offsets, count, step in
            if lanes == 1 {
                var index = 0
                while index < count {
                    let few = min(16, count &- index)
                    func points(_ pointer: UnsafePointer<Float>, _ operand: Int) -> Sixteen {
                        loadPoints(pointer + (offsets[operand] &+ index &* step[operand]), step[operand], few)
                    }
                    let value = chosen(points(condition, 3), points(a, 1), points(b, 2))
                    storePoints(value, y + (offsets[0] &+ index &* step[0]), step[0], few)
                    index &+= 16
                }
                return
            }
            for lane in stride(from: 0, to: lanes, by: 16) {
                var at = offsets &+ SIMD4(repeating: lane)
                for _ in 0..<count {
                    store16(chosen(load16(condition + at[3]), load16(a + at[1]), load16(b + at[2])), y + at[0])
                    at = at &+ step
                }
            }
        }
    }

    @inline(__always)
    private func chosen(_ condition: Sixteen, _ a: Sixteen, _ b: Sixteen) -> Sixteen {
        a.replacing(with: b, where: condition .== 0)
    }
}

/// The gradient of one of both: dy where it was chosen.
package struct SelectionGradient: Sendable {
    private let walk: PairGradient
    private let isFirst: Bool

    /// - Parameters:
    ///   - gradient: of the operand, in its own axes.
    ///   - isFirst: whether the operand is a.
    package init(condition: AxisStrides, dy: AxisStrides, gradient: AxisStrides, isFirst: Bool) {
        walk = PairGradient(a: condition, b: condition, dy: dy, gradient: gradient, isFirst: true)
        self.isFirst = isFirst
    }

    package func backward(
        dy: UnsafePointer<Float>, condition: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        walk.run(
            Chosen(isFirst: isFirst), dy: dy, condition, condition, to: gradient, adds: adds, readsInputs: true)
    }
}

private struct Chosen: ChunkPair {
    let isFirst: Bool

    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen { a }
    @inline(__always) func firstSlope(_ condition: Sixteen, _ b: Sixteen) -> Sixteen {
        Sixteen(repeating: isFirst ? 1 : 0).replacing(with: isFirst ? 0 : 1, where: condition .== 0)
    }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { .zero }
}
