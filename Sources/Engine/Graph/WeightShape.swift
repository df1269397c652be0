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

    package init(rows: Int, channels: Int, window: KernelWindow = KernelWindow(), groups: Int = 1) {
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
}
