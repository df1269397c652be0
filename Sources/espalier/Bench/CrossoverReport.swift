import Foundation
import Kernels
import Terminal

/// The measured crossover as a table and as curves in the terminal's characters.
struct CrossoverReport {
    let layer: [(String, Any)]
    /// Densities falling.
    let rows: [Crossover]

    func print() {
        let facts = layer.dropFirst() + [("caches", "\(Caches.machine)")]
        Output.lines(facts.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
        Output.lines(
            """
            milliseconds of the dense and the sparse kernels, then of what was chosen and runs, d or s. Behind a mask dense \
            kernels read a copy of the weights, made in the forward pass for both passes that read it, and gather the \
            gradient: the choice counts that, the dense column does not.

            """)
        let titles = WeightPass.allCases.map { Format.left(Self.title($0), 29) }
        Output.lines(("density  " + titles.joined(separator: " ")).trimmed)
        for row in rows {
            let cells = WeightPass.allCases.map { pass in
                let numbers = [row.dense, row.sparse, row.now].map { Format.right(Self.milliseconds($0[pass]), 8) }
                return numbers.joined(separator: " ") + (row.chosen.contains(pass) ? " d " : " s ")
            }
            Output.lines((Format.left(Format.decimal(row.density, 2), 8) + cells.joined(separator: " ")).trimmed)
        }
        if rows.contains(where: { $0.gradients != nil }) {
            let both = rows.map { row in
                let dense = (row.dense[.inputGradient] ?? .nan) + (row.dense[.weightGradient] ?? .nan)
                return Format.left(Format.decimal(row.density, 2), 8)
                    + Format.right(Self.milliseconds(dense), 8) + Format.right(Self.milliseconds(row.gradients), 9)
            }
            Output.lines(
                """

                both gradients, dense, and by the sparse kernels in one pass: what the choice counts where neither is dense
                \(both.joined(separator: "\n"))
                """)
        }
        for pass in WeightPass.allCases {
            Output.lines("\n\(Self.title(pass)): \(crossing(pass))")
            Output.lines(curves(pass))
        }
    }

    private static func title(_ pass: WeightPass) -> String {
        switch pass {
        case .forward: "forward"
        case .inputGradient: "input gradient"
        case .weightGradient: "weight gradient"
        }
    }

    private static func milliseconds(_ seconds: Double?) -> String {
        seconds.map { Format.significant($0 * 1e3) } ?? "–"
    }

    /// The density from which sparse kernels win, going down.
    private func crossing(_ pass: WeightPass) -> String {
        guard let density = crossover(pass) else {
            let wins = (rows.first?.sparse[pass] ?? 0) < (rows.first?.dense[pass] ?? 0)
            return wins ? "sparse wins at every density" : "dense wins at every density"
        }
        return
            "sparse wins below density \(Format.decimal(density, 2)), \(Format.decimal(100 - 100 * density, 0)) % zeros"
    }

    /// Where the two curves cross, on the line between two densities; nil where they do not.
    func crossover(_ pass: WeightPass) -> Double? {
        func lead(_ row: Crossover) -> Double { (row.sparse[pass] ?? .nan) - (row.dense[pass] ?? .nan) }
        for (high, low) in zip(rows, rows.dropFirst()) where lead(high) >= 0 && lead(low) < 0 {
            return low.density + (high.density - low.density) * -lead(low) / (lead(high) - lead(low))
        }
        return nil
    }

    private func curves(_ pass: WeightPass) -> String {
        let rising = rows.reversed()
        func points(_ seconds: (Crossover) -> Double?) -> [(x: Double, y: Double)] {
            rising.map { ($0.density, (seconds($0) ?? .nan) * 1e3) }
        }
        let chosen = points { $0.now[pass] }
        var chart = Chart(series: [
            Chart.Series(name: "dense", points: points { $0.dense[pass] }, line: .dashed),
            Chart.Series(name: "sparse", points: points { $0.sparse[pass] }),
        ])
        chart.x = Axis(range: 0...1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1].map { Axis.Tick($0, Format.decimal($0, 1)) })
        let values = chart.series.flatMap { $0.points.map(\.y) } + chosen.map(\.y)
        chart.y = Axis.around([0] + values, count: 5)
        if let density = crossover(pass) { chart.marks = [Chart.Mark(x: density, label: "")] }
        var grid = CellGrid(width: 78, height: 15)
        let plot = chart.draw(into: &grid, Rect(x: 0, y: 0, width: 78, height: 15))
        for point in chosen {
            guard let column = plot.column(ofX: point.x), let row = plot.row(ofY: point.y) else { continue }
            grid[column, row] = Cell(glyph: "●")
        }
        return grid.text + "\n      ⠒ sparse  ┄ dense  ● chosen; milliseconds by density"
    }
}

extension String {
    fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
