import Graph
import Interchange

/// Samples with their targets: elements that are held once and shared by all who read them.
package struct Samples: Sendable {
    /// How the elements of one sample follow each other.
    package enum Order: String, Sendable {
        /// As the shape has its axes: channel, row, column.
        case channelsFirst
        /// Row, column, channel, as cameras and TensorFlow have them.
        case channelsLast
    }

    package let shape: Shape
    package let order: Order
    /// (count, features), the features in `order`.
    package let elements: Elements
    package let targets: Targets
    package let count: Int

    /// - Precondition: as many elements as count and shape need, and a target for each sample.
    package init(
        shape: Shape, elements: Elements, order: Order = .channelsFirst, targets: Targets, count: Int? = nil
    ) {
        let count = count ?? targets.count ?? elements.count / shape.features
        precondition(elements.count == count * shape.features)
        precondition(targets.count == nil || targets.count == count)
        self.shape = shape
        self.order = order
        self.elements = elements
        self.targets = targets
        self.count = count
    }

    /// Bytes with the number of a class each.
    package init(shape: Shape, pixels: [UInt8], labels: [UInt8]) {
        let classes = Int(labels.max() ?? 0) + 1
        self.init(
            shape: shape, elements: Elements(pixels),
            targets: .classes(labels.map(Int32.init), names: (0..<classes).map(String.init)))
    }

    /// The class of each sample; only where targets are classes.
    package var classes: [Int32] { if case .classes(let numbers, _) = targets { numbers } else { [] } }

    /// The channel that each element of a sample belongs to, in the order of the elements.
    func channel(of element: Int) -> Int {
        order == .channelsLast ? element % shape.channels : element / (shape.height * shape.width)
    }

    /// Classes as the bytes that softmax cross-entropy takes.
    package struct Labels {
        fileprivate let classes: [Int32]
        package subscript(index: Int) -> UInt8 { UInt8(classes[index]) }
    }
    package var labels: Labels { Labels(classes: classes) }
}
