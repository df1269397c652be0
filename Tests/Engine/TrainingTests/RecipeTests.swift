import Descriptors
import Foundation
import Graph
import Testing
import Training

@Suite struct RecipeTests {
    private static let samples = (DataSources.samples! as NSString).deletingLastPathComponent + "/recipes"

    @Test func everySampleIsARecipeAndComesBackEqual() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.samples).filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 7)
        for name in names {
            let recipe = try RecipeReader.read("\(Self.samples)/\(name)")
            #expect(recipe.name + ".yaml" == name)
            expectRoundTrip(recipe)
        }
        expectRoundTrip(try RecipeReader.read(Recipe.standard, file: "standard", name: "x"))
    }

    @Test(arguments: [
        "name: \"quoted: \\\"it's\\\" \\\\ # [x]\"", "name: 'yes'", "name: '12'", "data: \"a\\nb\\tc\"", "name: ~x",
        "name: ünï",
        "data: \"\\x01\\u2028\"", "name: R&D", "name: 'a & b * c'", "seed: 9007199254740993",
        "optimizer: {name: sgd, weight-decay: 0.00001, momentum: 0.1}", "audit: true", "floor: 88.25",
        "method: static-sparse\nschedule: {name: constant, final: 0.9}\ndistribution: {name: by-hand, layers: {fc1: 0.95, 'n o': 1e-3}}",
        "method: {name: proximal-l1, strength: 1e-300, end: 9}", "granularity: {name: neuron, norm: max}",
    ])
    func anythingComesBackEqual(_ lines: String) throws {
        expectRoundTrip(try RecipeReader.read("network: lenet-5\n\(lines)\n", file: "r", name: "r"))
    }

    @Test func defaultsAreWrittenOut() throws {
        let recipe = try RecipeReader.read("network: lenet-300-100", file: "r.yaml", name: "r")
        #expect(recipe.name == "r" && recipe.data == "fashion-mnist" && recipe.batch == 128 && recipe.seed == 1)
        #expect(
            recipe.optimizer.values == [
                "momentum": .number(0.9), "weight-decay": .number(0), "nesterov": .boolean(false),
            ])
        #expect(recipe.schedule == nil && recipe.floor == nil && !recipe.audits)
        #expect(recipe.yaml.contains("\nbatch: 128\n") && !recipe.yaml.contains("threads"))
    }

    // MARK: --set

    @Test func changesAreMadeBeforeAnythingIsChecked() throws {
        func read(_ changes: String...) throws -> Recipe {
            try RecipeReader.read("network: lenet-5\noptimizer: sgd\nbatch: 0", file: "r", name: "r", changes: changes)
        }
        let recipe = try read(
            "batch=32", "optimizer.momentum=0.5", "schedule.name=cubic", "schedule.final=.9", "schedule.end=100",
            "distribution={name: by-hand, layers: {fc1: 0.5}}", "data=digits")
        #expect(recipe.batch == 32 && recipe.data == "digits")
        #expect(
            recipe.optimizer
                == Recipe.Choice(
                    "sgd", ["momentum": .number(0.5), "weight-decay": .number(0), "nesterov": .boolean(false)]))
        #expect(recipe.schedule?.name == "cubic" && recipe.schedule?.values["final"] == .number(0.9))
        expect("r:3: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536") { try read() }
        expect("r, as changed by --set: 'batch' of 'recipe' is -4; accepted: a whole number from 1 to 65536") {
            try read("batch=-4")
        }
        expect("--set batch: expected key=value") { try read("batch") }
        for bad in ["batch=[", "batch={a: 1, a: 2}", "=3"] { #expect(throws: RecipeError.self) { try read(bad) } }
    }

    // MARK: Graphs

    @Test func aGraphIsWrittenNodeByNode() throws {
        let text = """
            data: digits
            validation: 237
            network:
              - {operator: flatten}
              - {name: a, operator: linear, outputs: 16}
              - {name: r, operator: relu}
              - {name: b, operator: linear, outputs: 16, input: r}
              - {name: sum, operator: add, input: [r, b]}
              - {name: out, operator: linear, outputs: 10}
            """
        let recipe = try RecipeReader.read(text, file: "r", name: "r")
        expectRoundTrip(recipe)
        let graph = try TrainingPlan(recipe).graph
        #expect(graph.nodes.map { $0.name } == ["flatten1", "a", "r", "b", "sum", "out"])
        #expect(graph.nodes[4].inputs == [2, 3] && graph.output.channels == 10)
        expect(
            "r:4: 'operator' is flaten; accepted: one of \(Operators.all.map { $0.descriptor.name }.joined(separator: ", "))"
        ) {
            try RecipeReader.read(
                text.replacingOccurrences(of: "operator: flatten", with: "operator: flaten"), file: "r", name: "r")
        }
        // What an operator checks among its parameters has a line, too.
        expect(
            "r:6: 'padding' of 'convolution' is 3; accepted: a whole number below the extent of the kernel, 3"
        ) {
            try RecipeReader.read(
                text.replacingOccurrences(
                    of: "operator: relu", with: "operator: convolution, channels: 2, kernel: 3, padding: 3"),
                file: "r", name: "r")
        }
        do {
            let bare = text.replacingOccurrences(of: "a, operator: linear, outputs: 16", with: "a, operator: linear")
            _ = try RecipeReader.read(bare, file: "r", name: "r")
            Issue.record("accepted")
        } catch { #expect("\(error)".hasPrefix("r:5: 'linear' needs 'outputs': a whole number from 1")) }
    }

    @Test func graphsThatCannotBeNameTheNode() throws {
        func graph(_ nodes: String) throws -> Recipe {
            try RecipeReader.read("data: digits\nvalidation: 237\nnetwork:\n\(nodes)", file: "r", name: "r")
        }
        let cases: [(String, GraphError)] = [
            (
                "  - {operator: linear, outputs: 10, input: nowhere}",
                .unknownInput(node: "linear1", input: "nowhere", known: ["input"])
            ),
            ("  - {name: a, operator: flatten}\n  - {name: a, operator: relu}", .duplicateName("a")),
            (
                "  - {name: a, operator: flatten}\n  - {name: b, operator: add, input: [a]}",
                .inputCount(node: "b", found: 1, expected: 2)
            ),
        ]
        for (nodes, expected) in cases {
            let recipe = try graph(nodes)
            #expect(throws: expected) { try TrainingPlan(recipe) }
        }
        let wide = try graph(
            "  - {operator: flatten}\n  - {name: c, operator: convolution, channels: 2, kernel: 9}\n  - {operator: relu}"
        )
        #expect(throws: GraphError.self) { try TrainingPlan(wide) }
        let unknown = try RecipeReader.read("network: lenet-6\ndata: digits\nvalidation: 237", file: "r", name: "r")
        #expect(throws: GraphError.self) { try TrainingPlan(unknown) }
    }

    @Test func aLayerThatADistributionNamesMustExist() throws {
        let recipe = try digits("distribution: {name: by-hand, layers: {fc9: 0.5}}")
        do {
            _ = try TrainingPlan(recipe)
            Issue.record("accepted")
        } catch { #expect("\(error)" == "no layer 'fc9'; the layers are fc1, fc2, fc3") }
    }

    private func expectRoundTrip(_ recipe: Recipe, sourceLocation: SourceLocation = #_sourceLocation) {
        do {
            let again = try RecipeReader.read(recipe.yaml, file: "again", name: "another")
            #expect(again == recipe, sourceLocation: sourceLocation)
            #expect(again.yaml == recipe.yaml, sourceLocation: sourceLocation)
        } catch { Issue.record("\(error)\n\(recipe.yaml)", sourceLocation: sourceLocation) }
    }
}

/// The message, to the letter.
func expect(_ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Recipe) {
    do {
        _ = try body()
        Issue.record("accepted; expected: \(message)", sourceLocation: sourceLocation)
    } catch { #expect("\(error)" == message, sourceLocation: sourceLocation) }
}
