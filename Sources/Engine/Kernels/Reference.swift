/// Naive references of the weight kernels, in Double over plain [sample][channel][y][x] arrays: six loops, no panels,
/// no tiles. What the fast kernels are tested against, at every size around their tiles.
package struct Reference: Sendable {
    package let samples, channels, height, width, rows, groups: Int
    package let window: KernelWindow

    package init(
        samples: Int, channels: Int, height: Int = 1, width: Int = 1, rows: Int, window: KernelWindow = KernelWindow(),
        groups: Int = 1
    ) {
        self.groups = groups
        self.rows = rows
        self.samples = samples
        self.channels = channels
        self.height = height
        self.width = width
        self.window = window
    }

    package var outputHeight: Int { window.outputs(height: height, width: width).y }
    package var outputWidth: Int { window.outputs(height: height, width: width).x }

    /// Calls `body` with the flat positions of (weight, x, y) for every product of the layer.
    private func forEachProduct(_ body: (_ weight: Int, _ x: Int, _ y: Int) -> Void) {
        for sample in 0..<samples {
            for row in 0..<rows {
                for oy in 0..<outputHeight {
                    for ox in 0..<outputWidth {
                        let y = ((sample * rows + row) * outputHeight + oy) * outputWidth + ox
                        let perGroup = channels / groups
                        for member in 0..<perGroup {
                            let channel = row / (rows / groups) * perGroup + member
                            for ky in 0..<window.height {
                                for kx in 0..<window.width {
                                    let iy = oy * window.stride.y - window.pads.top + ky * window.dilation.y
                                    let ix = ox * window.stride.x - window.pads.left + kx * window.dilation.x
                                    guard iy >= 0, iy < height, ix >= 0, ix < width else { continue }
                                    body(
                                        ((row * perGroup + member) * window.height + ky) * window.width + kx,
                                        ((sample * channels + channel) * height + iy) * width + ix, y)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    package func forward(weights: [Float], bias: [Float], x: [Float]) -> [Double] {
        let positions = outputHeight * outputWidth
        var y = (0..<samples * rows * positions).map { Double(bias[$0 / positions % rows]) }
        forEachProduct { y[$2] += Double(weights[$0]) * Double(x[$1]) }
        return y
    }

    package func inputGradient(weights: [Float], dy: [Float]) -> [Double] {
        var dx = [Double](repeating: 0, count: samples * channels * height * width)
        forEachProduct { dx[$1] += Double(weights[$0]) * Double(dy[$2]) }
        return dx
    }

    package func weightGradient(x: [Float], dy: [Float]) -> [Double] {
        var dw = [Double](repeating: 0, count: rows * (channels / groups) * window.taps)
        forEachProduct { dw[$0] += Double(dy[$2]) * Double(x[$1]) }
        return dw
    }
}
