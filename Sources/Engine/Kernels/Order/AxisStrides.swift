/// Where the values of one sample's tensor lie: a stride in floats for each of its axes.
///
///     axes (8, 3, 5, 4) of a panel:   offset = channel · i + row · (5 · j + k) + point · l
///
/// The first axis is the channel, the last one the point of a row, those between number the rows.
package struct AxisStrides: Sendable, Equatable {
    package var axes: [Int]
    package var strides: [Int]
    /// Samples side by side at each point: 16, 64, or 1.
    package let lanes: Int

    package init(axes: [Int], strides: [Int], lanes: Int) {
        self.axes = axes
        self.strides = strides
        self.lanes = lanes
    }

    /// - Parameters:
    ///   - channel, row, point: floats from one to the next.
    package init(axes: [Int], channel: Int, row: Int, point: Int, lanes: Int) {
        var strides = axes
        if axes.count > 1 {
            var step = row
            for axis in stride(from: axes.count - 2, to: 0, by: -1) {
                strides[axis] = step
                step *= axes[axis]
            }
            strides[axes.count - 1] = point
        }
        if !axes.isEmpty { strides[0] = channel }
        self.init(axes: axes, strides: strides, lanes: lanes)
    }

    /// Compact, as plain arrays are.
    package init(axes: [Int], lanes: Int) {
        var strides = axes, step = lanes
        for axis in axes.indices.reversed() {
            strides[axis] = step
            step *= axes[axis]
        }
        self.init(axes: axes, strides: strides, lanes: lanes)
    }

    package var points: Int { axes.reduce(1, *) }

    /// The same values read as more axes: new ones of size 1 in front, and sizes of 1 repeated to fit.
    package func broadcast(to target: [Int]) -> AxisStrides {
        let missing = target.count - axes.count
        let held = (0..<target.count).map { axis -> Int in
            axis < missing || axes[axis - missing] == 1 ? 0 : strides[axis - missing]
        }
        return AxisStrides(axes: target, strides: held, lanes: lanes)
    }

    /// Floats from the first point to each, in row-major order of the axes.
    package var offsets: [Int32] {
        var offsets: [Int32] = [0]
        for (size, stride) in zip(axes, strides) {
            var next: [Int32] = []
            next.reserveCapacity(offsets.count * size)
            for offset in offsets { for index in 0..<size { next.append(offset + Int32(index * stride)) } }
            offsets = next
        }
        return offsets
    }
}

/// Loops over the points of up to four tensors at once, neighbouring axes joined where all of them allow it.
struct Loops: Sendable {
    /// From the outermost; at least one.
    private(set) var extents: [Int]
    /// Floats from one to the next, for each tensor.
    private(set) var strides: [SIMD4<Int>]

    /// - Parameter tensors: of the same axes; those of stride 0 read one value again and again.
    init(_ tensors: [AxisStrides]) {
        let axes = tensors[0].axes
        extents = []
        strides = []
        for axis in axes.indices where axes[axis] != 1 {
            var step = SIMD4<Int>.zero
            for (number, tensor) in tensors.enumerated() { step[number] = tensor.strides[axis] }
            if let last = strides.last, last == step &* SIMD4(repeating: axes[axis]) {
                extents[extents.count - 1] *= axes[axis]
                strides[strides.count - 1] = step
            } else {
                extents.append(axes[axis])
                strides.append(step)
            }
        }
        if extents.isEmpty {
            extents = [1]
            strides = [.zero]
        }
    }

    /// Calls `body` for each run of the innermost loop.
    @inline(__always)
    func forEachRun(_ body: (_ offsets: SIMD4<Int>, _ count: Int, _ step: SIMD4<Int>) -> Void) {
        let inner = extents.count - 1
        let count = extents[inner], step = strides[inner]
        var offsets = SIMD4<Int>.zero
        if inner == 0 {
            body(offsets, count, step)
            return
        }
        withUnsafeTemporaryAllocation(of: Int.self, capacity: inner) { index in
            index.initialize(repeating: 0)
            while true {
                body(offsets, count, step)
                var axis = inner - 1
                while true {
                    index[axis] &+= 1
                    offsets = offsets &+ strides[axis]
                    if index[axis] < extents[axis] { break }
                    offsets = offsets &- strides[axis] &* SIMD4(repeating: extents[axis])
                    index[axis] = 0
                    if axis == 0 { return }
                    axis -= 1
                }
            }
        }
    }
}

extension AxisStrides {
    /// The last two axes exchanged.
    package var turned: AxisStrides {
        var turned = self
        let last = axes.count - 1
        turned.axes.swapAt(last, last - 1)
        turned.strides.swapAt(last, last - 1)
        return turned
    }

    /// A new axis of size 1.
    package func inserting(at axis: Int) -> AxisStrides {
        var more = self
        more.axes.insert(1, at: axis)
        more.strides.insert(0, at: axis)
        return more
    }
}
