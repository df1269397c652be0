import Graph
import Kernels

/// What the samples of a batch should give: their classes, or their values.
package struct TargetBatch {
    package var count: Int
    /// One a sample; empty where the data has no classes.
    package var labels: [Int32]
    /// `[panel][feature][lane]` without borders, features in row-major order; nil where the loss compares with classes.
    package var values: FloatBuffer?

    package init(count: Int, labels: [Int32] = [], values: FloatBuffer? = nil) {
        self.count = count
        self.labels = labels
        self.values = values
    }
    package init(labels: [Int32]) { self.init(count: labels.count, labels: labels) }
}

extension PanelTensor {
    /// Calls `body` with the places of sixteen samples at a time, the first of them and how many there are.
    @inline(__always)
    func forEachSixteen(
        of count: Int, wantsGradient: Bool = false, _ body: (_ first: Int, _ places: LossPlaces) -> Void
    ) {
        let lanes = layout.lanes
        let gradient = wantsGradient ? self.gradient : nil
        if let gradient, count % lanes != 0 {
            let last = count / lanes * gradientLayout.panelFloats
            (gradient.pointer + last).update(repeating: 0, count: gradientLayout.panelFloats)
        }
        for first in stride(from: 0, to: count, by: 16) {
            let panel = first / lanes, lane = first % lanes
            body(
                first,
                LossPlaces(
                    values: values.pointer + panel * layout.panelFloats + lane, layout: layout,
                    gradient: gradient.map { $0.pointer + panel * gradientLayout.panelFloats + lane },
                    gradientLayout: gradientLayout, samples: min(16, count - first)))
        }
    }

    /// Where the targets of sixteen samples begin, of as many values as the tensor has.
    func targets(_ values: FloatBuffer, _ first: Int) -> UnsafePointer<Float> {
        let lanes = layout.lanes
        return UnsafePointer(values.pointer + first / lanes * layout.features * lanes + first % lanes)
    }
}
