// Pooling of one image. The order of comparisons and sums is that of the panels' kernels, so that the bits are the same.

/// The largest of each window; what is no number wins and stays.
/// - Parameter x, y: point (0, 0) of channel 0.
/// - Precondition: each window has a point of the image.
package func planeMaxPool(
    _ x: UnsafePointer<Float>, _ input: PlaneLayout, to y: UnsafeMutablePointer<Float>, _ output: PlaneLayout,
    window: KernelWindow
) {
    guard window.isPlain(input, output) else { return planeWindowMax(x, input, to: y, output, window: window) }
    let kernel = window.height, stride = window.stride.y
    let inEights = kernel == 2 && stride == 2 && !output.isCompact
    for channel in 0..<output.channels {
        for oy in 0..<output.height {
            let from = x + (channel &* input.plane &+ oy &* stride &* input.pitch)
            let to = y + (channel &* output.plane &+ oy &* output.pitch)
            var ox = 0
            if inEights {
                // Up to seven too many: the next row writes over them, and behind the last is room.
                while ox < output.width {
                    store8(largestOfFour(from + 2 &* ox, input.pitch), to + ox)
                    ox &+= 8
                }
                continue
            }
            while ox < output.width {
                let window = from + ox &* stride
                var best = window[0]
                for ky in 0..<kernel {
                    for kx in 0..<kernel where ky &+ kx > 0 {
                        let value = window[ky &* input.pitch &+ kx]
                        if value > best || value != value { best = value }
                    }
                }
                to[ox] = best
                ox &+= 1
            }
        }
    }
    if inEights { output.clearBorders(y, channels: 0..<output.channels) }
}

/// Of eight windows of 2 × 2 side by side, each in the order of its points.
@inline(__always)
private func largestOfFour(_ window: UnsafePointer<Float>, _ pitch: Int) -> SIMD8<Float> {
    // In even lanes; what is in odd ones does not count.
    var best = load16(window)
    takeLarger(&best, secondOfPairs(best))
    let lower = load16(window + pitch)
    takeLarger(&best, lower)
    takeLarger(&best, secondOfPairs(lower))
    return firstOfPairs(best)
}

@inline(__always)
private func secondOfPairs(_ pairs: SIMD16<Float>) -> SIMD16<Float> {
    unsafeBitCast(unsafeBitCast(pairs, to: SIMD8<UInt64>.self) &>> SIMD8(repeating: 32), to: SIMD16<Float>.self)
}

@inline(__always)
private func takeLarger(_ best: inout SIMD16<Float>, _ value: SIMD16<Float>) {
    best.replace(with: value, where: (value .> best) .| (value .!= value))
}

/// By any window.
private func planeWindowMax(
    _ x: UnsafePointer<Float>, _ input: PlaneLayout, to y: UnsafeMutablePointer<Float>, _ output: PlaneLayout,
    window: KernelWindow
) {
    forEachWindow(window, input, output) { from, place, rows, columns in
        for channel in 0..<output.channels {
            let from = x + (from &+ channel &* input.plane)
            var best = -Float.infinity
            for ky in rows {
                for kx in columns {
                    let value = from[ky &* window.dilation.y &* input.pitch &+ kx &* window.dilation.x]
                    if value > best || value != value { best = value }
                }
            }
            y[place &+ channel &* output.plane] = best
        }
    }
}

private func planeWindowAverage(
    _ x: UnsafePointer<Float>, _ input: PlaneLayout, to y: UnsafeMutablePointer<Float>, _ output: PlaneLayout,
    window: KernelWindow, countsPads: Bool
) {
    let shares = WindowShares(window, height: input.height, width: input.width, countsPads: countsPads)
    forEachWindow(window, input, output) { from, place, rows, columns in
        let share = shares[place / output.pitch, place % output.pitch]
        for channel in 0..<output.channels {
            let from = x + (from &+ channel &* input.plane)
            var sum: Float = 0
            for ky in rows {
                for kx in columns {
                    sum += from[ky &* window.dilation.y &* input.pitch &+ kx &* window.dilation.x]
                }
            }
            y[place &+ channel &* output.plane] = sum * share
        }
    }
}

