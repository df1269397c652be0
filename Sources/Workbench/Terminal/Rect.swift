/// A rectangle of cells. Sizes are never negative: what does not fit becomes empty.
package struct Rect: Hashable, Sendable {
    package var x, y, width, height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = max(0, width)
        self.height = max(0, height)
    }

    package var maxX: Int { x + width }
    package var maxY: Int { y + height }
    package var isEmpty: Bool { width == 0 || height == 0 }

    package func contains(_ x: Int, _ y: Int) -> Bool {
        x >= self.x && x < maxX && y >= self.y && y < maxY
    }

    /// Without the border.
    package var inner: Rect { inset(1, 1) }

    package func inset(_ dx: Int, _ dy: Int) -> Rect {
        Rect(x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy)
    }

    package func left(_ n: Int) -> Rect { Rect(x: x, y: y, width: min(max(0, n), width), height: height) }
    package func right(_ n: Int) -> Rect {
        let n = min(max(0, n), width)
        return Rect(x: maxX - n, y: y, width: n, height: height)
    }
    package func top(_ n: Int) -> Rect { Rect(x: x, y: y, width: width, height: min(max(0, n), height)) }
    package func bottom(_ n: Int) -> Rect {
        let n = min(max(0, n), height)
        return Rect(x: x, y: maxY - n, width: width, height: n)
    }

    package func droppingLeft(_ n: Int) -> Rect { right(width - n) }
    package func droppingRight(_ n: Int) -> Rect { left(width - n) }
    package func droppingTop(_ n: Int) -> Rect { bottom(height - n) }
    package func droppingBottom(_ n: Int) -> Rect { top(height - n) }

    /// Side by side, of the widths given; a 0 takes an equal share of what is left.
    package func columns(_ widths: [Int]) -> [Rect] {
        var at = x
        return Rect.shares(widths, of: width).map { width in
            defer { at += width }
            return Rect(x: at, y: y, width: width, height: height)
        }
    }

    /// One above the other, of the heights given; a 0 takes an equal share of what is left.
    package func rows(_ heights: [Int]) -> [Rect] {
        var at = y
        return Rect.shares(heights, of: height).map { height in
            defer { at += height }
            return Rect(x: x, y: at, width: width, height: height)
        }
    }

    private static func shares(_ sizes: [Int], of total: Int) -> [Int] {
        var open = sizes.count { $0 <= 0 }
        var spare = max(0, total - sizes.reduce(0) { $0 + max(0, $1) })
        var left = total
        return sizes.map { size in
            var share = size
            if size <= 0 {
                share = spare / open
                spare -= share
                open -= 1
            }
            share = min(share, left)
            left -= share
            return share
        }
    }
}
