// Pooling of one channel of one panel. Max pooling keeps, for the way back, which point of its window each output came
// from: two bytes an output, where finding it again would read x and y once more.

/// Which point of its window each output came from, ky · kernel + kx of the first of the largest: sixteen lanes at the
/// place where the output has them.
package final class WinnerBuffer: @unchecked Sendable {
    // Unchecked: as with `FloatBuffer`, who writes where is the executor's plan.
    package let pointer: UnsafeMutablePointer<UInt16>
    /// Of one.
    package static let bytes = 2
    /// Of a window: one number is that of no winner.
    package static let mostPoints = 65_535

    package init(count: Int) {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * Self.bytes, alignment: 64)
        pointer = raw.bindMemory(to: UInt16.self, capacity: max(count, 1))
        pointer.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}

// In registers a winner is a float whose low bits are its number: comparisons and selections of floats are single
// instructions, those of integers go lane by lane. In memory lanes k and k + 8 share a word.

@inline(__always)
func winner(_ number: Int) -> SIMD16<Float> {
    SIMD16(repeating: Float(bitPattern: 0x3F80_0000 | UInt32(truncatingIfNeeded: number)))
}

@inline(__always)
func storeWinners(_ winner: SIMD16<Float>, _ place: UnsafeMutablePointer<UInt16>) {
    let low = unsafeBitCast(winner.lowHalf, to: SIMD8<UInt32>.self) & SIMD8(repeating: 0xFFFF)
    let high = unsafeBitCast(winner.highHalf, to: SIMD8<UInt32>.self) &<< SIMD8(repeating: 16)
    UnsafeMutableRawPointer(place).storeBytes(of: low | high, as: SIMD8<UInt32>.self)
}

@inline(__always)
func loadWinners(_ place: UnsafePointer<UInt16>) -> SIMD16<Float> {
    let words = UnsafeRawPointer(place).loadUnaligned(as: SIMD8<UInt32>.self)
    let ones = SIMD8<UInt32>(repeating: 0x3F80_0000)
    return SIMD16(
        lowHalf: unsafeBitCast((words & SIMD8(repeating: 0xFFFF)) | ones, to: SIMD8<Float>.self),
        highHalf: unsafeBitCast((words &>> SIMD8(repeating: 16)) | ones, to: SIMD8<Float>.self))
}

/// Pointers are to point (0, 0) of the channel.
/// - Parameter rectifies: y = max(0, window), and a window without a positive value has no winner.
/// - Precondition: each window has a point of the image.
package func maxPoolForward(
    x: UnsafePointer<Float>, xLayout: ImageLayout, y: UnsafeMutablePointer<Float>, yLayout: ImageLayout,
    winners: UnsafeMutablePointer<UInt16>?, window: KernelWindow, rectifies: Bool = false
) {
    guard window.isPlain(xLayout, yLayout) else {
        return windowMaxForward(
            x: x, xLayout: xLayout, y: y, yLayout: yLayout, winners: winners, window: window, rectifies: rectifies)
    }
    let kernel = window.height, stride = window.stride.y
    // The usual window is unrolled.
    switch (kernel, rectifies) {
    case (2, true): pool(x, xLayout, y, yLayout, winners, kernel: 2, stride: stride, rectifies: true)
    case (2, false): pool(x, xLayout, y, yLayout, winners, kernel: 2, stride: stride, rectifies: false)
    default: pool(x, xLayout, y, yLayout, winners, kernel: kernel, stride: stride, rectifies: rectifies)
    }
}

@inline(__always)
private func pool(
    _ x: UnsafePointer<Float>, _ xLayout: ImageLayout, _ y: UnsafeMutablePointer<Float>, _ yLayout: ImageLayout,
    _ winners: UnsafeMutablePointer<UInt16>?, kernel: Int, stride: Int, rectifies: Bool
) {
    let lanes = xLayout.lanes
    let none = winner(kernel &* kernel)
    for oy in 0..<yLayout.height {
        for ox in 0..<yLayout.width {
            let start: Int = (oy &* stride &* xLayout.pitch &+ ox &* stride) &* lanes
            let place: Int = (oy &* yLayout.pitch &+ ox) &* lanes
            var lane = 0
            while lane < lanes {
                let window = x + (start &+ lane)
                var best = load16(window)
                var first = winner(0)
                for ky in 0..<kernel {
                    for kx in 0..<kernel where ky &+ kx > 0 {
                        let value = load16(window + (ky &* xLayout.pitch &+ kx) &* lanes)
                        // What is no number wins and stays.
                        let wins = (value .> best) .| (value .!= value)
                        best.replace(with: value, where: wins)
                        first.replace(with: winner(ky &* kernel &+ kx), where: wins)
                    }
                }
                if rectifies {
                    first.replace(with: none, where: best .<= 0)
                    best.replace(with: 0, where: best .< 0)
                }
                store16(best, y + (place &+ lane))
                if let winners {
                    storeWinners(first, winners + (place &+ lane))
                }
                lane &+= 16
            }
        }
    }
}

