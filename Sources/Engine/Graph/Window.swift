import Kernels

/// The points of a channel that a point of a pool is made of. What the window reads around the image is none.
package struct Window: Sendable, Equatable {
    package let window: KernelWindow

    package init(_ window: KernelWindow) { self.window = window }
    package init(height: Int, width: Int, stride: Int) {
        self.init(KernelWindow(height: height, width: width, stride: KernelWindow.Axes(stride)))
    }

    /// Points are numbered channel, y, x.
    func forEachPoint(of point: Int, _ input: Shape, _ output: Shape, _ body: (Int) -> Void) {
        let (channel, place) = point.quotientAndRemainder(dividingBy: output.height * output.width)
        let (oy, ox) = place.quotientAndRemainder(dividingBy: output.width)
        for line in 0..<window.height {
            let y = oy * window.stride.y - window.pads.top + line * window.dilation.y
            guard (0..<input.height).contains(y) else { continue }
            for tap in 0..<window.width {
                let x = ox * window.stride.x - window.pads.left + tap * window.dilation.x
                if (0..<input.width).contains(x) { body((channel * input.height + y) * input.width + x) }
            }
        }
    }
}
