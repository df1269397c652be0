import Foundation
import Testing

/// `Benchmarks/accuracy/table.py` in its quick form: a few cells on the embedded digits.
@Suite struct AccuracyTableTests {
    private func make(_ folder: TemporaryFolder, _ arguments: [String] = []) throws -> Program.Result {
        let python = ProcessInfo.processInfo.environment["ESPALIER_TEST_PYTHON"] ?? "/usr/bin/python3"
        return try Program.run(
            [
                Program.repository + "/Benchmarks/accuracy/table.py", "--quick", "--program", Program.path, "--results",
                folder("results.jsonl"), "--write", folder("Accuracy.md"),
            ] + arguments, environment: ["PYTHONDONTWRITEBYTECODE": "1"], program: python)
    }

    @Test func `The table is made, and made again from what there is`() throws {
        let folder = try TemporaryFolder()
        let first = try make(folder)
        #expect(first.code == 0, "\(first.errors)")
        let page = try String(contentsOfFile: folder("Accuracy.md"), encoding: .utf8)
        let results = try String(contentsOfFile: folder("results.jsonl"), encoding: .utf8)
        let lines = results.split(separator: "\n")
        // Two seeds of: dense, and at two sparsities gradual, random mask and small dense; of L1 a sweep too.
        #expect(lines.count { $0.contains(#""method": "gradual""#) } == 4)
        #expect(lines.count { $0.contains(#""method": "dense""#) } == 2)
        #expect(lines.count { $0.contains(#""sweep""#) } == 7)
        // And of both dense networks two cuts, whose losses the page has.
        #expect(lines.count { $0.contains(#""cut""#) } == 4)
        let cut = try #require(page.split(separator: "\n").first { $0.hasPrefix("| mlp-64-24-16-10 | ALPS |") })
        #expect(cut.contains(" ± ") && !cut.contains("–"))
        #expect(page.contains("| method | 50 % | 90 % |"))
        let gradual = try #require(page.split(separator: "\n").first { $0.hasPrefix("| gradual |") })
        #expect(gradual.contains(" ± ") && !gradual.contains("–"))
        // Nothing is trained twice; half a line of a run that was stopped is no result.
        try Data((results + #"{"key": "#).utf8).write(to: URL(fileURLWithPath: folder("results.jsonl")))
        let again = try make(folder, ["--table"])
        #expect(again.code == 0 && !again.errors.contains("accuracy: mlp"), "\(again.errors)")
        #expect(try String(contentsOfFile: folder("Accuracy.md"), encoding: .utf8) == page)
    }

    @Test func `What was not run is said`() throws {
        let folder = try TemporaryFolder()
        let result = try make(folder, ["--methods", "dense"])
        #expect(result.code == 0, "\(result.errors)")
        let page = try String(contentsOfFile: folder("Accuracy.md"), encoding: .utf8)
        #expect(page.contains("**Partial: 2 of 18 runs are made; 1 of 9 cells have all 2 seeds.**"))
        #expect(page.contains("| gradual | – | – |"))
    }
}
