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
    /// (rows, features), the features in `order`.
    package let elements: Elements
    /// Which row each sample is; nil: its own number.
    package let rows: [Int32]?
    package let targets: Targets
    package let count: Int

    /// - Precondition: as many elements as count and shape need, and a target for each sample.
    package init(
        shape: Shape, elements: Elements, order: Order = .channelsFirst, targets: Targets, count: Int? = nil,
        rows: [Int32]? = nil
    ) {
        let count = count ?? rows?.count ?? targets.count ?? elements.count / shape.features
        precondition(rows != nil ? rows!.count == count : elements.count == count * shape.features)
        precondition(targets.count == nil || targets.count == count)
        self.shape = shape
        self.order = order
        self.elements = elements
        self.targets = targets
        self.count = count
        self.rows = rows
    }

    /// Some of the samples; the elements stay shared.
    func taking(_ indices: [Int32]) -> Samples {
        Samples(
            shape: shape, elements: elements, order: order, targets: targets.taking(indices),
            rows: rows.map { rows in indices.map { rows[Int($0)] } } ?? indices)
    }

    /// The row of each sample, from the first to the last.
    func forEachRow(_ body: (Int) -> Void) {
        if let rows { for row in rows { body(Int(row)) } } else { for row in 0..<count { body(row) } }
    }

    /// CRC-32 of the elements of all samples, in their order.
    var checksum: UInt32 {
        guard let rows else { return elements.checksum }
        let width = shape.features * elements.kind.bytes
        return elements.withBytes { bytes in
            rows.reduce(0) { value, row in
                Checksum.crc32(
                    UnsafeRawBufferPointer(rebasing: bytes[Int(row) * width..<(Int(row) + 1) * width]), after: value)
            }
        }
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
}
