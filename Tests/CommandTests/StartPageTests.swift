import Foundation
import Terminal
import Testing

/// The page that opens where nothing was named, in the real program.
@Suite struct StartPageTests {
    private func made(in folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            !["script", "before", "after", "pid"].contains($0)
        }.sorted()
    }

    @Test(arguments: ["q", "\u{1B}"]) func leavingMakesNothing(key: String) throws {
        let desk = try Desk([], run: nil)
        try desk.terminal.wait(for: "what to open")
        try desk.terminal.wait(for: "LeNet-300-100, dense")
        desk.terminal.send(key)
        #expect(try desk.ended() == 0)
        #expect(try made(in: desk.folder) == [])
    }

    @Test func aSignalEndsIt() throws {
        let desk = try Desk([], run: nil)
        try desk.terminal.wait(for: "what to open")
        kill(desk.program, SIGTERM)
        #expect(try desk.ended() == 128 + SIGTERM)
        #expect(try made(in: desk.folder) == [])
    }

    @Test func aRecipeIsFoundByItsLettersAndBegun() throws {
        let desk = try Desk(["--set", "epochs=90000", "--set", "method=none", "--threads", "1"], run: nil)
        try desk.terminal.wait(for: "what to open")
        desk.terminal.send("digits nothing")
        try desk.terminal.wait(for: "▸ digits")
        desk.terminal.send("\r")
        try desk.waitForTraining()
        #expect(try desk.leave() == 0)
        #expect(try made(in: desk.folder) == ["runs"])
        // Now there is a run, and it stands first.
        let again = try Desk([], in: desk.folder, run: nil)
        try again.terminal.wait(for: "▸ runs/digits-1")
        again.terminal.send("\r")
        try again.waitForTraining()
        #expect(try again.leave() == 0)
    }

    @Test func dataGetsANetwork() throws {
        let folder = try TemporaryFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: Program.repository + "/Samples/data")
        where name.hasPrefix("digits-") {
            try FileManager.default.createDirectory(atPath: folder("own"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: Program.repository + "/Samples/data/" + name, toPath: folder("own/" + name.dropFirst(7)))
        }
        let desk = try Desk(["--threads", "1", "--set", "epochs=90000"], in: folder, run: nil)
        try desk.terminal.wait(for: "what to open")
        desk.terminal.send("own IDX")
        try desk.terminal.wait(for: "▸ own")
        desk.terminal.send("\r")
        try desk.terminal.wait(for: "a network for own")
        desk.terminal.send("\r")
        try desk.waitForTraining()
        #expect(try desk.leave() == 0)
        #expect(FileManager.default.fileExists(atPath: folder("runs/lenet-300-100-1/recipe.yaml")))
    }

    /// What is wrong is said on the page, and nothing is left of the attempt.
    @Test func badModelsAndDataAreSaidOnThePage() throws {
        let folder = try TemporaryFolder()
        try folder.write("\u{8}\u{8}no model at all", to: "bad.onnx")
        try folder.write("network: lenet-5\nbatch: -1\n", to: "bad.yaml")
        try folder.write("network: lenet-5\ndata: gone\n", to: "gone.yaml")
        let desk = try Desk([], width: 200, in: folder, run: nil)
        try desk.terminal.wait(for: "what to open")
        for (typed, words) in [
            ("bad.yaml", "'batch' of 'recipe' is -1"), ("gone.yaml", "no data set 'gone'"),
            ("./none.yaml", "none.yaml"),
        ] {
            desk.terminal.send(typed)
            try desk.terminal.wait(for: "▸ \(typed)")
            desk.terminal.send("\r")
            try desk.terminal.wait(for: "✗ ") { $0.rows.contains { $0.contains("✗") && $0.contains(words) } }
            try desk.escape(until: "all entries") { $0.text.contains("↑↓ choose") }
        }
        desk.terminal.send("bad.onnx")
        try desk.terminal.wait(for: "▸ bad.onnx")
        desk.terminal.send("\r")
        try desk.terminal.wait(for: "data for bad.onnx")
        desk.terminal.send("hand")
        try desk.terminal.wait(for: "▸ digits")
        desk.terminal.send("\r")
        try desk.terminal.wait(for: "✗ ") { $0.rows.contains { $0.contains("✗") && $0.contains("bad.onnx") } }
        #expect(try made(in: folder).filter { $0 != "runs" } == ["bad.onnx", "bad.yaml", "gone.yaml"])
        #expect((try? FileManager.default.contentsOfDirectory(atPath: folder("runs")))?.isEmpty != false)
        kill(desk.program, SIGINT)
        #expect(try desk.ended() == 128 + SIGINT)
    }

    @Test func aModelWithoutDataAsksForIt() throws {
        let folder = try TemporaryFolder()
        try folder.write("\u{8}\u{8}no model at all", to: "m.onnx")
        let desk = try Desk(["m.onnx"], in: folder, run: nil)
        try desk.terminal.wait(for: "data for m.onnx")
        desk.terminal.send("q")
        #expect(try desk.ended() == 0)
        let told = try Desk(["m.onnx", "--data", "digits"], width: 200, in: folder, run: nil)
        #expect(try told.ended() == 65)
        #expect(told.picture.text.contains("m.onnx"))
        #expect(try made(in: folder).filter { $0 != "runs" } == ["m.onnx"])
    }
}
