/// The input of a strided convolution for one image, taken apart: every s-th row and point to a plane of its own, with the
/// pitch of the output, so that a weight reads a run of points there too.
///
///     stride 2, padding 1:     phase (0, 0) has the rows −1, 1, 3, … and of them the points −1, 1, 3, …
///
/// Only phases that some tap of the kernel reads are made.
package struct PlanePhases: Sendable {
    private let input: PlaneLayout
    private let window: KernelWindow
    private let rows: Int
    private let pitch: Int
    /// (y, x), each below the stride.
    private let phases: [(y: Int, x: Int)]
    private let phaseFloats: Int
    package let parts: [Part]
    /// Of a channel: that of all phases.
    package var plane: Int { phases.count * phaseFloats }
    package var floats: Int { input.channels * plane + 32 }

    /// Points of a row that an output of `width` reads from a phase.
    package static func columns(width: Int, _ window: KernelWindow) -> Int {
        width + (window.extent.x - 1) / window.stride.x
    }

    /// - Precondition: `pitch` ≥ `columns(…)`.
    package init(input: PlaneLayout, outputHeight: Int, pitch: Int, window: KernelWindow) {
        self.input = input
        self.window = window
        self.pitch = pitch
        rows = outputHeight + (window.extent.y - 1) / window.stride.y
        let ys = Set((0..<window.height).map { $0 * window.dilation.y % window.stride.y }).sorted()
        let xs = Set((0..<window.width).map { $0 * window.dilation.x % window.stride.x }).sorted()
        phases = ys.flatMap { y in xs.map { (y, $0) } }
        // Seven floats behind the last row are written, too.
        phaseFloats = ((rows * pitch + 7 + 15) / 16 | 1) * 16
        parts = Self.parts(phases, input, window, rows: rows, pitch: pitch, phaseFloats: phaseFloats)
    }

    /// Floats from a channel's first point to that which a tap reads for output (0, 0).
    package func offset(tapY: Int, tapX: Int) -> Int {
        let y = tapY * window.dilation.y, x = tapX * window.dilation.x, stride = window.stride
        let phase = phases.firstIndex { $0.y == y % stride.y && $0.x == x % stride.x }!
        return phase * phaseFloats + y / stride.y * pitch + x / stride.x
    }

    /// What a phase has of the image: rows of points that lie a stride apart.
    package struct Part: Sendable {
        /// Of the first one: from the channel's first point in x, and in the phases.
        package let from: Int
        package let to: Int
        package let rows: Int
        package let count: Int
    }
    private static func parts(
        _ phases: [(y: Int, x: Int)], _ input: PlaneLayout, _ window: KernelWindow, rows: Int, pitch: Int,
        phaseFloats: Int
    ) -> [Part] {
        let stride = window.stride, above = window.pads.top, before = window.pads.left
        return phases.enumerated().compactMap { number, phase in
            // The first point that is one, and how many there are.
            let row0 = max(0, (above - phase.y + stride.y - 1) / stride.y)
            let column0 = max(0, (before - phase.x + stride.x - 1) / stride.x)
            let top = row0 * stride.y + phase.y - above, left = column0 * stride.x + phase.x - before
            let height = min(rows - row0, (input.height - top + stride.y - 1) / stride.y)
            let width = min(pitch - column0, (input.width - left + stride.x - 1) / stride.x)
            guard height > 0, width > 0 else { return nil }
            return Part(
                from: top * input.pitch + left, to: number * phaseFloats + row0 * pitch + column0, rows: height,
                count: width)
        }
    }

    /// - Parameters:
    ///   - x: point (0, 0) of channel 0.
    ///   - target: zero at first. What is not a point of x stays zero.
    package func take(_ x: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, channels: Range<Int>) {
        let stride = window.stride
        for part in parts {
            let from = x + part.from, to = target + part.to
            if stride.x == 2 {
                takeEverySecond(from, to: to, rows: part.rows, count: part.count, channels)
            } else {
                for channel in channels {
                    var row = from + channel &* input.plane, line = to + channel &* plane
                    for _ in 0..<part.rows {
                        for place in 0..<part.count { line[place] = row[place &* stride.x] }
                        row += stride.y &* input.pitch
                        line += pitch
                    }
                }
            }
        }
    }

    /// Eight at a time. Of the last eight, those beyond the row are set to zero: before the next row, which is made after this
    /// one, there is nothing else.
    private func takeEverySecond(
        _ x: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, rows: Int, count: Int,
        _ channels: Range<Int>
    ) {
        let last = (count &- 1) / 8 &* 8
        var isInRow = SIMD8<UInt32>.zero
        for lane in 0..<count &- last { isInRow[lane] = .max }
        for channel in channels {
            var row = x + channel &* input.plane, line = target + channel &* plane
            for _ in 0..<rows {
                var place = 0
                while place < last {
                    store8(everySecond(row + 2 &* place), line + place)
                    place &+= 8
                }
                let bits = unsafeBitCast(everySecond(row + 2 &* last), to: SIMD8<UInt32>.self) & isInRow
                store8(unsafeBitCast(bits, to: SIMD8<Float>.self), line + last)
                row += window.stride.y &* input.pitch
                line += pitch
            }
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
