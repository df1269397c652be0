// Pooling by windows of any kind, of one channel of one panel: a loop over the taps that read the image, lanes side by side.
// Squares of neighbouring points that read no border have kernels of their own (`Pooling.swift`), with the same results.

/// As `maxPoolForward`, by any window.
func windowMaxForward(
    x: UnsafePointer<Float>, xLayout: ImageLayout, y: UnsafeMutablePointer<Float>, yLayout: ImageLayout,
    winners: UnsafeMutablePointer<UInt16>?, window: KernelWindow, rectifies: Bool
) {
    let none = winner(window.taps)
    forEachWindow(window, xLayout, yLayout) { place, start, rows, columns in
        var best = SIMD16<Float>(repeating: -.infinity)
        var first = winner(rows.lowerBound &* window.width &+ columns.lowerBound)
        for ky in rows {
            for kx in columns {
                let value = load16(x + (start &+ window.floats(ky, kx, xLayout)))
                // What is no number wins and stays.
                let wins = (value .> best) .| (value .!= value)
                best.replace(with: value, where: wins)
                first.replace(with: winner(ky &* window.width &+ kx), where: wins)
            }
        }
        if rectifies {
            first.replace(with: none, where: best .<= 0)
            best.replace(with: 0, where: best .< 0)
        }
        store16(best, y + place)
        if let winners { storeWinners(first, winners + place) }
    }
}

/// As `maxPoolBackward`, added to dx.
func windowMaxBackward(
    winners: UnsafePointer<UInt16>, yLayout: ImageLayout, dy: UnsafePointer<Float>, dyLayout: ImageLayout,
    dx: UnsafeMutablePointer<Float>, dxLayout: ImageLayout, window: KernelWindow
) {
    forEachWindow(window, dxLayout, yLayout, dyLayout) { place, gradientPlace, start, rows, columns in
        let first = loadWinners(winners + place)
        let slope = load16(dy + gradientPlace)
        for ky in rows {
            for kx in columns {
                let point = dx + (start &+ window.floats(ky, kx, dxLayout))
                let isWinner = first .== winner(ky &* window.width &+ kx)
                store16(load16(point) + SIMD16<Float>.zero.replacing(with: slope, where: isWinner), point)
            }
        }
    }
}

/// As `averagePoolForward`, by any window.
/// - Parameter countsPads: whether points of the border count as zeros, else they are none.
func windowAverageForward(
    x: UnsafePointer<Float>, xLayout: ImageLayout, y: UnsafeMutablePointer<Float>, yLayout: ImageLayout,
    window: KernelWindow, countsPads: Bool
) {
    let shares = WindowShares(window, height: xLayout.height, width: xLayout.width, countsPads: countsPads)
    forEachWindow(window, xLayout, yLayout) { place, start, rows, columns in
        var sum = SIMD16<Float>.zero
        for ky in rows {
            for kx in columns { sum = sum + load16(x + (start &+ window.floats(ky, kx, xLayout))) }
        }
        let point = place / yLayout.lanes
        store16(sum * SIMD16(repeating: shares[point / yLayout.pitch, point % yLayout.pitch]), y + place)
    }
}

/// As `averagePoolBackward`, added to dx.
func windowAverageBackward(
    dy: UnsafePointer<Float>, dyLayout: ImageLayout, dx: UnsafeMutablePointer<Float>, dxLayout: ImageLayout,
    window: KernelWindow, countsPads: Bool
) {
    let shares = WindowShares(window, height: dxLayout.height, width: dxLayout.width, countsPads: countsPads)
    forEachWindow(window, dxLayout, dyLayout) { place, start, rows, columns in
        let at = place / dyLayout.lanes
        let given = load16(dy + place) * SIMD16(repeating: shares[at / dyLayout.pitch, at % dyLayout.pitch])
        for ky in rows {
            for kx in columns {
                let point = dx + (start &+ window.floats(ky, kx, dxLayout))
                store16(load16(point) + given, point)
            }
        }
    }
}

/// What the sum of a window is multiplied with.
struct WindowShares {
    private let vertical: WindowAxis
    private let horizontal: WindowAxis
    private let countsPads: Bool

    init(_ window: KernelWindow, height: Int, width: Int, countsPads: Bool) {
        vertical = window.vertical(height)
        horizontal = window.horizontal(width)
        self.countsPads = countsPads
    }

    @inline(__always)
    subscript(y: Int, x: Int) -> Float {
        countsPads
            ? 1 / Float(vertical.counted(y) * horizontal.counted(x))
            : 1 / Float(vertical.inside(y).count * horizontal.inside(x).count)
    }
}

extension KernelWindow {
    /// From the first tap to another.
    @inline(__always)
    fileprivate func floats(_ ky: Int, _ kx: Int, _ layout: ImageLayout) -> Int {
        (ky &* dilation.y &* layout.pitch &+ kx &* dilation.x) &* layout.lanes
    }
}

/// Calls `body` with each output's sixteen lanes: where they are, where the window's first tap is (in the border, if need
/// be), and the taps that read the image.
@inline(__always)
private func forEachWindow(
    _ window: KernelWindow, _ image: ImageLayout, _ output: ImageLayout,
    _ body: (_ place: Int, _ start: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
) {
    forEachWindow(window, image, output, output) { body($0, $2, $3, $4) }
}

/// The same with the place in another layout of the output.
@inline(__always)
private func forEachWindow(
    _ window: KernelWindow, _ image: ImageLayout, _ output: ImageLayout, _ other: ImageLayout,
    _ body: (_ place: Int, _ other: Int, _ start: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
) {
    let vertical = window.vertical(image.height), horizontal = window.horizontal(image.width)
    let lanes = image.lanes
    for oy in 0..<output.height {
        let rows = vertical.inside(oy), top = vertical.first(oy) &* image.pitch
        for ox in 0..<output.width {
            let columns = horizontal.inside(ox)
            let start = (top &+ horizontal.first(ox)) &* lanes
            let place = (oy &* output.pitch &+ ox) &* lanes, otherPlace = (oy &* other.pitch &+ ox) &* lanes
            for lane in stride(from: 0, to: lanes, by: 16) {
                body(place &+ lane, otherPlace &+ lane, start &+ lane, rows, columns)
            }
        }
    }
}
