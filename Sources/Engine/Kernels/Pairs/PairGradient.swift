/// The gradient of one of two operands: dy times the derivative, summed over the axes along which the operand was broadcast,
/// in ascending order of the points of y.
package struct PairGradient: Sendable {
    /// Points of the operand: (gradient, dy, a, b).
    private let outer: Loops
    /// Points of y that each one was broadcast to, nil where it was not.
    private let inner: Loops?
    private let lanes: Int
    private let isFirst: Bool

    /// - Parameters:
    ///   - gradient: of the operand, in its own axes.
    ///   - isFirst: whether the operand is a.
    package init(a: AxisStrides, b: AxisStrides, dy: AxisStrides, gradient: AxisStrides, isFirst: Bool) {
        let axes = dy.axes
        let tensors = [gradient.broadcast(to: axes), dy, a.broadcast(to: axes), b.broadcast(to: axes)]
        func part(_ kept: [Int]) -> [AxisStrides] {
            tensors.map { tensor in
                AxisStrides(
                    axes: kept.map { axes[$0] }, strides: kept.map { tensor.strides[$0] }, lanes: tensor.lanes)
            }
        }
        let missing = axes.count - gradient.axes.count
        let summed = axes.indices.filter { $0 < missing || gradient.axes[$0 - missing] != axes[$0] }
        outer = Loops(part(axes.indices.filter { !summed.contains($0) }))
        inner = summed.isEmpty ? nil : Loops(part(summed))
        lanes = dy.lanes
        self.isFirst = isFirst
    }

    /// - Parameters:
    ///   - a, b: read only where the function's derivative needs them.
    ///   - gradient: may be dy where the operand was not broadcast.
    package func backward(
        _ function: PairFunction, dy: UnsafePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        to gradient: UnsafeMutablePointer<Float>, adds: Bool
    ) {
        function.visit(
            PairBackward(
                walk: self, dy: dy, a: a, b: b, gradient: gradient, adds: adds, readsInputs: function.readsInputs))
    }

    @inline(__always)
    func run(
        _ pair: some ChunkPair, dy: UnsafePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        to gradient: UnsafeMutablePointer<Float>, adds: Bool, readsInputs: Bool
    ) {
        @inline(__always)
        func term(_ at: SIMD4<Int>, _ sum: Sixteen) -> Sixteen {
            // Values that are not read may have been written over.
            let first = readsInputs ? load16(a + at[2]) : .zero, second = readsInputs ? load16(b + at[3]) : .zero
            let slope = isFirst ? pair.firstSlope(first, second) : pair.secondSlope(first, second)
            return sum.plus(load16(dy + at[1]), times: slope)
        }
        @inline(__always)
        func store(_ sum: Sixteen, _ target: UnsafeMutablePointer<Float>) {
            store16(adds ? load16(target) + sum : sum, target)
        }
        outer.forEachRun { offsets, count, step in
            if inner == nil, step == SIMD4(repeating: lanes) {
                var index = 0
                while index < count &* lanes {
                    let at = offsets &+ SIMD4(repeating: index)
                    store(term(at, .zero), gradient + at[0])
                    index &+= 16
                }
                return
            }
            for lane in stride(from: 0, to: lanes, by: 16) {
                var at = offsets &+ SIMD4(repeating: lane)
                for _ in 0..<count {
                    var sum = Sixteen.zero
                    if let inner {
                        inner.forEachRun { within, count, step in
                            var place = at &+ within
                            for _ in 0..<count {
                                sum = term(place, sum)
                                place = place &+ step
                            }
                        }
                    } else {
                        sum = term(at, sum)
                    }
                    store(sum, gradient + at[0])
                    at = at &+ step
                }
            }
        }
    }
}

private struct PairBackward: PairVisitor {
    let walk: PairGradient
    let dy: UnsafePointer<Float>
    let a: UnsafePointer<Float>
    let b: UnsafePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    let adds: Bool
    let readsInputs: Bool

    @inline(__always)
    func visit(_ pair: some ChunkPair) {
        walk.run(pair, dy: dy, a, b, to: gradient, adds: adds, readsInputs: readsInputs)
    }
}
