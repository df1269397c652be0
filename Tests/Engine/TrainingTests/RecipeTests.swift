import Descriptors
import Foundation
import Graph
import Sparsity
import Testing
import Training

@Suite struct RecipeTests {
    private static let samples = (DataSources.samples! as NSString).deletingLastPathComponent + "/recipes"

    @Test func pointsAreReadAndWritten() throws {
        for points in ["[[0, 0.5], [100, 0.75], [2000, 0.9]]", "{2000: 0.9, 0: 0.5, 100: 0.75}"] {
            let recipe = try RecipeReader.read(
                "network: lenet-5\nmethod: gradual-magnitude\nschedule: {name: points, points: \(points)}",
                file: "r.yaml",
                name: "r")
            #expect(
                recipe.schedule?.values["points"]
                    == .points([
                        .init(step: 0, value: 0.5), .init(step: 100, value: 0.75), .init(step: 2000, value: 0.9),
                    ]))
            #expect(recipe.yaml.contains("points: [[0, 0.5], [100, 0.75], [2000, 0.9]]"))
            #expect(try RecipeReader.read(recipe.yaml, file: "r.yaml", name: "r") == recipe)
        }
        for points in ["[[0, 0.5], [0.5, 0.75]]", "[[0, a]]", "[[0]]", "[[0, 0.5], [0, 0.6]]", "[0, 0.5]"] {
            do {
                _ = try RecipeReader.read(
                    "network: lenet-5\nmethod: gradual-magnitude\nschedule: {name: points, points: \(points)}",
                    file: "r.yaml", name: "r")
                Issue.record("\(points)")
            } catch {
                #expect("\(error)".hasPrefix("r.yaml:3: 'points'") && "\(error)".contains("step"), "\(error)")
            }
        }
    }

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
            "distribution={name: by-hand, layers: {fc1: 0.5}}", "distribution.layers.block1.conv1=0.25", "data=digits")
        #expect(recipe.batch == 32 && recipe.data == "digits")
        #expect(
            recipe.optimizer
                == Recipe.Choice(
                    "sgd", ["momentum": .number(0.5), "weight-decay": .number(0), "nesterov": .boolean(false)]))
        #expect(recipe.distribution.values["layers"] == .numbersByName(["fc1": 0.5, "block1.conv1": 0.25]))
        #expect(recipe.schedule?.name == "cubic" && recipe.schedule?.values["final"] == .number(0.9))
        expect("r:3: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536") { try read() }
        expect("r, as changed by --set: 'batch' of 'recipe' is -4; accepted: a whole number from 1 to 65536") {
            try read("batch=-4")
        }
        expect("--set batch: expected key=value") { try read("batch") }
        for bad in ["batch=[", "batch={a: 1, a: 2}", "=3"] { #expect(throws: RecipeError.self) { try read(bad) } }
    }

    /// Where the recipe leaves a part to its default, its values can be set all the same.
    @Test func valuesOfPartsThatAreNotWrittenOutAreSet() throws {
        func read(_ changes: String..., in text: String = "network: lenet-5") throws -> Recipe {
            try RecipeReader.read(text, file: "r", name: "r", changes: changes)
        }
        #expect(try read("optimizer.momentum=0.8").optimizer.values["momentum"] == .number(0.8))
        let rate = try read("learning-rate.rate=0.25").learningRate
        #expect(rate.name == "cosine" && rate.values["rate"] == .number(0.25))
        #expect(try read("optimizer=adam", "optimizer.beta1=0.5").optimizer.name == "adam")
        #expect(try read("optimizer.momentum=0.8", "optimizer=adam").optimizer.name == "adam")
        #expect(
            try read("optimizer.momentum=0.8", in: "network: x\noptimizer: sgd").optimizer.values["momentum"]
                == .number(0.8))
        #expect(try read("granularity.name=block", "granularity.rows=2").granularity.values["rows"] == .integer(2))
        for part in Recipe.parts {
            guard let name = part.fallback, let descriptor = part.options.first(where: { $0.name == name }) else {
                continue
            }
            for parameter in descriptor.parameters {
                guard let value = parameter.fallback else { continue }
                let changed = try read("\(part.key).\(parameter.name)=\(value.description)")
                #expect(changed.choice(part.key)?.values[parameter.name] == value, "\(part.key).\(parameter.name)")
            }
        }
        // A schedule has no default, so its name must be said.
        let schedules = Schedules.all.map { $0.descriptor.name }.joined(separator: ", ")
        expect("r, as changed by --set: 'schedule' needs a name; accepted: one of \(schedules)") {
            try read("schedule.final=0.9")
        }
        expect("--set network.0=x: 'network' is a list; it can only be set as a whole") {
            try read("network.0=x", in: "network:\n- {operator: relu}")
        }
    }

    // MARK: Hostile text

    static let hostile = [
        "R &D", "&a", "*a", "a*b", "'", "\"", "it's \"so\"", "a: b", "a:b", ": a", "a #b", "#a", "# ", " a", "a ",
        "  a  b  ",
        "~", "~x", "null", "Null", "NULL", "yes", "no", "on", "off", "y", "n", "true", "false", "0x1F", "0o17", "017",
        "1e3", "1_000",
        "1:30", ".5", "5.", "-1", "+5", ".inf", "-.inf", ".nan", "NaN", "2001-01-01", "=", "<<", "-", "- a", "--",
        "---", "...", "? a",
        "[a]", "{a: 1}", "[", "{", "]", "}", ",", "a, b", "!", "!!int 3", "%YAML", "@a", "`a`", "|", ">", "|-", "\\",
        "\\n", "a\\",
        "\u{1F333}", "\u{1F468}\u{200D}\u{1F469}", "e\u{301}", "\u{2028}", "a\u{2029}b", "\u{FEFF}", "\u{FEFF}a",
        "\u{A0}", "\u{202E}",
        "\u{FFFE}", "\u{F0000}", "\u{E000}", "ünï", "$(touch x)", "a=b", "=a", String(repeating: "x", count: 200),
    ]
    static let hostilePaths =
        hostile + [
            "a\nb", "\n", "a\tb", "\t", "a\rb", "a\r\nb", "\u{1}", "a\u{1B}[2Jb", "\u{7F}", "\u{85}", "\u{9B}",
            "/d/R &D", "a/b c",
            String(repeating: "long ", count: 3000),
        ]

    /// Whatever is written is read back, to the byte: as name, as data, as the names of nodes and layers, and by `--set`.
    @Test func whateverIsWrittenIsReadBack() throws {
        for (number, text) in Self.hostilePaths.enumerated() {
            let isName = number < Self.hostile.count
            var changes = ["data=\(text)"]
            if isName { changes.append("name=\(text)") }
            // A value in quotes at both ends is read as quoted, as a shell's user expects.
            var recipe = try RecipeReader.read("network: lenet-5", file: "r", name: "r", changes: changes)
            #expect(Array(recipe.data.utf8) == Array(text.utf8), "data=\(text.debugDescription)")
            if isName { #expect(Array(recipe.name.utf8) == Array(text.utf8), "name=\(text.debugDescription)") }
            recipe.network = .nodes([
                Recipe.NodeChoice(name: "a", inputs: [], op: Recipe.Choice("flatten")),
                Recipe.NodeChoice(name: text, inputs: ["a"], op: Recipe.Choice("linear", ["outputs": .integer(10)])),
                Recipe.NodeChoice(name: "c", inputs: [text], op: Recipe.Choice("relu")),
            ])
            recipe.choose("distribution", Recipe.Choice("by-hand", ["layers": .numbersByName([text: 0.5])]))
            expectRoundTrip(recipe)
            let again = try RecipeReader.read(recipe.yaml, file: "again", name: "again")
            #expect(Array(again.data.utf8) == Array(text.utf8))
            guard case .nodes(let nodes) = again.network, nodes.count == 3 else {
                Issue.record("no nodes")
                continue
            }
            #expect(Array(nodes[1].name.utf8) == Array(text.utf8) && Array(nodes[2].inputs[0].utf8) == Array(text.utf8))
        }
        #expect(try RecipeReader.read("network: x", file: "r", name: "r", changes: ["name='a b'"]).name == "a b")
    }

    // MARK: Numbers

    /// A word of a stranger may be long; it is looked at once from its start to its end.
    @Test func longWordsTakeNoTime() throws {
        let count = 100_000
        func long(_ text: String) -> String { String(repeating: text, count: count / text.utf8.count) }
        let start = ContinuousClock.now
        for word in [
            long("0") + "x", long("1:") + "x", long("00:") + "x", "0x" + long("f") + "g", "0b" + long("1") + "2",
            "-0o" + long("7") + "8", long("1_") + "x", "1." + long("0") + "x", "1e" + long("0") + "x",
            "0" + long("1") + ".1x", "0:" + long("1"), long("1:1."),
        ] {
            #expect(PlainNumber(word) == .text, "\(word.prefix(8))")
            #expect(try RecipeReader.read("network: x\nname: a\ndata: \(word)", file: "r", name: "r").data == word)
        }
        #expect(PlainNumber(long("0") + "1") == .ambiguous("1"))
        #expect(PlainNumber(long("1:") + "1") == .ambiguous("a decimal number"))
        #expect(PlainNumber("0" + long("1")) == .ambiguous("a decimal number"))
        #expect(PlainNumber(long("1_") + "1") == .ambiguous("a decimal number"))
        #expect(PlainNumber("0b" + long("1")) == .ambiguous("a decimal number"))
        do {
            _ = try RecipeReader.read("network: x\nbatch: \(long("x"))", file: "r", name: "r")
            Issue.record("accepted")
        } catch { #expect("\(error)".utf8.count < 400) }
        // Trying every way to part one of them took minutes.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test(arguments: [
        ("0", 0), ("7", 7), ("+5", 5), ("0x1F", 31), ("0o17", 15), ("65536", 65536),
    ])
    func wholeNumbersAreThoseOfYAML(_ text: String, _ value: Int) throws {
        #expect(PlainNumber(text) == .integer(value))
        let recipe = try RecipeReader.read(
            "network: x\nseed: \(text)", file: "r", name: "r", changes: ["stop-after=\(text)"])
        #expect(recipe.settings["seed"] == .integer(value) && recipe.settings["stop-after"] == .integer(value))
    }

    @Test(arguments: [
        (".5", 0.5), ("5.", 5), ("0.5", 0.5), ("1e1", 10), ("1e-05", 1e-5), ("1.0e-05", 1e-5), ("+.5e+1", 5),
        ("88.25", 88.25),
    ])
    func numbersAreThoseOfYAML(_ text: String, _ value: Double) throws {
        #expect(PlainNumber(text) == .number(value))
        let recipe = try RecipeReader.read("network: x\nfloor: \(text)", file: "r", name: "r")
        #expect(recipe.number("floor") == value)
    }

    @Test(arguments: [
        ("0100", "100, or 0o100 for the octal 64"), ("010", "10, or 0o10 for the octal 8"), ("08", "8"), ("00", "0"),
        ("-010", "-10"),
        ("1:30", "90 if 1:30 is in sixties"), ("1:30:00.5", "5400.5 if 1:30:00.5 is in sixties"), ("1_000", "1000"),
        ("0_0", "0"),
        ("1_0.5", "10.5"), ("0b101", "5"), ("-0x10", "-16"), ("+0o17", "15"), ("0x1_F", "0x1F"), ("01.5", "1.5"),
        ("00.5", "0.5"),
    ])
    func ambiguousNumbersAreRefusedWithWhatToWrite(_ text: String, _ instead: String) {
        #expect(PlainNumber(text) == .ambiguous(instead))
        expect("r:2: 'epochs' is \(text); write \(instead)") {
            try RecipeReader.read("network: x\nepochs: \(text)", file: "r", name: "r")
        }
        expect("r, as changed by --set: 'epochs' is \(text); write \(instead)") {
            try RecipeReader.read("network: x", file: "r", name: "r", changes: ["epochs=\(text)"])
        }
    }

    @Test(arguments: [
        (
            "epochs: \"10\"",
            "'epochs' of 'recipe' is the text \"10\"; accepted: a whole number from 1 to 100000, without quotes"
        ),
        (
            "floor: '5.5'",
            "'floor' of 'recipe' is the text \"5.5\"; accepted: a number, 0.0 or more, without quotes"
        ),
        (
            "epochs: !!str 10",
            "'epochs' of 'recipe' is the text \"10\"; accepted: a whole number from 1 to 100000, without quotes"
        ),
        ("audit: \"true\"", "'audit' of 'recipe' is the text \"true\"; accepted: true or false, without quotes"),
        ("audit: yes", "'audit' of 'recipe' is yes; accepted: true or false"),
        ("audit: on", "'audit' of 'recipe' is on; accepted: true or false"),
        ("epochs: .inf", "'epochs' of 'recipe' is inf; accepted: a whole number from 1 to 100000"),
        ("epochs: 2001-01-01", "'epochs' of 'recipe' is 2001-01-01; accepted: a whole number from 1 to 100000"),
        ("epochs: 1,5", "'epochs' of 'recipe' is 1,5; accepted: a whole number from 1 to 100000"),
        ("epochs:", "'epochs' of 'recipe' is empty; accepted: a whole number from 1 to 100000"),
        ("epochs: ~", "'epochs' of 'recipe' is empty; accepted: a whole number from 1 to 100000"),
        ("seed: -1", "'seed' of 'recipe' is -1; accepted: a whole number, 0 or more"),
        (
            "seed: 9223372036854775808",
            "'seed' of 'recipe' is 9223372036854775808; accepted: a whole number from 0 to 9223372036854775807"
        ),
        (
            "method: {name: proximal-l1, strength: .inf, end: 9}",
            "'strength' of 'proximal-l1' is inf; accepted: a number, 0.0 or more"
        ),
        ("epochs: !!int 10", "tags ('tag:yaml.org,2002:int') are not accepted"),
    ])
    func whatIsNoNumberIsTold(_ line: String, _ message: String) {
        expect("r:2: \(message)") { try RecipeReader.read("network: x\n\(line)", file: "r", name: "r") }
    }

    /// By readers of YAML 1.1, too, a number has a point and its exponent a sign.
    @Test func numbersAreWrittenSoThatEveryReaderTakesThemForNumbers() throws {
        let form = /[\-+]?([0-9][0-9_]*)?\.[0-9]*([eE][\-+][0-9]+)?/
        for value in [1e-5, 1.5e-7, 5e-324, 1e-300, 0.1, 1, 0.05, 3e-05] {
            var recipe = try RecipeReader.read(
                "network: x\nmethod: {name: proximal-l1, strength: 1, end: 9}", file: "r", name: "r")
            recipe.set("strength", of: "method", to: .number(value))
            recipe.choose("distribution", Recipe.Choice("by-hand", ["layers": .numbersByName(["a": min(value, 0.5)])]))
            expectRoundTrip(recipe)
            let written = try #require(recipe.yaml.firstMatch(of: /strength: ([^,}]+)/)).1
            #expect(written.wholeMatch(of: form) != nil, "\(written)")
            let layer = try #require(recipe.yaml.firstMatch(of: /layers: \{a: ([^,}]+)\}/)).1
            #expect(layer.wholeMatch(of: form) != nil, "\(layer)")
        }
        #expect(
            try RecipeReader.read("network: x\nretrain-rate: 1e-05", file: "r", name: "r").yaml.contains(
                "retrain-rate: 1.0e-05\n"))
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
            "r:4: 'operator' is flaten; accepted: one of "
                + Operators.all.map { $0.descriptor.name }.joined(separator: ", ") + "; did you mean 'flatten'?"
        ) {
            try RecipeReader.read(
                text.replacingOccurrences(of: "operator: flatten", with: "operator: flaten"), file: "r", name: "r")
        }
        // What an operator checks among its parameters has a line, too.
        expect(
            "r:6: 'padding' of 'convolution' is [1, 2, 3]; accepted: one number, two (left and right of a line) or four (top, left, bottom and right)"
        ) {
            try RecipeReader.read(
                text.replacingOccurrences(
                    of: "operator: relu", with: "operator: convolution, channels: 2, kernel: 3, padding: [1, 2, 3]"),
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
                .inputCount(node: "b", found: 1, expected: 2...2)
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
