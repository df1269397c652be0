/// The input of a strided convolution for one image, taken apart: every s-th row and point to a plane of its own, with the
/// pitch of the output, so that a weight reads a run of points there too.
///
///     stride 2, padding 1:     phase (0, 0) has the rows −1, 1, 3, … and of them the points −1, 1, 3, …
///
/// Only phases that some tap of the kernel reads are made.
package struct PlanePhases: Sendable {
    private let input: PlaneLayout
    private let stride: Int
    private let padding: Int
    private let rows: Int
    private let pitch: Int
    /// (y, x), each below the stride.
    private let phases: [(y: Int, x: Int)]
    private let phaseFloats: Int
    /// Of a channel: that of all phases.
    package var plane: Int { phases.count * phaseFloats }
    package var floats: Int { input.channels * plane + 32 }

    /// Points of a row that an output of `width` reads from a phase.
    package static func columns(width: Int, kernel: Int, dilation: Int, stride: Int) -> Int {
        width + (kernel - 1) * dilation / stride
    }

    /// - Precondition: `pitch` ≥ `columns(…)`.
    package init(
        input: PlaneLayout, outputHeight: Int, pitch: Int, kernelHeight: Int, kernelWidth: Int, stride: Int,
        padding: Int, dilation: Int
    ) {
        self.input = input
        self.stride = stride
        self.padding = padding
        self.pitch = pitch
        rows = outputHeight + (kernelHeight - 1) * dilation / stride
        let ys = Set((0..<kernelHeight).map { $0 * dilation % stride }).sorted()
        let xs = Set((0..<kernelWidth).map { $0 * dilation % stride }).sorted()
        phases = ys.flatMap { y in xs.map { (y, $0) } }
        phaseFloats = ((rows * pitch + 15) / 16 | 1) * 16
    }

    /// Floats from a channel's first point to that which a tap reads for output (0, 0).
    package func offset(tapY: Int, tapX: Int, dilation: Int) -> Int {
        let y = tapY * dilation, x = tapX * dilation
        let phase = phases.firstIndex { $0.y == y % stride && $0.x == x % stride }!
        return phase * phaseFloats + y / stride * pitch + x / stride
    }

    /// - Parameters:
    ///   - x: point (0, 0) of channel 0.
    ///   - target: zero at first. What is not a point of x stays zero.
    package func take(_ x: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, channels: Range<Int>) {
        for (number, phase) in phases.enumerated() {
            // The first point that is one, and how many there are.
            let row0 = max(0, (padding &- phase.y &+ stride &- 1) / stride)
            let column0 = max(0, (padding &- phase.x &+ stride &- 1) / stride)
            let top = row0 &* stride &+ phase.y &- padding, left = column0 &* stride &+ phase.x &- padding
            let height = min(rows &- row0, (input.height &- top &+ stride &- 1) / stride)
            let width = min(pitch &- column0, (input.width &- left &+ stride &- 1) / stride)
            guard height > 0, width > 0 else { continue }
            for channel in channels {
                var from = x + (channel &* input.plane &+ top &* input.pitch &+ left)
                var to = target + (channel &* plane &+ number &* phaseFloats &+ row0 &* pitch &+ column0)
                for _ in 0..<height {
                    take(from, to: to, count: width)
                    from += stride &* input.pitch
                    to += pitch
                }
            }
        }
    }

    @inline(__always)
    private func take(_ row: UnsafePointer<Float>, to line: UnsafeMutablePointer<Float>, count: Int) {
        var place = 0
        if stride == 2, count >= 8 {
            while place &+ 8 <= count {
                store8(everySecond(row + 2 &* place), line + place)
                place &+= 8
            }
            // The last eight again, some of them for the second time.
            store8(everySecond(row + 2 &* (count &- 8)), line + (count &- 8))
            return
        }
        while place < count {
            line[place] = row[place &* stride]
            place &+= 1
        }
    }
}

/// The first, third, … of sixteen floats.
@inline(__always)
func everySecond(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> { firstOfPairs(load16(pointer)) }

/// As halves of integers: the compiler takes shuffles of floats apart into single lanes.
@inline(__always)
func firstOfPairs(_ pairs: SIMD16<Float>) -> SIMD8<Float> {
    let halves = SIMD8<UInt32>(truncatingIfNeeded: unsafeBitCast(pairs, to: SIMD8<UInt64>.self))
    // The sum with zero keeps it in a register: narrowed on the way to memory it takes four times as long.
    return unsafeBitCast(halves, to: SIMD8<Float>.self) + SIMD8(repeating: 0)
}