/// Calls `body` with each output's place in its plane, where the window's first tap is in that of x, and the taps that read the
/// image.
@inline(__always)
private func forEachWindow(
    _ window: KernelWindow, _ input: PlaneLayout, _ output: PlaneLayout,
    _ body: (_ from: Int, _ place: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
) {
    let vertical = window.vertical(input.height), horizontal = window.horizontal(input.width)
    for oy in 0..<output.height {
        let rows = vertical.inside(oy)
        for ox in 0..<output.width {
            body(
                vertical.first(oy) &* input.pitch &+ horizontal.first(ox), oy &* output.pitch &+ ox, rows,
                horizontal.inside(ox))
        }
    }
}

extension KernelWindow {
    fileprivate func isPlain(_ image: PlaneLayout, _ output: PlaneLayout) -> Bool {
        isPlain(
            height: image.height, width: image.width, outputHeight: output.height, outputWidth: output.width)
    }
    /// One window, all points of the image.
    fileprivate func isWhole(_ image: PlaneLayout, _ output: PlaneLayout) -> Bool {
        height == image.height && width == image.width && output.height * output.width == 1 && pads == Pads(0)
            && dilation == Axes(1)
    }
}

/// The mean of each window. Eight channels side by side hide the latency of their chains.
/// - Parameters:
///   - x, y: point (0, 0) of channel 0.
///   - countsPads: whether points of the border count as zeros, else they are none.
/// - Precondition: each window has a point of the image.
package func planeAveragePool(
    _ x: UnsafePointer<Float>, _ input: PlaneLayout, to y: UnsafeMutablePointer<Float>, _ output: PlaneLayout,
    window: KernelWindow, countsPads: Bool = false
) {
    guard window.isPlain(input, output) || window.isWhole(input, output) else {
        return planeWindowAverage(x, input, to: y, output, window: window, countsPads: countsPads)
    }
    let kernelHeight = window.height, kernelWidth = window.width, stride = window.stride.y
    let share = 1 / Float(kernelHeight * kernelWidth)
    var channel = 0
    while channel < output.channels {
        let held = min(8, output.channels &- channel)
        for oy in 0..<output.height {
            for ox in 0..<output.width {
                let window = x + (channel &* input.plane &+ oy &* stride &* input.pitch &+ ox &* stride)
                let place = y + (channel &* output.plane &+ oy &* output.pitch &+ ox)
                if held == 8 {
                    mean8(window, input, kernelHeight, kernelWidth, share, place, output.plane)
                } else {
                    for number in 0..<held {
                        var sum: Float = 0
                        for ky in 0..<kernelHeight {
                            for kx in 0..<kernelWidth {
                                sum += window[number &* input.plane &+ ky &* input.pitch &+ kx]
                            }
                        }
                        place[number &* output.plane] = sum * share
                    }
                }
            }
        }
        channel &+= held
    }
}

@inline(__always)
private func mean8(
    _ window: UnsafePointer<Float>, _ input: PlaneLayout, _ height: Int, _ width: Int, _ share: Float,
    _ place: UnsafeMutablePointer<Float>, _ step: Int
) {
    var s0: Float = 0, s1: Float = 0, s2: Float = 0, s3: Float = 0
    var s4: Float = 0, s5: Float = 0, s6: Float = 0, s7: Float = 0
    let plane = input.plane
    for ky in 0..<height {
        var point = window + ky &* input.pitch
        for _ in 0..<width {
            s0 += point[0]
            s1 += point[plane]
            s2 += point[2 &* plane]
            s3 += point[3 &* plane]
            s4 += point[4 &* plane]
            s5 += point[5 &* plane]
            s6 += point[6 &* plane]
            s7 += point[7 &* plane]
            point += 1
        }
    }
    place[0] = s0 * share
    place[step] = s1 * share
    place[2 &* step] = s2 * share
    place[3 &* step] = s3 * share
    place[4 &* step] = s4 * share
    place[5 &* step] = s5 * share
    place[6 &* step] = s6 * share
    place[7 &* step] = s7 * share
}
