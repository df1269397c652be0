import ArgumentParser
import Foundation
import Text
import Training

struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Measure from which sparsity on zeros will make a network faster on this machine.",
        discussion:
            "Random masks on one thread: one image, and a training step (forward and both gradients), by layer and whole, in turns. "
            + "Nothing is trained or changed.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model.")
    var target: String
    @Option(help: "Sparsities, with commas between (default: 0.3,0.5,0.7,0.8,0.9,0.95).")
    var sparsities: String?
    @Option(help: "Samples of a training step (default: the recipe's batch, at most 64).")
    var batch: WholeNumber?
    @Option(help: "Milliseconds for each layer, at least five rounds (default: 500).")
    var budget: WholeNumber?
    @Flag(help: "Print JSON, one line a layer, the whole network last.")
    var json = false
    @OptionGroup var dataOptions: DataOptions

    private func chosen() throws -> [Double] {
        guard let sparsities else { return [0.3, 0.5, 0.7, 0.8, 0.9, 0.95] }
        let numbers = sparsities.split(separator: ",").map { Double($0) ?? .nan }
        guard !numbers.isEmpty, numbers.count <= 20, numbers.allSatisfy({ $0 > 0 && $0 < 1 }),
            Set(numbers).count == numbers.count
        else {
            throw ValidationError(
                "--sparsities is \(sparsities); accepted: up to 20 different numbers between 0 and 1, commas between")
        }
        return numbers.sorted()
    }

    func validate() throws {
        _ = try chosen()
        _ = try (batch?.value(of: "--batch", in: 1...4096), budget?.value(of: "--budget", in: 1...60_000))
    }

    func run() throws {
        do {
            let opened = try OpenedNetwork(
                target, data: RunData.Choice(folder: dataOptions.data, acceptsOther: true))
            let forecast = try Forecast(
                opened.network.graph, name: opened.title,
                batch: batch?.value(of: "--batch", in: 1...4096) ?? min(64, max(1, opened.recipe.batch)),
                sparsities: chosen(),
                budgetSeconds: Double(budget?.value(of: "--budget", in: 1...60_000) ?? 500) / 1000)
            json ? printJSON(forecast) : printText(forecast)
        } catch {
            throw Exit.report(error)
        }
    }

    private func printJSON(_ forecast: Forecast) {
        func fields(_ curve: Forecast.Curve) -> JSONValue {
            var fields: [String: JSONValue] = [
                "dense_seconds": .number(curve.dense), "seconds": .list(curve.points.map { .number($0.seconds) }),
            ]
            switch curve.verdict {
            case .from(let sparsity), .already(at: let sparsity): fields["faster_from"] = .number(sparsity)
            case .never: fields["faster_from"] = .number(.nan)
            }
            return .object(fields).inSixDigits
        }
        for row in forecast.layers + [forecast.whole] {
            Output.json([
                "layer": .text(row.name), "weights": .whole(row.weights), "batch": .whole(forecast.batch),
                "sparsities": .list(forecast.sparsities.map { .number($0) }), "one_image": fields(row.answer),
                "training": fields(row.training),
            ])
        }
    }

    private func printText(_ forecast: Forecast) {
        let rows = forecast.layers + [forecast.whole]
        for (title, curve) in [
            ("one image", { (row: Forecast.Row) in row.answer }),
            ("training step of \(forecast.batch)", { $0.training }),
        ] {
            Output.line("\(title): dense ms, times as fast at each sparsity, measured here on one thread")
            Output.line(
                Columns.left("layer", 16) + Columns.right("dense", 9)
                    + forecast.sparsities.map { Columns.right(String(format: "%g %%", 100 * $0), 7) }.joined()
                    + "  zeros pay")
            for row in rows {
                let curve = curve(row)
                Output.line(
                    Columns.left(row.name.visible, 16) + Columns.right(String(format: "%.4f", curve.dense * 1000), 9)
                        + curve.points.map { Columns.right(String(format: "%.2f", curve.dense / $0.seconds), 7) }
                        .joined()
                        + "  " + words(curve.verdict))
            }
            Output.line("")
        }
        Output.line(
            "In training these are the sparse kernels alone; a session takes dense ones for a mask where they are faster."
        )
    }

    private func words(_ verdict: Forecast.Verdict) -> String {
        switch verdict {
        case .from(let sparsity): "from about \(Percent.named(sparsity, 0))"
        case .already(let sparsity): String(format: "at %g %% already", 100 * sparsity)
        case .never(let sparsity): String(format: "not up to %g %%", 100 * sparsity)
        }
    }
}
