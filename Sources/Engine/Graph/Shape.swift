/// The axes of one sample's tensor, outermost first; the batch is not among them.
///
/// Panels and weighted kernels see three axes: channels, height and width. (C) is C×1×1, (C, L) is C×1×L, (C, H, W) is what it is;
/// of more axes those between the first and the last are one. The order of the values is the same however many axes are told
/// apart. Plain data: tasks copy it without counting references.
package struct Shape: Sendable, Hashable, CustomStringConvertible {
    package static let mostAxes = 8

    /// Axes behind `rank` are 1.
    private let sizes: SIMD8<Int>
    /// 0: a single number.
    package let rank: Int

    /// - Precondition: at most `mostAxes`.
    package init(_ axes: [Int]) {
        precondition(axes.count <= Shape.mostAxes)
        var sizes = SIMD8<Int>(repeating: 1)
        for (axis, size) in axes.enumerated() { sizes[axis] = size }
        self.sizes = sizes
        rank = axes.count
    }

    /// An image, or features where it is 1×1.
    package init(channels: Int, height: Int = 1, width: Int = 1) {
        self.init(height == 1 && width == 1 ? [channels] : [channels, height, width])
    }

    package subscript(axis: Int) -> Int { sizes[axis] }
    package var axes: [Int] { (0..<rank).map { sizes[$0] } }

    package var channels: Int { sizes[0] }
    package var height: Int { rank < 3 ? 1 : (1..<rank - 1).reduce(1) { $0 * sizes[$1] } }
    package var width: Int { rank < 2 ? 1 : sizes[rank - 1] }
    package var features: Int { (0..<rank).reduce(1) { $0 * sizes[$1] } }
    /// One point a channel.
    package var isFlat: Bool { features == channels }
    package var description: String {
        rank == 0 ? "a single number" : axes.map(String.init).joined(separator: "×")
    }
}
