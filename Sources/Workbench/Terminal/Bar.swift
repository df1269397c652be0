/// A share as a bar, `████░░░`. Something never looks like nothing, and less than all never like all.
package enum Bar {
    /// How many of `width` cells are full.
    package static func filled(_ fraction: Double, width: Int) -> Int {
        guard width > 0, fraction > 0 else { return 0 }
        if fraction >= 1 { return width }
        let nearest = Int((fraction * Double(width)).rounded())
        return max(1, min(nearest, max(1, width - 1)))
    }

    @discardableResult
    package static func draw(
        into grid: inout CellGrid, at x: Int, _ y: Int, width: Int, fraction: Double, style: Style = Style(.accent),
        empty: Style = Style(.dim)
    ) -> Int {
        let full = filled(fraction, width: width)
        for column in 0..<max(0, width) {
            grid[x + column, y] =
                column < full ? Cell(glyph: "█", style: style) : Cell(glyph: "░", style: empty)
        }
        return x + max(0, width)
    }
}

/// A row of figures as heights in one line, `▁▃▅█`.
package enum Sparkline {
    private static let steps = Array("▁▂▃▄▅▆▇█".unicodeScalars)

    /// One glyph a value, from 0 (or the least, if negative) to the greatest. What is no number shows as `!`.
    package static func text(_ values: [Double]) -> String {
        let finite = values.filter(\.isFinite)
        let low = min(0, finite.min() ?? 0)
        let high = max(low, finite.max() ?? 0)
        var scalars = String.UnicodeScalarView()
        for value in values {
            guard value.isFinite else {
                scalars.append("!")
                continue
            }
            let share = high > low ? (value - low) / (high - low) : 0
            scalars.append(steps[max(0, min(7, Int((share * 7).rounded())))])
        }
        return String(scalars)
    }

    /// The values averaged into so many groups, when there are more of them than columns.
    package static func folded(_ values: [Double], to width: Int) -> [Double] {
        guard width > 0, values.count > width else { return values }
        return (0..<width).map { column in
            let part = values[column * values.count / width..<(column + 1) * values.count / width]
            return part.reduce(0, +) / Double(part.count)
        }
    }
}
