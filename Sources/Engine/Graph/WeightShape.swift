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
