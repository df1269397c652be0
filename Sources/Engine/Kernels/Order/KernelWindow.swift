/// What a kernel or a pool reads of an image for a point of its output: taps, how far apart they lie, how far the points of
/// the output do, and the border on each side.
///
///     height 2, width 3, dilation (1, 2), stride (1, 3), a border of 1 on the left:
///
///         0 a b c d e f         first point of the output: 0 b d, 0 h j    (g h i … is the next row)
///         0 g h i j k l         second: c e, i k and what is behind them
package struct KernelWindow: Sendable, Hashable, Codable {
    /// Along the two axes of an image.
    package struct Axes: Sendable, Hashable, Codable {
        package var y: Int
        package var x: Int

        package init(y: Int, x: Int) {
            self.y = y
            self.x = x
        }
        package init(_ both: Int) { self.init(y: both, x: both) }
    }

    /// Points around the image.
    package struct Pads: Sendable, Hashable, Codable {
        package var top: Int
        package var left: Int
        package var bottom: Int
        package var right: Int

        package init(top: Int, left: Int, bottom: Int, right: Int) {
            self.top = top
            self.left = left
            self.bottom = bottom
            self.right = right
        }
        package init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }

        package var widest: Int { max(top, left, bottom, right) }
    }

    /// In taps.
    package var height: Int
    package var width: Int
    /// Points of the image from one point of the output to the next.
    package var stride: Axes
    /// Points from one tap to the next.
    package var dilation: Axes
    package var pads: Pads

    package init(
        height: Int = 1, width: Int = 1, stride: Axes = Axes(1), dilation: Axes = Axes(1), pads: Pads = Pads(0)
    ) {
        self.height = height
        self.width = width
        self.stride = stride
        self.dilation = dilation
        self.pads = pads
    }

    /// A square one.
    package init(kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
        self.init(
            height: kernel, width: kernel, stride: Axes(stride), dilation: Axes(dilation), pads: Pads(padding))
    }

    package var taps: Int { height * width }
    /// Points from the first tap to the last, both counted.
    package var extent: Axes { Axes(y: (height - 1) * dilation.y + 1, x: (width - 1) * dilation.x + 1) }

    /// Points of the output of an image, along each axis; below one where the kernel is larger than what it reads.
    package func outputs(height: Int, width: Int) -> Axes {
        func count(_ points: Int, _ extent: Int, _ stride: Int) -> Int {
            points < extent ? 0 : (points - extent) / stride + 1
        }
        return Axes(
            y: count(height + pads.top + pads.bottom, extent.y, stride.y),
            x: count(width + pads.left + pads.right, extent.x, stride.x))
    }

    /// How far the input gradient reads outside dy.
    package func gradientBorder(height: Int, width: Int, outputHeight: Int, outputWidth: Int) -> Int {
        func reach(_ points: Int, _ outputs: Int, _ extent: Int, _ stride: Int, _ before: Int) -> Int {
            let below = (extent - 1) / stride
            let above = (points - 1 + before) / stride - (outputs - 1)
            return max(below, above, 0)
        }
        return max(
            reach(height, outputHeight, extent.y, stride.y, pads.top),
            reach(width, outputWidth, extent.x, stride.x, pads.left))
    }
}
