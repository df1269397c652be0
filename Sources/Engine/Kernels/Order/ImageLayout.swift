/// How a tensor lies in a panel: [channel][y][x][lane], with a border of zeros around each image.
///
///     one channel of a 3×3 image with border 1, each point `lanes` floats:
///
///         0 0 0 0 0      pitch = width + 2·border
///         0 a b c 0      plane = (height + 2·border) · pitch
///         0 d e f 0
///         0 g h i 0      A linear layer's features are images of 1×1 without border.
///         0 0 0 0 0
///
/// A few points follow a large plane, which nobody reads: were its size a power of two, the same point of all channels
/// would lie in the same few lines of the caches. An image of one channel has none behind it:
/// it is a line of features as it stands.
///
/// The border is planned once from what reads the tensor; elementwise operators write the interior only, so it
/// stays zero and a padded convolution needs no branch.
package struct ImageLayout: Sendable, Equatable {
    package let channels: Int
    package let height: Int
    package let width: Int
    package let border: Int
    /// Samples side by side: 16, or 64 in networks without convolutions whose batches fill them.
    package let lanes: Int

    package init(channels: Int, height: Int = 1, width: Int = 1, border: Int = 0, lanes: Int) {
        precondition(lanes % 16 == 0)
        self.channels = channels
        self.height = height
        self.width = width
        self.border = border
        self.lanes = lanes
        // An odd multiple of eight lines: eight channels side by side fill every line of the first-level cache once.
        let points = (height + 2 * border) * (width + 2 * border)
        let lines = points * lanes / 16
        plane = lines < 64 || channels == 1 ? points : (((lines + 7) / 8) | 1) * 8 * 16 / lanes
    }

    package var pitch: Int { width + 2 * border }
    /// From one channel to the next, in points: its border and what follows it are counted.
    package let plane: Int
    /// Whether all values of a panel stand after one another.
    package var isCompact: Bool { plane == height * width }
    /// Whether values in their order lie in the same places under another shape: without gaps, or with the same gap behind
    /// each of as many channels.
    package func liesLike(_ other: ImageLayout) -> Bool {
        guard border == 0, other.border == 0 else { return false }
        return isCompact && other.isCompact || channels == other.channels && plane == other.plane
    }
    /// Floats of one panel.
    package var panelFloats: Int { channels * plane * lanes }
    /// Values of one sample, the border not counted.
    package var features: Int { channels * height * width }
    package var isFlat: Bool { height == 1 && width == 1 }

    /// Floats from the start of the panel to (channel, y, x); y and x may lie in the border.
    package func offset(_ channel: Int, _ y: Int = 0, _ x: Int = 0) -> Int {
        (channel * plane + (y + border) * pitch + x + border) * lanes
    }
}
