import Foundation
import Testing

@Suite struct DataCommandTests {
    @Test func `A data set is told with its classes, channels and the recipe's line`() throws {
        let named = try Program.run("data", "digits")
        #expect(named.code == 0, "\(named.errors)")
        #expect(named.lines.first == "digits: idx, 1437 training and 360 test samples")
        #expect(named.output.contains("inputs     1×8×8 uint8") && named.output.contains("targets    10 classes"))
        #expect(named.lines.last == "recipe: data: digits")

        let folder = try TemporaryFolder()
        let rows = (0..<40).map { "\($0),\($0 % 7),\(["low", "high", "mid"][$0 % 3])" }
        try folder.write("a,b,kind\n" + rows.joined(separator: "\n"), to: "t.csv")
        let asked = try Program.run("data", folder("t.csv"))
        #expect(asked.code == 65 && asked.errors.contains("'target:'"), "\(asked.errors)")
        let table = try Program.run("data", folder("t.csv"), "--set", "target=kind", "--set", "test=0.25")
        #expect(table.code == 0, "\(table.errors)")
        #expect(table.output.contains("csv, 30 training and 10 test samples"), "\(table.output)")
        #expect(table.output.contains("note: there is no test part: 10 of 40 samples are set apart"))
        #expect(table.lines.last?.contains("target: kind, test: 0.25}") == true)
        let json = try Program.run("data", folder("t.csv"), "--set", "target=kind", "--json")
        #expect(json.code == 0 && json.lines.count == 1)
        #expect(json.output.contains("\"classes\":[\"high\",\"low\",\"mid\"]"), "\(json.output)")
        #expect(json.output.contains("\"shape\":\"2\"") && json.output.contains("\"train\":36"))
        // The line is one that trains.
        let line = try #require(table.lines.last).dropFirst("recipe: ".count)
        try folder.write("network: mlp-2-8-3\n\(line)\nepochs: 2\nbatch: 8\n", to: "net.yaml")
        let trained = try Program.run("train", folder("net.yaml"), "--run", folder("run"))
        #expect(trained.code == 0, "\(trained.errors)")
        #expect(try Program.run("evaluate", folder("run"), "--on", "test").code == 0)
        #expect(try Program.run("evaluate", folder("run/final.safetensors")).code == 0)
    }

    @Test(arguments: ["", "PK\u{3}\u{4}", "hello", "\u{0}\u{0}"])
    func `What is no data is one sentence`(content: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(content, to: "x.bin")
        let result = try Program.run("data", folder("x.bin"))
        #expect(result.code == 65 && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.errors.contains(folder("x.bin")) && result.errors.contains("expected"), "\(result.errors)")
        #expect(try Program.run("data", folder("nothing")).code == 65)
        let wrong = try Program.run("data", "digits", "--set", "layout=hwc")
        #expect(wrong.code == 65 && wrong.errors.contains("accepted: one of auto, nchw"), "\(wrong.errors)")
    }
}
