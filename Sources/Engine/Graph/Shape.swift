/// The shape of one sample's tensor: an image, or features as an image of 1×1.
package struct Shape: Sendable, Equatable, CustomStringConvertible {
    package let channels: Int
    package let height: Int
    package let width: Int

    package init(channels: Int, height: Int = 1, width: Int = 1) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    package var features: Int { channels * height * width }
    package var isFlat: Bool { height == 1 && width == 1 }
    package var description: String { isFlat ? "\(channels)" : "\(channels)×\(height)×\(width)" }
}
