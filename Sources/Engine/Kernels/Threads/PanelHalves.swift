/// The panels whose sums a weight gradient is made of. Of an image's layer they are cut into two halves, and their sums are
/// added at the end: so two threads need nothing of the same x and dy, whose lines would have to go from one core's cache
/// to the other's. Of a linear layer, whose x and dy are small, of more than 2²⁰ weights, whose second sums would take more
/// than 4 MiB, and of one panel there is one part.
///
/// The cut depends on the layer and the batch alone, and so do the bits.
package struct PanelHalves: Sendable {
    private let panels: Int
    package let count: Int
    package static let mostWeights = 1 << 20

    package init(_ panels: Int = 0, of map: WeightMap? = nil) {
        self.panels = panels
        count = panels > 1 && map.map { !$0.positions.isFlat && $0.weights <= Self.mostWeights } == true ? 2 : 1
    }

    package subscript(half: Int) -> Range<Int> { half * panels / count..<(half + 1) * panels / count }
}
