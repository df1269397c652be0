/// Naive references of the weight kernels, in Double over plain [sample][channel][y][x] arrays: six loops, no panels,
/// no tiles. What the fast kernels are tested against, at every size around their tiles.
package struct Reference: Sendable {
    package let samples, channels, height, width, rows, kernelHeight, kernelWidth, stride, padding, groups,
        dilation: Int

    package init(
        samples: Int, channels: Int, height: Int = 1, width: Int = 1, rows: Int, kernelHeight: Int = 1,
        kernelWidth: Int = 1, stride: Int = 1, padding: Int = 0, groups: Int = 1, dilation: Int = 1
    ) {
        self.dilation = dilation
        self.groups = groups
        self.samples = samples
        self.channels = channels
        self.height = height
        self.width = width
        self.rows = rows
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
        self.padding = padding
    }

    package var outputHeight: Int { (height + 2 * padding - (kernelHeight - 1) * dilation - 1) / stride + 1 }
    package var outputWidth: Int { (width + 2 * padding - (kernelWidth - 1) * dilation - 1) / stride + 1 }

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
                            for ky in 0..<kernelHeight {
                                for kx in 0..<kernelWidth {
                                    let iy = oy * stride - padding + ky * dilation
                                    let ix = ox * stride - padding + kx * dilation
                                    guard iy >= 0, iy < height, ix >= 0, ix < width else { continue }
                                    body(
                                        ((row * perGroup + member) * kernelHeight + ky) * kernelWidth + kx,
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
        var dw = [Double](repeating: 0, count: rows * (channels / groups) * kernelHeight * kernelWidth)
        forEachProduct { dw[$0] += Double(dy[$2]) * Double(x[$1]) }
        return dw
    }
}
