import Foundation
import Interchange
import Terminal
import Text
import Training

/// What Compare shows as files: the history with its figures, and the runs drawn beside it.
struct CompareTable: Encodable, Equatable {
    struct Entry: Encodable, Equatable {
        var event: Int
        var label: String
        var step: Int
        var figure: Double?
        var sparsity: Double?
        var keptByLayer: [Int]?
        var fileBytes: Int?
        var multiplyAdds: Int?
        var latencySeconds: Double?
        /// Measured on the network itself.
        var latencyIsExact: Bool?
        var isUndone: Bool
        var isNow: Bool
        /// By axis: whether no other entry is as cheap and as good.
        var isOnFront: [String: Bool]
    }
    struct Run: Encodable, Equatable {
        var name: String
        var network: String
        var data: String
        var points: [RunFigures.Point]
    }

    let format = "espalier-compare-1"
    var run: String
    var network: String
    var data: String
    /// Name of the figure, and whether more of it is better.
    var figure: String
    var isHigherBetter: Bool
    var step: Int
    var layers: [String]
    var entries: [Entry]
    var runs: [Run]

    init(_ scene: Scene) {
        let snapshot = scene.snapshot
        run = snapshot.runFolder
        network = snapshot.network
        data = snapshot.data
        figure = snapshot.figure.name
        isHigherBetter = snapshot.figure.isHigherBetter
        step = snapshot.step
        layers = snapshot.layers.map(\.name)
        let entries = scene.compared
        self.entries = entries.map { entry in
            Entry(
                event: entry.event, label: entry.label, step: entry.step, figure: entry.figure.flatMap(Self.finite),
                sparsity: entry.sparsity, keptByLayer: entry.kept, fileBytes: entry.fileBytes,
                multiplyAdds: entry.multiplyAdds, latencySeconds: entry.latency?.seconds,
                latencyIsExact: entry.latency?.isExact, isUndone: !entry.isCurrent, isNow: entry.isLive,
                isOnFront: Dictionary(
                    uniqueKeysWithValues: Cost.allCases.map { ($0.title, scene.isOnFront(entry, entries, $0)) }))
        }
        runs = scene.drawnRuns.map {
            Run(
                name: $0.name, network: $0.network, data: $0.data,
                points: $0.points.filter { $0.figure.isFinite && $0.sparsity.isFinite })
        }
    }

    private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

    var json: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // Finite numbers and texts: there is nothing that an encoder refuses.
        return String(decoding: try! encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// A row an entry and a row a point of another run; what is not known is empty.
    var csv: String {
        let name = Files.name(of: run)
        var rows = [
            [
                "run", "event", "label", "step", figure, "sparsity", "file_bytes", "multiply_adds", "latency_seconds",
                "latency_is_exact", "undone", "front",
            ]
        ]
        func text(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "" }
        for entry in entries {
            let front = Cost.allCases.map(\.title).filter { entry.isOnFront[$0] == true }
            rows.append([
                name, "\(entry.event)", entry.label, "\(entry.step)", text(entry.figure), text(entry.sparsity),
                text(entry.fileBytes), text(entry.multiplyAdds), text(entry.latencySeconds),
                text(entry.latencyIsExact), "\(entry.isUndone)", front.joined(separator: " "),
            ])
        }
        for run in runs {
            for point in run.points {
                rows.append([
                    run.name, "", "", "\(point.step)", "\(point.figure)", "\(point.sparsity)", text(point.fileBytes),
                    text(point.multiplyAdds), "", "", "", "",
                ])
            }
        }
        return rows.map { $0.map(Self.field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// Reference: RFC 4180.
    private static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension Prompt.Subject {
    /// A name for two files.
    static var export: Prompt.Subject {
        Prompt.Subject(
            name: "export", prompt: " write to: ",
            note: { words, _ in
                "\(Export.base(words).visible).json and .csv: the history, its figures, the runs that are drawn"
            },
            accept: { words, _, scene in
                let base = Export.base(words)
                guard !base.isEmpty else { return ([], "type a name") }
                return ([.export(CompareView.export(base, scene))], nil)
            })
    }
}

extension CompareView {
    static let export = Verb(
        "export", .of("E"), "write the table as JSON and CSV; asks before it writes over a file", hint: "export",
        in: .compare, when: { $0.hasNetwork }
    ) { state, scene in
        let folder = scene.snapshot.runFolder
        state.prompt = .line(.export, LineEditor(folder.isEmpty ? "compare" : folder + "/compare"), nil)
        return []
    }.taking("name") { _, scene, words in ([.export(export(Export.base(words), scene))], nil) }

    static func export(_ base: String, _ scene: Scene) -> Export {
        let table = CompareTable(scene)
        return Export(files: [
            Export.File(path: base + ".json", text: table.json), Export.File(path: base + ".csv", text: table.csv),
        ])
    }
}
