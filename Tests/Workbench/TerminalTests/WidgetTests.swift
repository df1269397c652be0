import Terminal
import Testing

@Suite struct FormatTests {
    @Test func numbers() {
        #expect(Format.count(53_240) == "53,240")
        #expect(Format.count(-1_000) == "−1,000")
        #expect(Format.count(999) == "999")
        #expect(Format.compact(13_400) == "13.4k")
        #expect(Format.compact(10_000) == "10k")
        #expect(Format.compact(735) == "735")
        #expect(Format.compact(999_900) == "1M")
        #expect(Format.bytes(248_000) == "248 kB")
        #expect(Format.bytes(1_066_000) == "1,066 kB")
        #expect(Format.leadingDot(0.047) == ".047")
        #expect(Format.leadingDot(-0.0712, 4) == "−.0712")
        #expect(Format.significant(3.14e-4) == "3.1e-4")
        #expect(Format.signed(-0.04, 1) == "0.0")
        #expect(Format.signed(0.4, 1) == "+0.4")
        #expect(Format.percent(0.99999) == "99.9")
        #expect(Format.percent(0.00001) == "0.1")
        #expect(Format.duration(seconds: 4) == "0m04s")
        #expect(Format.duration(seconds: 11_100) == "3h05m")
        #expect(Format.decimal(.nan, 2) == "NaN")
    }

    private func bar(_ fraction: Double, width: Int) -> String {
        var grid = CellGrid(width: width, height: 1)
        Bar.draw(into: &grid, at: 0, 0, width: width, fraction: fraction)
        return grid.text
    }

    @Test func barsNeverOverstate() {
        #expect(bar(0.8, width: 10) == "████████░░")
        #expect(bar(0.999, width: 10) == "█████████░")
        #expect(bar(0.001, width: 10) == "█░░░░░░░░░")
        #expect(bar(0, width: 3) == "░░░")
        #expect(bar(1, width: 3) == "███")
        #expect(Sparkline.text([0, 1, 2, .nan, 7]) == "▁▂▃!█")
    }
}

@Suite struct ChartTests {
    @Test func aLineWithReferenceMarkAndGap() {
        var grid = CellGrid(width: 20, height: 7)
        let chart = Chart(
            series: [.init(name: "", points: [(0, 0), (4, 4), (5, .nan), (6, 4), (10, 4)])],
            references: [.init(y: 2, label: "")], marks: [.init(x: 5, label: "cut")],
            x: Axis(range: 0...10, ticks: [.init(0, "0"), .init(10, "10")]),
            y: Axis(range: 0...4, ticks: [.init(0, "0"), .init(4, "4")]))
        let plot = chart.draw(into: &grid, grid.bounds)
        let rows = grid.text.split(separator: "\n").map(String.init)
        #expect(rows[0].hasPrefix("   4┤"))
        #expect(rows[2].contains("·"))
        #expect(rows[4].contains("╵cut"))
        #expect(rows[5] == "    └───────────────")
        #expect(rows[6].hasSuffix("10"))
        #expect(grid[plot.rect.x + 7, 0].glyph == " ", "NaN leaves a gap")
        #expect(plot.column(ofX: 0) == 5)
        #expect(plot.column(ofX: 10) == 19)
        #expect(abs(plot.x(atColumn: 12) - 5) < 1e-6)
        #expect(plot.row(ofY: 99) == nil)
    }

    @Test func extremesDoNotTrap() {
        let cases: [[(x: Double, y: Double)]] = [
            [], [(1, 1)], [(0, 1e300), (1, -1e300)], [(0, .infinity), (.nan, 0)],
        ]
        for points in cases {
            for size in [0, 1, 3, 8, 40] {
                var grid = CellGrid(width: size, height: size / 2)
                Chart(series: [.init(name: "name", points: points)], cursor: 1).draw(into: &grid, grid.bounds)
            }
        }
    }

    @Test func scatterOnABentAxis() {
        var grid = CellGrid(width: 25, height: 5)
        let x = Axis(range: 0...99, ticks: [0, 90, 99].map { .init($0, "\(Int($0))") }) { 1 / (101 - $0) }
        let y = Axis(range: 80...90, ticks: [.init(80, "80"), .init(90, "90")])
        let plot = Scatter(
            points: [.init(x: 0, y: 90, label: "now"), .init(x: 99, y: 80, glyph: "○")], x: x, y: y
        ).draw(into: &grid, grid.bounds)
        let rows = grid.text.split(separator: "\n")
        #expect(
            rows == [
                "  90┤●now", "    │", "  80┤                   ○", "    └┬──┬───────────────┬",
                "     0  90             99",
            ])
        #expect(abs(plot.x(atColumn: plot.rect.maxX - 1) - 99) < 1e-6)
    }
}

@Suite struct MapTests {
    @Test func histogramSharesColumnsAmongSegments() {
        var grid = CellGrid(width: 9, height: 7)
        let plot = BarHistogram(
            columns: [[999, 0, 0, 0], [9, 0, 0, 9], [0, 0, 0, 1], [0, 0, 0, 0]],
            lines: [.init(column: 3, label: "d", bold: true)], ticks: [(0, "0")]
        ).draw(into: &grid, grid.bounds)
        #expect(plot == Rect(x: 5, y: 1, width: 4, height: 4))
        #expect(grid.text == "        d\n    │░  ┃\n 100┤░  ┃\n    │░█ ┃\n   1┤░░█┃\n    └────\n     0")
    }

    @Test func aSurvivorIsNeverEmptyAndLessThanFullNeverFull() {
        var grid = CellGrid(width: 6, height: 1)
        HeatMap(values: [0, 0.0001, 0.3, 0.999, 1, nil], rows: 1, columns: 6, scale: .sequential(maximum: 1))
            .draw(into: &grid, grid.bounds)
        #expect(grid.text == " ░▒▓█╱")
    }

    @Test func signsReadWithoutColour() {
        var grid = CellGrid(width: 6, height: 1)
        let map = HeatMap(
            values: [-1, -0.2, 0, 0.2, 1, .nan], rows: 1, columns: 6, scale: .signed(maximum: 1))
        map.draw(into: &grid, grid.bounds)
        #expect(grid.text == "■= ▒█!")
        #expect(map.ink(0) == .signed(32))
        #expect(map.ink(-1) == .signed(1))
    }

    @Test func halfBlocksHoldTwoRows() {
        var grid = CellGrid(width: 2, height: 2)
        HeatMap(
            values: [0, 1, 1, 0, 1, .nan], rows: 3, columns: 2, scale: .sequential(maximum: 1), halfBlocks: true
        ).draw(into: &grid, grid.bounds)
        #expect(grid.text == "▄▀\n▀!")
        // What is zero is the background.
        #expect(grid[0, 0].style == Style(ink: .level(63)) && grid[1, 0].style == Style(ink: .level(63)))
    }
}
