import Foundation
import Testing

/// `sensitivity`, `search`, `front` and `controls` on a run of the embedded digits.
@Suite struct AnalysisCommandTests {
    private static let recipe = """
        network: mlp-64-24-16-10
        data: digits
        batch: 60
        epochs: 3
        optimizer: {name: sgd, momentum: 0.9}
        """

    private func trained(_ folder: TemporaryFolder, _ lines: String = "", _ options: [String] = []) throws -> String {
        try folder.write(Self.recipe + "\n" + lines, to: "r.yaml")
        let result = try Program.run(["train", folder("r.yaml"), "--run", folder("run"), "--threads", "1"] + options)
        #expect(result.code == 0, "\(result.errors)")
        return folder("run")
    }

    @Test func `A run keeps its sensitivity, and a recipe cuts by it`() throws {
        let folder = try TemporaryFolder()
        let run = try trained(folder)
        let result = try Program.run("sensitivity", run, "--levels", "0,0.5,0.9", "--threads", "2")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.lines[1].hasPrefix("layer") && result.lines.count == 8)
        let kept = try String(contentsOfFile: run + "/sensitivity.json", encoding: .utf8)
        #expect(kept.contains(#""format":"espalier-sensitivity-1""#) && kept.contains(#""microseconds":"#))
        let there = try Program.run("sensitivity", run, "--levels", "0", "--output", folder("r.yaml"))
        #expect(there.code == 65 && there.errors.contains("--force"), "\(there.errors)")
        // What was measured is seen even where it cannot be kept.
        try FileManager.default.moveItem(atPath: run + "/sensitivity.json", toPath: folder("kept.json"))
        try FileManager.default.createDirectory(atPath: run + "/sensitivity.json", withIntermediateDirectories: false)
        let unkept = try Program.run("sensitivity", run, "--levels", "0,0.5")
        #expect(unkept.code != 0 && unkept.errors.contains("sensitivity.json"), "\(unkept.errors)")
        #expect(unkept.lines.count == 8 && unkept.lines[1].hasPrefix("layer"), "\(unkept.output)")
        try FileManager.default.removeItem(atPath: run + "/sensitivity.json")
        try FileManager.default.moveItem(atPath: folder("kept.json"), toPath: run + "/sensitivity.json")
        let json = try Program.run("sensitivity", run, "--levels", "0,0.5,0.9", "--json")
        #expect(json.lines.count == 1 && json.lines[0].hasPrefix("{"))
        for (name, more) in [("sensitivity", ", budget: 2"), ("latency", "")] {
            let lines =
                "method: one-shot\nschedule: {name: one-shot, final: 0.6, at: 10}\n"
                + "distribution: {name: \(name), file: \(run)/sensitivity.json\(more)}"
            try folder.write(Self.recipe + "\n" + lines, to: "\(name).yaml")
            let cut = try Program.run(
                "train", folder("\(name).yaml"), "--run", folder(name), "--json", "--threads", "1")
            #expect(cut.code == 0, "\(cut.errors)")
            // The numbers stand in the run's recipe, and the file is not named there.
            let resolved = try String(contentsOfFile: folder(name) + "/recipe.yaml", encoding: .utf8)
            #expect(resolved.contains("fc1: ") && !resolved.contains("sensitivity.json"))
            #expect(!cut.lines.last!.contains(#""sparsity":0,"#))
        }
    }

    @Test func `The search prints its attempts and writes what it found`() throws {
        let folder = try TemporaryFolder()
        let run = try trained(folder)
        let found = folder("found.safetensors")
        let result = try Program.run(
            "search", run, "--floor", "40", "--tolerance", "0.05", "--steps", "20", "--output", found, "--threads", "1")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.lines.last!.hasPrefix("largest within the floor 40.0: "))
        let kept = try Program.run("evaluate", found)
        #expect(kept.code == 0 && kept.output.hasPrefix("validation "), "\(kept.errors)")
        let missed = try Program.run("search", run, "--floor", "100")
        #expect(missed.code != 0 && missed.errors.contains("misses the floor 100.0"))
    }

    @Test func `The front is a table, a chart and JSON`() throws {
        let folder = try TemporaryFolder()
        let run = try trained(folder)
        let one = try Program.run("front", run)
        #expect(one.code == 0, "\(one.errors)")
        #expect(one.lines[0].contains("mult-adds") && one.output.contains("cut 95 %") && one.output.contains("●"))
        let json = try Program.run("front", run, run, "--json", "--against", "bytes")
        #expect(json.lines.count == 2 && json.lines.allSatisfy { $0.contains(#""multiply_adds":2080"#) })
        // Figures of other samples do not stand beside these.
        let other = try Program.run(
            "train", folder("r.yaml"), "--set", "data.classes=11", "--set", "network=mlp-64-11", "--steps",
            "2", "--run", folder("other"))
        #expect(other.code == 0, "\(other.errors)")
        let both = try Program.run("front", run, folder("other"))
        #expect(both.code == 65 && both.errors.contains("other data"), "\(both.output)\(both.errors)")
        let controls = try Program.run("controls", run)
        #expect(controls.code != 0 && controls.errors.contains("no zeros"))
    }

    @Test func `Controls stand beside a sparse run, and the best is exported`() throws {
        let folder = try TemporaryFolder()
        let run = try trained(
            folder, "method: one-shot\nschedule: {name: one-shot, final: 0.8, at: 20}", ["--early-stop", "9"])
        let controls = try Program.run("controls", run, "--steps", "20", "--test", "--threads", "1")
        #expect(controls.code == 0, "\(controls.errors)")
        #expect(
            controls.lines.map { $0.components(separatedBy: "  ")[0] }
                == ["this network", "random mask", "own mask, new weights", "smaller dense"])
        let export = try Program.run("export", run, "--best", "--output", folder("best.onnx"))
        #expect(export.code == 0, "\(export.errors)")
        let narrow = try Program.run(
            "train", folder("r.yaml"), "--run", folder("narrow"), "--narrow", "0.2", "--set", "method=none", "--json",
            "--threads", "1")
        #expect(narrow.code == 0 && narrow.lines.last!.contains(#""event":"finished""#), "\(narrow.errors)")
    }
}
