/// Two tensors and what is made of them, point by point: NumPy's broadcasting, axes aligned at the last one.
package struct PairWalk: Sendable {
    private let forwardLoops: Loops
    private let lanes: Int

    /// - Parameter a, b: of axes that can be broadcast to those of y.
    package init(a: AxisStrides, b: AxisStrides, y: AxisStrides) {
        forwardLoops = Loops([y, a.broadcast(to: y.axes), b.broadcast(to: y.axes)])
        lanes = y.lanes
    }

    /// y = f(a, b); y may be one of both where that is not broadcast.
    package func forward(
        _ function: PairFunction, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        to y: UnsafeMutablePointer<Float>
    ) {
        function.visit(PairForward(loops: forwardLoops, lanes: lanes, a: a, b: b, y: y))
    }
}

private struct PairForward: PairVisitor {
    let loops: Loops
    let lanes: Int
    let a: UnsafePointer<Float>
    let b: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>

    @inline(__always)
    func visit(_ pair: some ChunkPair) {
        loops.forEachRun { offsets, count, step in
            let to = y + offsets[0], first = a + offsets[1], second = b + offsets[2]
            if lanes == 1 {
                points(pair, first, second, to, count, step)
            } else {
                chunks(pair, first, second, to, count, step)
            }
        }
    }

    @inline(__always)
    private func chunks(
        _ pair: some ChunkPair, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
        _ to: UnsafeMutablePointer<Float>, _ count: Int, _ step: SIMD4<Int>
    ) {
        if step[0] == lanes, step[1] == lanes, step[2] == lanes {
            var index = 0
            let end = count &* lanes
            while index < end {
                store16(pair.value(load16(first + index), load16(second + index)), to + index)
                index &+= 16
            }
            return
        }
        for lane in stride(from: 0, to: lanes, by: 16) {
            var to = to + lane, first = first + lane, second = second + lane
            if step[2] == 0 {
                let held = load16(second)
                for _ in 0..<count {
                    store16(pair.value(load16(first), held), to)
                    to += step[0]
                    first += step[1]
                }
                continue
            }
            for _ in 0..<count {
                store16(pair.value(load16(first), load16(second)), to)
                to += step[0]
                first += step[1]
                second += step[2]
            }
        }
    }

    /// Of one image: points stand in the lanes.
    @inline(__always)
    private func points(
        _ pair: some ChunkPair, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
        _ to: UnsafeMutablePointer<Float>, _ count: Int, _ step: SIMD4<Int>
    ) {
        var index = 0
        while index < count {
            let few = min(16, count &- index)
            let value = pair.value(
                loadPoints(first + index &* step[1], step[1], few), loadPoints(second + index &* step[2], step[2], few))
            storePoints(value, to + index &* step[0], step[0], few)
            index &+= 16
        }
    }
}

/// Up to sixteen points `step` floats apart; zeros behind them.
@inline(__always)
func loadPoints(_ pointer: UnsafePointer<Float>, _ step: Int, _ count: Int) -> Sixteen {
    if step == 1, count == 16 { return load16(pointer) }
    if step == 0 { return Sixteen(repeating: pointer[0]) }
    var chunk = Sixteen.zero
    for lane in 0..<count { chunk[lane] = pointer[lane &* step] }
    return chunk
}

@inline(__always)
func storePoints(_ chunk: Sixteen, _ pointer: UnsafeMutablePointer<Float>, _ step: Int, _ count: Int) {
    if step == 1, count == 16 {
        store16(chunk, pointer)
    } else {
        for lane in 0..<count { pointer[lane &* step] = chunk[lane] }
    }
}
