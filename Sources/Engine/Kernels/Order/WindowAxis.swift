/// One axis of a window that is moved over an image: which of its taps read points, and which the border.
package struct WindowAxis: Sendable, Equatable {
    package let taps: Int
    package let stride: Int
    package let dilation: Int
    package let before: Int
    package let after: Int
    /// Of the image.
    package let points: Int

    /// The point that the first tap reads for an output; of the border it is below zero.
    @inline(__always)
    package func first(_ output: Int) -> Int { output &* stride &- before }

    /// The taps that read points of the image for an output.
    package func inside(_ output: Int) -> Range<Int> {
        let first = first(output)
        let from = first >= 0 ? 0 : (dilation &- 1 &- first) / dilation
        return min(from, taps)..<max(min(from, taps), taps(below: points, from: first))
    }

    /// How many taps read the image or its border: those of a last window may read beyond.
    package func counted(_ output: Int) -> Int { taps(below: points &+ after, from: first(output)) }

    private func taps(below end: Int, from first: Int) -> Int {
        first >= end ? 0 : min(taps, (end &- first &+ dilation &- 1) / dilation)
    }

    /// Outputs: the last window ends inside the border, or where `ceil` it begins before its end.
    package func outputs(ceil: Bool) -> Int {
        let extent = (taps - 1) * dilation + 1, all = points + before + after
        guard all >= extent else { return 0 }
        guard ceil else { return (all - extent) / stride + 1 }
        let outputs = (all - extent + stride - 1) / stride + 1
        return (outputs - 1) * stride >= points + before ? outputs - 1 : outputs
    }
}

extension KernelWindow {
    package func vertical(_ height: Int) -> WindowAxis {
        WindowAxis(
            taps: self.height, stride: stride.y, dilation: dilation.y, before: pads.top, after: pads.bottom,
            points: height)
    }
    package func horizontal(_ width: Int) -> WindowAxis {
        WindowAxis(
            taps: self.width, stride: stride.x, dilation: dilation.x, before: pads.left, after: pads.right,
            points: width)
    }

    /// Whether it is a square of neighbouring points that is moved as far along both axes and reads an image's points alone.
    func isPlain(height: Int, width: Int, outputHeight: Int, outputWidth: Int) -> Bool {
        self.height == self.width && stride.y == stride.x && dilation == Axes(1) && pads.top == 0 && pads.left == 0
            && (outputHeight - 1) * stride.y + self.height <= height
            && (outputWidth - 1) * stride.x + self.width <= width
    }
}
