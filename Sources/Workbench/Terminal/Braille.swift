/// Dots of braille, two across and four down in each cell: lines finer than the cells they are drawn in.
struct Braille {
    let rect: Rect
    private var dots: [UInt8]

    init(_ rect: Rect) {
        self.rect = rect
        dots = Array(repeating: 0, count: rect.width * rect.height)
    }

    var width: Int { rect.width * 2 }
    var height: Int { rect.height * 4 }

    private static let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    /// A dot, with 0, 0 at the top left; outside is ignored.
    mutating func set(_ x: Int, _ y: Int) {
        guard x >= 0, x < width, y >= 0, y < height else { return }
        dots[(y / 4) * rect.width + x / 2] |= Braille.bits[y % 4][x % 2]
    }

    /// A straight line, after Bresenham, both ends included.
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        var (x, y) = start
        let (dx, dy) = (abs(end.x - x), -abs(end.y - y))
        let (stepX, stepY) = (x < end.x ? 1 : -1, y < end.y ? 1 : -1)
        var error = dx + dy
        while true {
            set(x, y)
            if x == end.x && y == end.y { return }
            let twice = 2 * error
            if twice >= dy {
                error += dy
                x += stepX
            }
            if twice <= dx {
                error += dx
                y += stepY
            }
        }
    }

    /// Writes the cells that hold a dot; others stay as they are. Dots of an earlier line in a cell are kept.
    ///
    /// - Parameter onBlanksAlone: leaves every cell that holds something as it is.
    func draw(into grid: inout CellGrid, style: Style, onBlanksAlone: Bool = false) {
        for row in 0..<rect.height {
            for column in 0..<rect.width {
                let own = dots[row * rect.width + column]
                guard own != 0 else { continue }
                let under = grid[rect.x + column, rect.y + row].glyph.value
                if onBlanksAlone, under != 0x20 { continue }
                let kept = (0x2800...0x28FF).contains(under) ? UInt8(under - 0x2800) : 0
                let glyph = Unicode.Scalar(0x2800 + UInt32(own | kept)) ?? "⣿"
                grid[rect.x + column, rect.y + row] = Cell(glyph: glyph, style: style)
            }
        }
    }
}
