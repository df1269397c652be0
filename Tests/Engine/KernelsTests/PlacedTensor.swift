import Kernels

/// Values of samples, (sample, point), laid out as panels or images are, with gaps between rows and channels.
struct PlacedTensor {
    let strides: AxisStrides
    let memory: FloatBuffer
    var lanes: Int { strides.lanes }
    var pointer: UnsafeMutablePointer<Float> { memory.pointer }

    /// - Parameter gap: points that stand empty behind each row, and again behind each channel.
    init(_ axes: [Int], lanes: Int, gap: Int = 0, values: [[Float]] = []) {
        precondition(values.count <= lanes)
        let width = axes.count > 1 ? axes.last! : 1
        let rows = axes.count > 2 ? axes.dropFirst().dropLast().reduce(1, *) : 1
        let row = width + gap
        strides = AxisStrides(
            axes: axes, channel: (rows * row + gap) * lanes, row: row * lanes, point: lanes, lanes: lanes)
        memory = FloatBuffer(count: (axes.first ?? 1) * (rows * row + gap) * lanes)
        for index in 0..<memory.count { memory[index] = -77 }
        for (sample, values) in values.enumerated() {
            for (offset, value) in zip(strides.offsets, values) { memory[Int(offset) + sample] = value }
        }
    }

    func values(_ sample: Int) -> [Float] { strides.offsets.map { memory[Int($0) + sample] } }

    /// Whether nothing was written between the points.
    var gapsAreLeft: Bool {
        var isPoint = [Bool](repeating: false, count: memory.count)
        for offset in strides.offsets { for lane in 0..<lanes { isPoint[Int(offset) + lane] = true } }
        return isPoint.indices.allSatisfy { isPoint[$0] || memory[$0] == -77 }
    }
}

/// (samples, points) between −range and range.
func randomSamples(_ samples: Int, _ points: Int, seed: Int, range: Float = 2) -> [[Float]] {
    let random = CounterRandom(seed: UInt64(seed), purpose: .test)
    return (0..<samples).map { sample in
        (0..<points).map { (random.uniform(sample, $0) * 2 - 1) * range }
    }
}

/// Positions of the axes' points, in row-major order.
func positions(_ axes: [Int]) -> [[Int]] {
    axes.reduce([[]]) { list, size in list.flatMap { head in (0..<size).map { head + [$0] } } }
}

/// Where a position stands among the points of axes that are broadcast to it.
func point(_ position: [Int], in axes: [Int]) -> Int {
    let missing = position.count - axes.count
    return axes.enumerated().reduce(0) { $0 * $1.element + ($1.element == 1 ? 0 : position[missing + $1.offset]) }
}

/// How far a gradient is from the central differences of Σ weight · f, in Double; relative to the largest.
func worstDifference(
    _ gradient: [Float], at x: [Float], weights: [Float], step: Double = 1e-4, _ f: ([Double]) -> [Double]
) -> Double {
    func loss(_ x: [Double]) -> Double { zip(f(x), weights).reduce(0) { $0 + $1.0 * Double($1.1) } }
    let values = x.map(Double.init)
    let largest = gradient.reduce(1e-2) { max($0, abs(Double($1))) }
    return gradient.indices.reduce(0.0) { worst, index in
        var above = values, below = values
        above[index] += step
        below[index] -= step
        let slope = (loss(above) - loss(below)) / (2 * step)
        return max(worst, abs(slope - Double(gradient[index])) / largest)
    }
}

func worstError(_ found: [Float], _ exact: [Double]) -> Double {
    zip(found, exact).reduce(0) { max($0, abs(Double($1.0) - $1.1) / max(1, abs($1.1))) }
}
