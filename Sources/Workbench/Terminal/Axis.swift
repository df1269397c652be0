import Foundation

/// One axis of a chart: a range, how it is bent, and where its labels stand.
package struct Axis: Sendable {
    package struct Tick: Sendable {
        package var value: Double
        package var label: String
        package init(_ value: Double, _ label: String) {
            self.value = value
            self.label = label
        }
    }

    package var range: ClosedRange<Double>
    package var ticks: [Tick]
    /// From values to even spacing; must rise.
    package var transform: @Sendable (Double) -> Double
    package static let linear: @Sendable (Double) -> Double = { $0 }

    package init(
        range: ClosedRange<Double>, ticks: [Tick] = [],
        transform: @escaping @Sendable (Double) -> Double = Axis.linear
    ) {
        self.range = range
        self.ticks = ticks
        self.transform = transform
    }

    /// Where a value lies, 0 to 1 within the range; `nil` for NaN.
    package func share(of value: Double) -> Double? {
        guard value.isFinite else { return nil }
        let low = transform(range.lowerBound)
        let high = transform(range.upperBound)
        guard high > low else { return 0.5 }
        return (transform(value) - low) / (high - low)
    }

    /// The value at a place, 0 to 1; found by halving, so that a transform needs no inverse.
    package func value(at share: Double) -> Double {
        var (low, high) = (range.lowerBound, range.upperBound)
        guard share > 0 else { return low }
        guard share < 1 else { return high }
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if (self.share(of: middle) ?? 0) < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// An axis around some values with round labels, about `count` of them.
    package static func around(
        _ values: some Sequence<Double>, count: Int = 4, label: ((Double) -> String)? = nil
    ) -> Axis {
        let finite = values.filter(\.isFinite)
        guard var low = finite.min(), var high = finite.max(), (high - low).isFinite else {
            return Axis(range: 0...1, ticks: [Tick(0, "0"), Tick(1, "1")])
        }
        if high - low < max(abs(high), 1e-12) * 1e-9 {
            let margin = max(abs(high) * 0.01, 1e-6)
            (low, high) = (low - margin, high + margin)
        }
        let step = roundStep((high - low) / Double(max(1, count)))
        low = (low / step).rounded(.down) * step
        high = (high / step).rounded(.up) * step
        let steps = Int(((high - low) / step).rounded())
        let places = max(0, -Int(floor(log10(step) + 1e-9)))
        let ticks = (0...steps).map { index in
            let value = low + Double(index) * step
            return Tick(value, label?(value) ?? Format.leadingDot(value, places))
        }
        return Axis(range: low...high, ticks: ticks)
    }

    private static func roundStep(_ least: Double) -> Double {
        let power = pow(10, floor(log10(least)))
        let lead = least / power
        return power * (lead <= 1.0001 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10)
    }
}

/// Where a chart was drawn, so that a click can be turned into a value and back.
package struct Plot: Sendable {
    /// The cells of the curves, without labels and axes.
    package var rect: Rect
    package var x, y: Axis

    package func column(ofX value: Double) -> Int? {
        guard rect.width > 0, let share = x.share(of: value), share >= -1e-9, share <= 1 + 1e-9 else { return nil }
        return rect.x + Int((share * Double(rect.width - 1)).rounded())
    }

    package func row(ofY value: Double) -> Int? {
        guard rect.height > 0, let share = y.share(of: value), share >= -1e-9, share <= 1 + 1e-9 else { return nil }
        return rect.maxY - 1 - Int((share * Double(rect.height - 1)).rounded())
    }

    /// The value under a column of the screen; a column outside gives the nearest end.
    package func x(atColumn column: Int) -> Double {
        x.value(at: rect.width > 1 ? Double(column - rect.x) / Double(rect.width - 1) : 0)
    }

    /// The value in a row of the screen; a row outside gives the nearest end.
    package func y(atRow row: Int) -> Double {
        y.value(at: rect.height > 1 ? Double(rect.maxY - 1 - row) / Double(rect.height - 1) : 0)
    }
}

/// The frame shared by charts: labels, `┤`, `│`, `└──┬──`, and the labels below.
enum Frame {
    /// Draws the axes in a rectangle and returns where the curves go; `rightMargin` columns stay free for names.
    static func draw(
        into grid: inout CellGrid, _ rect: Rect, x: Axis, y: Axis, rightMargin: Int = 0, tickMarks: Bool = false
    ) -> Plot {
        let labels = max(4, y.ticks.map { Glyphs.width($0.label) }.max() ?? 0)
        let plot = Plot(
            rect: Rect(
                x: rect.x + labels + 1, y: rect.y, width: rect.width - labels - 1 - rightMargin,
                height: rect.height - 2),
            x: x, y: y)
        guard !plot.rect.isEmpty else { return plot }
        let line = Style(.border)
        let axis = plot.rect.x - 1
        for row in plot.rect.y..<plot.rect.maxY { grid[axis, row] = Cell(glyph: "│", style: line) }
        for tick in y.ticks {
            // Two labels on one row would read as one number: the first stays.
            guard let row = plot.row(ofY: tick.value), grid[axis, row].glyph == "│" else { continue }
            grid.put(tick.label, endingAt: axis, row, Style(.dim))
            grid[axis, row] = Cell(glyph: "┤", style: line)
        }
        let bottom = plot.rect.maxY
        grid[axis, bottom] = Cell(glyph: "└", style: line)
        for column in plot.rect.x..<plot.rect.maxX { grid[column, bottom] = Cell(glyph: "─", style: line) }
        drawTicks(into: &grid, plot, limit: rect.maxX, marks: tickMarks)
        return plot
    }

    private static func drawTicks(into grid: inout CellGrid, _ plot: Plot, limit: Int, marks: Bool) {
        var free = plot.rect.x - 1
        for tick in plot.x.ticks {
            guard let column = plot.column(ofX: tick.value) else { continue }
            if marks { grid[column, plot.rect.maxY] = Cell(glyph: "┬", style: Style(.border)) }
            let width = Glyphs.width(tick.label)
            let start = max(free, min(column - (width > 3 ? width / 2 : 0), limit - width))
            // A label pushed too far from its place says something false: better none.
            guard start + width <= limit, start <= column || start - column < 2 else { continue }
            grid.put(tick.label, at: start, plot.rect.maxY + 1, Style(.dim))
            free = start + width + 1
        }
    }
}
