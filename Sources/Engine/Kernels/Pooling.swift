// Max pooling of one channel of one panel. The backward pass finds the maximum again (the first point of the window
// that equals it), which reads x once more and keeps no index.

/// Pointers are to point (0, 0) of the channel.
package func maxPoolForward(
    x: UnsafePointer<Float>, xLayout: ImageLayout, y: UnsafeMutablePointer<Float>, yLayout: ImageLayout, kernel: Int,
    stride: Int
) {
    let lanes = xLayout.lanes
    for oy in 0..<yLayout.height {
        for ox in 0..<yLayout.width {
            let start: Int = (oy &* stride &* xLayout.pitch &+ ox &* stride) &* lanes
            let place: Int = (oy &* yLayout.pitch &+ ox) &* lanes
            let window = x + start
            let out = y + place
            for lane in Swift.stride(from: 0, to: lanes, by: 16) {
                var best = load16(window + lane)
                for ky in 0..<kernel {
                    for kx in 0..<kernel {
                        let point: Int = (ky &* xLayout.pitch &+ kx) &* lanes &+ lane
                        let value = load16(window + point)
                        // Written so that NaN, which compares false, is passed on.
                        best.replace(with: value, where: .!(value .<= best))
                    }
                }
                store16(best, out + lane)
            }
        }
    }
}

/// dx gets dy at the first point of each window that equals y. Set to zero first where `clears`.
package func maxPoolBackward(
    x: UnsafePointer<Float>, xLayout: ImageLayout, y: UnsafePointer<Float>, yLayout: ImageLayout,
    dy: UnsafePointer<Float>, dyLayout: ImageLayout, dx: UnsafeMutablePointer<Float>, dxLayout: ImageLayout,
    kernel: Int, stride: Int, clears: Bool
) {
    let lanes = xLayout.lanes
    if clears {
        for line in 0..<dxLayout.height {
            (dx + line &* dxLayout.pitch &* lanes).update(repeating: 0, count: dxLayout.width * lanes)
        }
    }
    for oy in 0..<yLayout.height {
        for ox in 0..<yLayout.width {
            let start: Int = (oy &* stride &* xLayout.pitch &+ ox &* stride) &* lanes
            let targetStart: Int = (oy &* stride &* dxLayout.pitch &+ ox &* stride) &* lanes
            let outPoint: Int = (oy &* yLayout.pitch &+ ox) &* lanes
            let gradientPoint: Int = (oy &* dyLayout.pitch &+ ox) &* lanes
            let window = x + start
            let target = dx + targetStart
            for lane in Swift.stride(from: 0, to: lanes, by: 16) {
                let best = load16(y + outPoint + lane)
                var left = load16(dy + gradientPoint + lane)
                for ky in 0..<kernel {
                    for kx in 0..<kernel {
                        let point: Int = (ky &* xLayout.pitch &+ kx) &* lanes &+ lane
                        let place: Int = (ky &* dxLayout.pitch &+ kx) &* lanes &+ lane
                        let isBest = load16(window + point) .== best
                        let given = left.replacing(with: 0, where: .!isBest)
                        left.replace(with: 0, where: isBest)
                        store16(load16(target + place) + given, target + place)
                    }
                }
            }
        }
    }
}

/// y = mean of each window of one channel of one panel.
package func averagePoolForward(
    x: UnsafePointer<Float>, xLayout: ImageLayout, y: UnsafeMutablePointer<Float>, yLayout: ImageLayout,
    kernelHeight: Int, kernelWidth: Int, stride: Int
) {
    let lanes = xLayout.lanes
    let share = SIMD16<Float>(repeating: 1 / Float(kernelHeight * kernelWidth))
    for oy in 0..<yLayout.height {
        for ox in 0..<yLayout.width {
            let start: Int = (oy &* stride &* xLayout.pitch &+ ox &* stride) &* lanes
            let place: Int = (oy &* yLayout.pitch &+ ox) &* lanes
            for lane in Swift.stride(from: 0, to: lanes, by: 16) {
                var sum = SIMD16<Float>.zero
                for ky in 0..<kernelHeight {
                    for kx in 0..<kernelWidth {
                        let point: Int = (ky &* xLayout.pitch &+ kx) &* lanes &+ lane
                        sum = sum + load16(x + start + point)
                    }
                }
                store16(sum * share, y + place + lane)
            }
        }
    }
}

/// dx gets dy / window at every point of each window; set to zero first where `clears`.
package func averagePoolBackward(
    dy: UnsafePointer<Float>, dyLayout: ImageLayout, dx: UnsafeMutablePointer<Float>, dxLayout: ImageLayout,
    kernelHeight: Int, kernelWidth: Int, stride: Int, clears: Bool
) {
    let lanes = dxLayout.lanes
    let share = SIMD16<Float>(repeating: 1 / Float(kernelHeight * kernelWidth))
    if clears {
        for line in 0..<dxLayout.height {
            (dx + line &* dxLayout.pitch &* lanes).update(repeating: 0, count: dxLayout.width * lanes)
        }
    }
    for oy in 0..<dyLayout.height {
        for ox in 0..<dyLayout.width {
            let start: Int = (oy &* stride &* dxLayout.pitch &+ ox &* stride) &* lanes
            let place: Int = (oy &* dyLayout.pitch &+ ox) &* lanes
            for lane in Swift.stride(from: 0, to: lanes, by: 16) {
                let given = load16(dy + place + lane) * share
                for ky in 0..<kernelHeight {
                    for kx in 0..<kernelWidth {
                        let point: Int = (ky &* dxLayout.pitch &+ kx) &* lanes &+ lane
                        store16(load16(dx + start + point) + given, dx + start + point)
                    }
                }
            }
        }
    }
}
