import Kernels

/// A value of the graph in panels: activations and, where wanted, their gradient.
package final class PanelTensor {
    package let shape: Shape
    package let layout: ImageLayout
    package let gradientLayout: ImageLayout
    package let values: FloatBuffer
    /// Or where the values lie: after the way back these are gone.
    package let gradient: FloatBuffer?

    init(shape: Shape, layout: ImageLayout, gradientLayout: ImageLayout, values: FloatBuffer, gradient: FloatBuffer?) {
        self.shape = shape
        self.layout = layout
        self.gradientLayout = gradientLayout
        self.values = values
        self.gradient = gradient
    }
}
