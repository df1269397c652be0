import Foundation

/// A matrix as shades: one value a cell, or with half-blocks two, one above the other.
package struct HeatMap: Sendable {
    package enum Scale: Sendable, Equatable {
        /// From 0 to `maximum`, by square root, so that few survivors among many still show.
        case sequential(maximum: Float)
        /// From `-maximum` over 0 to `maximum`.
        case signed(maximum: Float)
    }

    /// Row by row; `nil` is not known (hatched), NaN shows as `!`.
    package var values: [Float?]
    package var rows, columns: Int
    package var scale: Scale
    /// Only where the palette shows levels: without colour the two halves could not differ.
    package var halfBlocks: Bool
    /// Full cells of a colour in place of shades, where the palette shows levels.
    package var solid: Bool

    package init(
        values: [Float?], rows: Int, columns: Int, scale: Scale, halfBlocks: Bool = false, solid: Bool = false
    ) {
        self.solid = solid
        precondition(values.count == rows * columns, "a heat map of \(rows)×\(columns) needs as many values")
        self.values = values
        self.rows = rows
        self.columns = columns
        self.scale = scale
        self.halfBlocks = halfBlocks
    }

    package func draw(into grid: inout CellGrid, _ rect: Rect) {
        let perCell = halfBlocks ? 2 : 1
        for y in 0..<min(rect.height, (rows + perCell - 1) / perCell) {
            for x in 0..<min(rect.width, columns) {
                grid[rect.x + x, rect.y + y] = halfBlocks ? halves(y * 2, x) : cell(values[y * columns + x])
            }
        }
    }

    /// What the glyphs or colours stand for, `blank 0 · ░ <.018 ▒ <.071 ▓ █ ≥.16`.
    package var legend: String {
        func number(_ share: Float, _ maximum: Float) -> String { Format.significant(Double(share * maximum), 2) }
        switch scale {
        case .sequential(let maximum):
            return "blank 0 · ░ <\(number(1 / 9, maximum)) ▒ <\(number(4 / 9, maximum)) ▓ █ ≥\(number(1, maximum))"
        case .signed(let maximum):
            return "+ ░▒▓█ − -=≡■ full ≥\(number(1, maximum))"
        }
    }

    // MARK: Shades

    /// Square root of the share of the maximum, 0...1; the sign apart. Zero only for zero itself.
    private func shade(_ value: Float) -> Float {
        let maximum: Float
        switch scale {
        case .sequential(let most), .signed(let most): maximum = most
        }
        guard value != 0 else { return 0 }
        guard maximum > 0, abs(value) < maximum else { return 1 }
        return (abs(value) / maximum).squareRoot()
    }

    private var isSigned: Bool {
        if case .signed = scale { return true }
        return false
    }

    private static let ramp: [Unicode.Scalar] = ["░", "▒", "▓"]
    private static let negativeRamp: [Unicode.Scalar] = ["-", "=", "≡"]

    /// A cell in the ramp. `░` for the least that is not zero, `█` for the maximum alone. What is zero is the background.
    package func cell(_ value: Float?) -> Cell {
        guard let value else { return Cell(glyph: "╱", style: Style(.dim)) }
        guard !value.isNaN else { return Cell(glyph: "!", style: Style(.bad, bold: true)) }
        let shade = shade(value)
        if solid { return shade == 0 ? .blank : Cell(glyph: "█", style: Style(ink: ink(value))) }
        let negative = isSigned && value < 0
        let glyph: Unicode.Scalar
        if shade == 0 {
            glyph = " "
        } else if shade >= 1 {
            glyph = negative ? "■" : "█"
        } else {
            glyph = (negative ? HeatMap.negativeRamp : HeatMap.ramp)[min(2, Int(shade * 3))]
        }
        return Cell(glyph: glyph, style: Style(ink: ink(value)))
    }

    /// The colour of a value. Levels next to the ends are kept apart from them, as glyphs are.
    package func ink(_ value: Float) -> Ink {
        let shade = shade(value)
        if isSigned {
            let steps = shade == 0 ? 0 : max(4, Int((shade * 31).rounded()))
            return .signed(UInt8(value < 0 ? 32 - steps : 32 + steps))
        }
        if shade == 0 { return .level(0) }
        return .level(shade >= 1 ? 63 : UInt8(max(8, min(56, (shade * 63).rounded()))))
    }

    /// Two values in one cell: the upper is the ink of `▀`, the lower its paper.
    private func halves(_ row: Int, _ column: Int) -> Cell {
        let upper = values[row * columns + column]
        let hasLower = row + 1 < rows
        let lower = hasLower ? values[(row + 1) * columns + column] : nil
        // What is no number must not hide as a colour: it takes the whole cell.
        if upper?.isNaN == true || lower?.isNaN == true { return cell(.nan) }
        switch (upper, lower) {
        case (nil, nil): return cell(nil)
        case (let upper?, nil):
            // Below is nothing (an odd last row), or not known: then the hatching has the value as its paper.
            if hasLower {
                return Cell(glyph: "╱", style: Style(ink: .role(.dim), paper: upper == 0 ? nil : ink(upper)))
            }
            return upper == 0 ? .blank : Cell(glyph: "▀", style: Style(ink: ink(upper)))
        case (nil, let lower?):
            return Cell(glyph: "╱", style: Style(ink: .role(.dim), paper: lower == 0 ? nil : ink(lower)))
        case (0?, 0?): return .blank
        case (let upper?, 0?): return Cell(glyph: "▀", style: Style(ink: ink(upper)))
        case (0?, let lower?): return Cell(glyph: "▄", style: Style(ink: ink(lower)))
        case (let upper?, let lower?):
            return Cell(glyph: "▀", style: Style(ink: ink(upper), paper: ink(lower)))
        }
    }
}
