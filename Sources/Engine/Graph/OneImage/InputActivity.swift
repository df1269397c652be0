import Kernels

/// How often the inputs of a node with weights were other than zero, over some images: what is left of its multiply-adds where
/// zero activations are skipped.
package struct InputActivity: Sendable {
    private let shape: WeightShape
    private let input: Shape
    private let output: Shape
    /// By channel and tap: points of the output that found a value other than zero there, in all images. What a window reads
    /// around the image is zero.
    private var counts: [Int]
    private var images = 0

    /// Nil where the node makes no sums with weights.
    package init?(_ node: Graph.Node) {
        guard let shape = node.summedWeights else { return nil }
        self.shape = shape
        input = node.inputShapes[0]
        output = node.shape
        counts = [Int](repeating: 0, count: shape.channels * shape.window.taps)
    }

    /// - Parameter values: of one image, (channels, y, x) without gaps.
    /// - Complexity: O(channels · taps · points of the output).
    package mutating func add(_ values: [Float]) {
        precondition(values.count == input.features)
        images += 1
        let window = shape.window, plane = input.height * input.width
        var place = 0
        for channel in 0..<shape.channels {
            for line in 0..<window.height {
                for tap in 0..<window.width {
                    counts[place] += count(values, channel * plane, line, tap)
                    place += 1
                }
            }
        }
    }

    private func count(_ values: [Float], _ start: Int, _ line: Int, _ tap: Int) -> Int {
        let window = shape.window
        let rows = Self.inside(
            line * window.dilation.y - window.pads.top, window.stride.y, input.height, output.height)
        let first = tap * window.dilation.x - window.pads.left
        let columns = Self.inside(first, window.stride.x, input.width, output.width)
        var count = 0
        for row in rows {
            let y = row * window.stride.y - window.pads.top + line * window.dilation.y
            let from = start + y * input.width + first
            for column in columns where values[from + column * window.stride.x] != 0 { count &+= 1 }
        }
        return count
    }

    /// Points of the output whose tap lies within the input.
    private static func inside(_ first: Int, _ stride: Int, _ input: Int, _ output: Int) -> Range<Int> {
        let lower = first >= 0 ? 0 : (stride - 1 - first) / stride
        let upper = first < input ? min(output, (input - 1 - first) / stride + 1) : 0
        return lower..<max(lower, upper)
    }

    /// Multiply-adds of an image with the weights that are not zero, on average; nil before the first image.
    /// - Complexity: O(nnz).
    package func multiplyAdds(_ arrays: LayerArrays) -> Double? {
        guard images > 0 else { return nil }
        let columns = shape.columns, rowsOfGroup = shape.rows / shape.groups
        var sum = 0
        for (place, value) in arrays.values.enumerated() where value != 0 {
            let (row, column) = (arrays.indices?[place] ?? place).quotientAndRemainder(dividingBy: columns)
            sum += counts[row / rowsOfGroup * columns + column]
        }
        return Double(sum) / Double(images)
    }
}
