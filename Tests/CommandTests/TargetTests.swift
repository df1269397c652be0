import Foundation
import Testing

/// What a recipe asks of its masks and its result, as a script sees whether it came to it.
@Suite struct TargetTests {
    private static let head = "data: digits\nvalidation: 237\nbatch: 60\nepochs: 3\nvalidate-every: 10\n"

    private static func train(
        _ recipe: String, _ folder: TemporaryFolder, _ options: String...
    ) throws -> Program.Result {
        try folder.write(recipe, to: "recipe.yaml")
        return try Program.run(["train", folder("recipe.yaml"), "--run", folder("run")] + options)
    }
    private static func warnings(_ result: Program.Result) -> [String] {
        result.errors.split(separator: "\n").map(String.init)
    }

    @Test func `A missed floor is the last that is said, and in the last line`() throws {
        let recipe =
            Self.head + "network: mlp-64-24-16-10\nfloor: 99.9\nmethod: gradual-magnitude\n"
            + "schedule: {name: linear, final: 0.8, begin: 10, end: 50, every: 10}\n"
        for isJSON in [false, true] {
            let folder = try TemporaryFolder()
            let result = try Self.train(recipe, folder, isJSON ? "--json" : "--threads=1")
            #expect(result.code == 0)
            let last = try #require(Self.warnings(result).last)
            #expect(last.hasPrefix("espalier: the result misses its floor: validation "), "\(result.errors)")
            guard isJSON else { continue }
            #expect(try #require(result.lines.last).contains(#""floor":"missed""#))
            #expect(result.lines.dropLast().allSatisfy { !$0.contains("floor\"") })
        }
        let folder = try TemporaryFolder()
        let met = try Self.train(recipe.replacingOccurrences(of: "99.9", with: "1"), folder, "--json")
        #expect(try #require(met.lines.last).contains(#""floor":"met""#))
        #expect(!met.errors.contains("misses its floor"))
    }

    @Test func `A schedule beyond the run is said at the start, with both numbers`() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run("train", "digits", "--run", folder("run"), "--steps", "500")
        let first = try #require(Self.warnings(result).first)
        #expect(
            first.hasPrefix("espalier: step 0: the schedule ends at step 1000 and the run at 500"), "\(result.errors)")
    }

    @Test func `What can never be cut is refused before anything is made, with its line`() throws {
        let lines = [
            ("granularity: layer\n", 6, "granularity 'layer' can cut nothing"),
            ("granularity: neuron\ndistribution: {name: by-hand, layers: {fc3: 0.5}}\n", 7, "layer 'fc3'"),
        ]
        for (part, line, says) in lines {
            let folder = try TemporaryFolder()
            let result = try Self.train(
                Self.head + part + "network: mlp-64-24-16-10\nmethod: one-shot\n"
                    + "schedule: {name: one-shot, final: 0.5, at: 40}\n", folder)
            #expect(result.code == 65, "\(result.errors)")
            #expect(result.errors.hasPrefix("espalier: \(folder("recipe.yaml")):\(line): "), "\(result.errors)")
            #expect(result.errors.contains(says) && !folder.exists("run"), "\(result.errors)")
        }
    }

    @Test func `Batch norm over one value is refused before anything is made`() throws {
        let network =
            "network: [{operator: flatten}, {operator: linear, outputs: 16}, {name: bn, operator: batch-norm}, "
            + "{operator: linear, outputs: 10}]\n"
        let folder = try TemporaryFolder()
        let result = try Self.train(
            Self.head.replacingOccurrences(of: "batch: 60", with: "batch: 1") + network, folder)
        #expect(result.code == 65)
        #expect(result.errors.contains("node 'bn'") && result.errors.contains("one value a channel"))
        #expect(!folder.exists("run"))
    }
}
