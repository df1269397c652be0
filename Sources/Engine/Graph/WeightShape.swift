import Kernels

/// What a layer's weights connect.
package struct WeightShape: Sendable, Equatable {
    /// Output neurons or channels.
    package let rows: Int
    /// Input neurons or channels.
    package let channels: Int
    /// A linear layer's is one tap.
    package let window: KernelWindow
    package let groups: Int
    /// Whether the input numbers the rows, one of which is the output for each number: no sums are made, and there is no bias.
    package let isTable: Bool

    package init(
        rows: Int, channels: Int, window: KernelWindow = KernelWindow(), groups: Int = 1, isTable: Bool = false
    ) {
        self.isTable = isTable
        self.rows = rows
        self.channels = channels
        self.window = window
        self.groups = groups
    }

    package var kernelHeight: Int { window.height }
    package var kernelWidth: Int { window.width }
    /// Inputs a unit reads.
    package var columns: Int { channels / groups * window.taps }
    package var weights: Int { rows * columns }
    package var biases: Int { isTable ? 0 : rows }
}
