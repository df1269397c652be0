/// The shape of one sample's tensor: an image, or features as an image of 1×1.
package struct Shape: Sendable, Equatable, CustomStringConvertible {
    package let channels: Int
    package let height: Int
    package let width: Int

    package init(channels: Int, height: Int = 1, width: Int = 1) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    package var features: Int { channels * height * width }
    package var isFlat: Bool { height == 1 && width == 1 }
    package var description: String { isFlat ? "\(channels)" : "\(channels)×\(height)×\(width)" }
}

/// What a layer's weights connect.
package struct WeightShape: Sendable, Equatable {
    /// Output neurons or channels.
    package let rows: Int
    /// Input neurons or channels.
    package let channels: Int
    package let kernelHeight: Int
    package let kernelWidth: Int
    package let stride: Int
    package let padding: Int
    package let groups: Int
    package let dilation: Int

    package init(
        rows: Int, channels: Int, kernelHeight: Int = 1, kernelWidth: Int = 1, stride: Int = 1, padding: Int = 0,
        groups: Int = 1, dilation: Int = 1
    ) {
        self.dilation = dilation
        self.groups = groups
        self.rows = rows
        self.channels = channels
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
        self.padding = padding
    }

    /// Inputs a unit reads.
    package var columns: Int { channels / groups * kernelHeight * kernelWidth }
    package var weights: Int { rows * columns }
}
