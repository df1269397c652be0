// Operators that go over all values of one image by themselves: where no convolution before them does it at its stores.

/// y = max(x, 0), of whole chunks.
package func planeReLU(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    reluForward(x, y, count: (count + 15) / 16 * 16)
}

/// y = a + b, of whole chunks.
package func planeSum(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int
) {
    sum(a, b, to: y, count: (count + 15) / 16 * 16)
}

/// y = slope · x + shift for each channel; borders stay zero.
/// - Parameter x, y: point (0, 0) of channel 0.
package func planeAffine(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ layout: PlaneLayout, tail: PlaneTail
) {
    for channel in 0..<layout.channels {
        let from = x + channel &* layout.plane, to = y + channel &* layout.plane
        if layout.isCompact {
            to[0] = tail.value(from[0], channel)
            continue
        }
        let row = tail.row(channel)
        var place = 0
        while place < layout.run {
            store16(row.limited(row.scaled(load16(from + place))), to + place)
            place &+= 16
        }
    }
    layout.clearBorders(y, channels: 0..<layout.channels)
}

/// Values of planes as features after one another, channel, y, x.
package func planeFlatten(
    _ x: UnsafePointer<Float>, _ input: PlaneLayout, to y: UnsafeMutablePointer<Float>, step: Int
) {
    var feature = y
    for channel in 0..<input.channels {
        for row in 0..<input.height {
            let from = x + (channel &* input.plane &+ row &* input.pitch)
            for place in 0..<input.width {
                feature[place &* step] = from[place]
            }
            feature += input.width &* step
        }
    }
}

/// An image, (channels, y, x) without gaps, to planes.
/// - Parameter target: point (0, 0) of channel 0.
package func planeTake(
    _ image: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ layout: PlaneLayout
) {
    var place = image
    for channel in 0..<layout.channels {
        for y in 0..<layout.height {
            copyRow(place, to: target + (channel &* layout.plane &+ y &* layout.pitch), count: layout.width)
            place += layout.width
        }
    }
}

/// Planes to an image without gaps.
package func planeGive(
    _ source: UnsafePointer<Float>, to image: UnsafeMutablePointer<Float>, _ layout: PlaneLayout
) {
    var place = image
    for channel in 0..<layout.channels {
        for y in 0..<layout.height {
            copyRow(source + (channel &* layout.plane &+ y &* layout.pitch), to: place, count: layout.width)
            place += layout.width
        }
    }
}

// Rows are short, and a call to copy memory takes as long as eight of these.
@inline(__always)
private func copyRow(_ row: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    guard count >= 8 else {
        for place in 0..<count { target[place] = row[place] }
        return
    }
    var place = 0
    while place &+ 8 <= count {
        store8(load8(row + place), target + place)
        place &+= 8
    }
    // The last eight again, some of them for the second time.
    store8(load8(row + (count &- 8)), target + (count &- 8))
}

/// y = f(x) of each point; borders stay zero.
/// - Parameter x, y: point (0, 0) of channel 0.
package func planeValues(
    _ function: ValueFunction, _ x: UnsafePointer<Float>, _ input: PlaneLayout, to y: UnsafeMutablePointer<Float>,
    _ output: PlaneLayout
) {
    if input.isCompact, output.isCompact {
        function.forward(x, to: y, count: input.channels)
        return
    }
    for channel in 0..<input.channels {
        for row in 0..<input.height {
            function.forward(
                x + (channel &* input.plane &+ row &* input.pitch),
                to: y + (channel &* output.plane &+ row &* output.pitch),
                count: input.width)
        }
    }
}
