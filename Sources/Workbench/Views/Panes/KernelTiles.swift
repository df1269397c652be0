import Terminal
import Training

/// The kernels of a convolution as tiles: outputs down, inputs across, a gap between.
struct KernelTiles: Equatable, Sendable {
    /// Of a kernel, in weights.
    let height: Int
    let width: Int
    /// A weight is so many rows high, and twice as many columns wide.
    let scale: Int

    var area: Int { height * width }
    private var rows: Int { height * scale + 1 }
    private var columns: Int { width * 2 * scale + 1 }

    /// As large as all fits, or as a weight can be drawn; and a factor more for each level of zoom, while one fits.
    init?(_ layer: LayerStatus, _ cells: Rect, zoom: Int) {
        let (height, width) = (layer.kernelHeight, layer.kernelWidth)
        guard layer.isConvolution, height * width > 1, height <= cells.height, 2 * width <= cells.width else {
            return nil
        }
        let channels = max(1, layer.columns / (height * width))
        let most = max(1, min(cells.height / height, cells.width / (2 * width)))
        var scale = 1
        while scale < most, layer.rows * (height * (scale + 1) + 1) - 1 <= cells.height,
            channels * (width * 2 * (scale + 1) + 1) - 1 <= cells.width
        { scale += 1 }
        (self.height, self.width) = (height, width)
        self.scale = min(most, scale + zoom)
    }

    /// Kernels that fit into so many cells.
    func fitting(_ cells: Rect) -> (down: Int, across: Int) {
        (max(1, (cells.height + 1) / rows), max(1, (cells.width + 1) / columns))
    }

    /// The cells of a weight, by its row (output) and column (input and place in the kernel) of what is in view.
    func cells(_ row: Int, _ column: Int, _ rect: Rect) -> Rect {
        let (channel, place) = (column / area, column % area)
        return Rect(
            x: rect.x + channel * columns + place % width * 2 * scale, y: rect.y + row * rows + place / width * scale,
            width: 2 * scale, height: scale)
    }

    /// The weight beside one: within its kernel, then in the next.
    func moved(_ at: (row: Int, column: Int), _ down: Int, _ right: Int) -> (row: Int, column: Int) {
        var channel = at.column / area, row = at.row
        var (ky, kx) = (at.column % area / width + down, at.column % area % width + right)
        if kx < 0 { (channel, kx) = channel > 0 ? (channel - 1, width - 1) : (0, 0) }
        if kx >= width { (channel, kx) = (channel + 1, 0) }
        if ky < 0 { (row, ky) = row > 0 ? (row - 1, height - 1) : (0, 0) }
        if ky >= height { (row, ky) = (row + 1, 0) }
        return (row, channel * area + ky * width + kx)
    }

    /// The weight under a cell; nil in a gap.
    func weight(_ x: Int, _ y: Int) -> (row: Int, column: Int)? {
        let (kx, ky) = (x % columns / (2 * scale), y % rows / scale)
        guard kx < width, ky < height else { return nil }
        return (y / rows, x / columns * area + ky * width + kx)
    }
}

extension MapQuery.Quantity {
    /// What becomes, or became, of weights: glyphs, because a fate is no quantity.
    var isFate: Bool { self == .draft || self == .change }
}
