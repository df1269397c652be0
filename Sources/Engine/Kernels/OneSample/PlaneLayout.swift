/// How a tensor of one image lies: [channel][y][x], points side by side, so that a kernel holds points in its lanes where
/// panels hold samples. A row ends where the next begins, with the zeros between that both read as their border:
///
///     3 × 3 points with a border of 1:      0 0 0 0 0        lead = border · pitch + border: the first point
///                                           a b c 0          pitch = width + border, or more
///                                           d e f 0
///                                           g h i 0
///                                           0 0 0 0 …
///
/// So the points that one weight reads for all outputs, or for any run of them, are a run themselves, without regard to where
/// rows end. What such a run writes between rows is no point, and is set to zero again where somebody reads it as a border.
package struct PlaneLayout: Sendable, Equatable {
    package let channels: Int
    package let height: Int
    package let width: Int
    package let border: Int
    package let pitch: Int
    /// Floats from a channel to the next. One where channels are features side by side.
    package let plane: Int

    /// - Parameters:
    ///   - isCompact: of features, which linear layers read and write.
    ///   - late: how far behind the last point a run of whole vectors may end.
    /// - Precondition: `pitch` ≥ width + border.
    package init(
        channels: Int, height: Int, width: Int, border: Int, pitch: Int, isCompact: Bool, late: Int = 15
    ) {
        precondition(pitch >= width + border)
        self.channels = channels
        self.height = height
        self.width = width
        self.border = border
        self.pitch = pitch
        let lead = border * pitch + border
        // An odd number of lines: planes begin in other sets of a cache.
        let lines = (lead + (height - 1) * pitch + width + max(lead, late) + 15) / 16
        plane = isCompact ? 1 : (lines | 1) * 16
    }

    package var isCompact: Bool { plane == 1 }
    /// Of a plane: where its first point is.
    package var lead: Int { border * pitch + border }
    /// From the first point of a plane to behind the last.
    package var run: Int { (height - 1) * pitch + width }
    package func offset(_ channel: Int, _ y: Int = 0, _ x: Int = 0) -> Int {
        channel * plane + lead + y * pitch + x
    }
    /// With what a kernel reads and writes behind the last plane.
    package var floats: Int { (channels * plane + 15) / 16 * 16 + 16 }

    /// Sets to zero what runs have left between rows and behind the last. Nothing to do where nobody reads a border.
    /// - Parameter origin: of point (0, 0) of channel 0.
    package func clearBorders(_ origin: UnsafeMutablePointer<Float>, channels: Range<Int>) {
        guard border > 0 else { return }
        let gap = pitch - width
        for channel in channels {
            let first = origin + channel &* plane
            var end = first + width
            for _ in 0..<height &- 1 {
                // One store: of a loop the compiler makes a call that takes longer than the row.
                if gap > 1 { end.update(repeating: 0, count: gap) } else { end[0] = 0 }
                end += pitch
            }
            // Fifteen.
            store8(.zero, end)
            store8(.zero, end + 7)
        }
    }
}
