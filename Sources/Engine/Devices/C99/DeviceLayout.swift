/// How a tensor lies in memory. An image that a kernel reads beyond its sides has a border: columns between its rows, which are the
/// right side of one row and the left one of the next, and rows between its channels, shared in the same way. Then every tap of a
/// kernel is one fixed distance, and a run of positions needs no regard to where rows end.
///
///     2 channels of 2×3, a border of one:    . . . . .
///                                            a b c .
///                                            d e f .
///                                            . . . .
///                                            g h i .
///                                            j k l .
///                                            . . . .
struct DeviceLayout: Equatable {
    var channels: Int
    var height: Int
    var width: Int
    /// Columns between rows.
    var gap = 0
    /// Rows between channels.
    var rows = 0

    init(_ axes: [Int]) {
        channels = axes.first ?? 1
        width = axes.count > 1 ? axes[axes.count - 1] : 1
        height = axes.count > 2 ? axes[1..<axes.count - 1].reduce(1, *) : 1
    }

    var hasBorder: Bool { gap > 0 || rows > 0 }
    var pitch: Int { width + gap }
    var plane: Int { (height + rows) * pitch }
    /// Values before the first one.
    var lead: Int { rows * pitch + gap }
    var count: Int { lead + channels * plane }

    /// Of axes of the tensor, which has three where there is a border.
    func strides(_ axes: [Int]) -> [Int] {
        if hasBorder { return axes.count == 3 ? [plane, pitch, 1] : axes.count == 2 ? [plane, 1] : [plane] }
        var strides = [Int](repeating: 1, count: axes.count)
        for axis in axes.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * axes[axis + 1] }
        return strides
    }

    /// As wide as a kernel with these sides needs it.
    mutating func widen(top: Int, left: Int, bottom: Int, right: Int) {
        gap = max(gap, left, right)
        rows = max(rows, top, bottom)
    }
}

extension QuantizedWindow {
    /// The images that it goes over and gives, without a border.
    var inputLayout: DeviceLayout { DeviceLayout([channels, height, width]) }
    var outputLayout: DeviceLayout { DeviceLayout([channels, outputHeight, outputWidth]) }
}
