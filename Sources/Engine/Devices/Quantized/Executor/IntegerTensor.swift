import Graph
import Kernels

/// Where a tensor of one sample lies: planes of centred values, q − zero, as those of floats do (`PlaneLayout`).
struct IntegerTensor: Sendable {
    let layout: PlaneLayout
    /// Numbers from the start of the memory.
    let start: Int
    let zero: Int32

    /// Point (0, 0) of channel 0.
    @inline(__always)
    func origin(_ memory: UnsafeMutablePointer<Int16>) -> UnsafeMutablePointer<Int16> { memory + start + layout.lead }

    var count: Int { layout.channels * layout.height * layout.width }
    var shape: Shape { Shape([layout.channels, layout.height, layout.width]) }
    /// The same channels, rows and points in a row.
    func isAlike(_ shape: Shape) -> Bool {
        layout.channels == shape.channels && layout.height == shape.height && layout.width == shape.width
    }

    /// Of each value in row-major order, from the start of the memory.
    var places: [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(count)
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                let first = Int32(start + layout.offset(channel, y))
                for x in 0..<layout.width { result.append(first + Int32(x)) }
            }
        }
        return result
    }

    /// Values in row-major order without gaps, to the tensor.
    func take(_ values: UnsafePointer<Int16>, _ memory: UnsafeMutablePointer<Int16>) {
        let origin = origin(memory)
        if layout.isCompact { return origin.update(from: values, count: count) }
        var from = values
        for channel in 0..<layout.channels {
            var row = origin + channel &* layout.plane
            for _ in 0..<layout.height {
                row.update(from: from, count: layout.width)
                from += layout.width
                row += layout.pitch
            }
        }
    }

    func give(_ values: UnsafeMutablePointer<Int16>, _ memory: UnsafeMutablePointer<Int16>) {
        let origin = UnsafePointer(origin(memory))
        if layout.isCompact { return values.update(from: origin, count: count) }
        var to = values
        for channel in 0..<layout.channels {
            var row = origin + channel &* layout.plane
            for _ in 0..<layout.height {
                to.update(from: row, count: layout.width)
                to += layout.width
                row += layout.pitch
            }
        }
    }
}

/// A step of an executor. Several threads may run it at once, each on memory of its own.
protocol IntegerStep: Sendable {
    /// Of weights and their places, as they are held.
    var weightBytes: Int { get }
    func run(_ memory: UnsafeMutablePointer<Int16>)
}

extension IntegerStep {
    var weightBytes: Int { 0 }
}
