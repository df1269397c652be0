/// The square of points that a point of a pool is made of.
package struct Window: Sendable, Equatable {
    package let height: Int
    package let width: Int
    package let stride: Int

    package init(height: Int, width: Int, stride: Int) {
        self.height = height
        self.width = width
        self.stride = stride
    }

    /// Points are numbered channel, y, x.
    func forEachPoint(of point: Int, _ input: Shape, _ output: Shape, _ body: (Int) -> Void) {
        let (channel, place) = point.quotientAndRemainder(dividingBy: output.height * output.width)
        let (y, x) = place.quotientAndRemainder(dividingBy: output.width)
        for line in 0..<height {
            let first = (channel * input.height + y * stride + line) * input.width + x * stride
            for place in first..<first + width { body(place) }
        }
    }
}
