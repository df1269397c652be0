/// Columns and rows of the terminal.
package struct Size: Hashable, Sendable {
    package var width, height: Int

    package init(_ width: Int, _ height: Int) {
        self.width = width
        self.height = height
    }

    /// Everything works from here on; below, one sentence says so.
    package static let least = Size(80, 24)

    var isEnough: Bool { width >= Size.least.width && height >= Size.least.height }
    /// Room for a third pane beside two.
    var isLarge: Bool { width >= 120 && height >= 36 }
    /// Room for several maps or charts side by side.
    var isHuge: Bool { width >= 180 && height >= 50 }
}