/// dx gets dy at the winner of each window, 0 elsewhere; added to dx where `adds`.
package func maxPoolBackward(
    winners: UnsafePointer<UInt16>, yLayout: ImageLayout, dy: UnsafePointer<Float>, dyLayout: ImageLayout,
    dx: UnsafeMutablePointer<Float>, dxLayout: ImageLayout, window: KernelWindow, adds: Bool
) {
    guard window.isPlain(dxLayout, yLayout) else {
        if !adds { clear(dx, dxLayout) }
        return windowMaxBackward(
            winners: winners, yLayout: yLayout, dy: dy, dyLayout: dyLayout, dx: dx, dxLayout: dxLayout, window: window)
    }
    let kernel = window.height, stride = window.stride.y
    // Where windows neither overlap nor leave points out, each point is written once.
    let covers =
        kernel == stride && dxLayout.height == yLayout.height * stride
        && dxLayout.width == yLayout.width * stride
    if !adds, !covers { clear(dx, dxLayout) }
    let stores = !adds && covers
    if kernel == 2 {
        spread(winners, yLayout, dy, dyLayout, dx, dxLayout, kernel: 2, stride: stride, stores: stores)
    } else {
        spread(winners, yLayout, dy, dyLayout, dx, dxLayout, kernel: kernel, stride: stride, stores: stores)
    }
}

@inline(__always)
private func spread(
    _ winners: UnsafePointer<UInt16>, _ yLayout: ImageLayout, _ dy: UnsafePointer<Float>, _ dyLayout: ImageLayout,
    _ dx: UnsafeMutablePointer<Float>, _ dxLayout: ImageLayout, kernel: Int, stride: Int, stores: Bool
) {
    let lanes = dxLayout.lanes
    for oy in 0..<yLayout.height {
        for ox in 0..<yLayout.width {
            let start: Int = (oy &* stride &* dxLayout.pitch &+ ox &* stride) &* lanes
            let outPoint: Int = (oy &* yLayout.pitch &+ ox) &* lanes
            let gradientPoint: Int = (oy &* dyLayout.pitch &+ ox) &* lanes
            var lane = 0
            while lane < lanes {
                let target = dx + (start &+ lane)
                let first = loadWinners(winners + (outPoint &+ lane))
                let slope = load16(dy + (gradientPoint &+ lane))
                for ky in 0..<kernel {
                    for kx in 0..<kernel {
                        let place = target + (ky &* dxLayout.pitch &+ kx) &* lanes
                        let isWinner = first .== winner(ky &* kernel &+ kx)
                        let given = SIMD16<Float>.zero.replacing(with: slope, where: isWinner)
                        store16(stores ? given : load16(place) + given, place)
                    }
                }
                lane &+= 16
            }
        }
    }
}

func clear(_ dx: UnsafeMutablePointer<Float>, _ layout: ImageLayout) {
    for line in 0..<layout.height {
        (dx + line &* layout.pitch &* layout.lanes).update(repeating: 0, count: layout.width * layout.lanes)
    }
}

/// y = mean of each window of one channel of one panel.
/// - Parameter countsPads: whether points of the border count as zeros, else they are none.
/// - Precondition: each window has a point of the image.
package func averagePoolForward(
    x: UnsafePointer<Float>, xLayout: ImageLayout, y: UnsafeMutablePointer<Float>, yLayout: ImageLayout,
    window: KernelWindow, countsPads: Bool = false
) {
    guard window.isPlain(xLayout, yLayout) || window.isWhole(xLayout, yLayout) else {
        return windowAverageForward(
            x: x, xLayout: xLayout, y: y, yLayout: yLayout, window: window, countsPads: countsPads)
    }
    let lanes = xLayout.lanes, stride = window.stride.y
    let kernelHeight = window.height, kernelWidth = window.width
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
    window: KernelWindow, countsPads: Bool = false, clears: Bool
) {
    if clears { clear(dx, dxLayout) }
    guard window.isPlain(dxLayout, dyLayout) || window.isWhole(dxLayout, dyLayout) else {
        return windowAverageBackward(
            dy: dy, dyLayout: dyLayout, dx: dx, dxLayout: dxLayout, window: window, countsPads: countsPads)
    }
    let lanes = dxLayout.lanes, stride = window.stride.y
    let kernelHeight = window.height, kernelWidth = window.width
    let share = SIMD16<Float>(repeating: 1 / Float(kernelHeight * kernelWidth))
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

extension KernelWindow {
    fileprivate func isPlain(_ image: ImageLayout, _ output: ImageLayout) -> Bool {
        isPlain(
            height: image.height, width: image.width, outputHeight: output.height, outputWidth: output.width)
    }
    /// One window, all points of the image.
    fileprivate func isWhole(_ image: ImageLayout, _ output: ImageLayout) -> Bool {
        height == image.height && width == image.width && output.isFlat && pads == Pads(0) && dilation == Axes(1)
    }
}
