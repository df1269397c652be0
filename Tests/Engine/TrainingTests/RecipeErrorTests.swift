import Foundation
import Graph
import Sparsity
import Testing
import Training

private let schedules = Schedules.all.map { $0.descriptor.name }.joined(separator: ", ")

/// A recipe with an error names the file, the line, the value and what is accepted.
@Suite struct RecipeErrorTests {
    @Test(arguments: [
        ("network: x\n\nepochs: 0", "r:3: 'epochs' of 'recipe' is 0; accepted: a whole number from 1 to 100000"),
        ("network: x\nbatch: many", "r:2: 'batch' of 'recipe' is many; accepted: a whole number from 1 to 65536"),
        ("network: x\nbatch: 1.5", "r:2: 'batch' of 'recipe' is 1.5; accepted: a whole number from 1 to 65536"),
        ("network: x\nfloor: .nan", "r:2: 'floor' of 'recipe' is nan; accepted: a number, 0.0 or more"),
        ("network: x\naudit: 3", "r:2: 'audit' of 'recipe' is 3; accepted: true or false"),
        ("network: x\noptimizer: adamant", "r:2: 'optimizer' is adamant; accepted: one of sgd, adam"),
        (
            "network: x\noptimizer:\n  name: sgd\n  momentun: 0.9",
            "r:4: 'sgd' has no 'momentun'; accepted: momentum, weight-decay, nesterov; did you mean 'momentum'?"
        ),
        (
            "network: x\noptimizer: {name: sgd,\n  momentum: 1.5}",
            "r:3: 'momentum' of 'sgd' is 1.5; accepted: a number from 0.0 to 0.9999"
        ),
        (
            "network: x\nmethod: gradual-magnitude\nschedule: {name: cubic, final: 0.9,\n  begin: 50,\n  end: 50}",
            "r:5: 'end' of 'cubic' is 50; accepted: more than begin (50)"
        ),
        (
            "network: x\nmethod: gradual-magnitude",
            "r:2: 'method gradual-magnitude' needs 'schedule': one of \(schedules)"
        ),
        (
            "network: x\nloss:\n  - a",
            "r:3: 'loss' needs a name; accepted: one of softmax-cross-entropy, binary-cross-entropy, mean-squared-error, mean-absolute-error"
        ),
        ("network: {a: 1}", "r:1: 'network' must be a name, a list of nodes, or have a 'file'"),
        ("network:\n  - relu", "r:2: a node needs 'operator'"),
        ("network: x\nname: ''", "r:2: 'name' must be text"),
        (
            "network: x\nname: ../up",
            "r:2: 'name' is \"../up\"; accepted: a folder's name, up to 200 bytes without '/' and control characters"
        ),
        (
            "network: x\nname: \"a\\tb\"",
            "r:2: 'name' is \"a\tb\"; accepted: a folder's name, up to 200 bytes without '/' and control characters"
        ),
        ("network:\n- {operator: relu, name: [a]}", "r:2: 'name' must be text"),
        ("network:\n- {operator: relu, input: {a: 1}}", "r:2: 'input' must be the name of a node"),
        ("seed: 1\nnetwork: x\nbatch: 4\nepochs: 3\nbatch: 5", "r:3: not YAML: the key batch stands twice"),
        ("- network", "r:1: expected a mapping of keys, as 'network: lenet-300-100'"),
        ("", "r:1: expected a mapping of keys, as 'network: lenet-300-100'"),
    ])
    func messagesAreLiteral(_ text: String, _ message: String) {
        expect(message) { try RecipeReader.read(text, file: "r", name: "r") }
    }

    @Test func aMissingNetworkNamesThoseThereAre() {
        let names = NamedNetworks.all.map { $0.descriptor.name }.joined(separator: ", ")
        expect("r:1: 'network' is missing; accepted: \(names), or a list of nodes") {
            try RecipeReader.read("data: digits", file: "r", name: "r")
        }
    }

    @Test func anUnknownKeyNamesItsLineAndAllThatAreAccepted() {
        do {
            _ = try RecipeReader.read("# a comment\nnetwork: lenet-5\n\nepoch: 3\n", file: "runs/a.yaml", name: "a")
            Issue.record("accepted")
        } catch {
            let text = "\(error)"
            #expect(text.hasPrefix("runs/a.yaml:4: no key 'epoch'; accepted: name, network, data, optimizer"))
            #expect(text.contains("epochs") && text.contains("distribution"))
        }
    }

    @Test(arguments: [
        "network: [", "network: \"x", "network: x\n  y: z: w", "\tnetwork: x", "network: x\n---\nnetwork: y",
        "network: \u{1}",
        "? [a, b]\n: 1", "%YAML 9.9\n--- x", "network: !!int x\nbatch: {{}}",
    ])
    func whatIsNotYAMLIsOneError(_ text: String) {
        #expect(throws: RecipeError.self) { try RecipeReader.read(text, file: "r", name: "r") }
    }

    @Test func aDeepNestIsAnError() {
        for open in ["[", "{a: ", "- "] {
            let text = "network: x\nname: " + (open == "- " ? "\n " : "") + String(repeating: open, count: 50_000)
            #expect(throws: RecipeError.self) { try RecipeReader.read(text, file: "r", name: "r") }
        }
    }

    /// Nine levels of nine: composed it is small, walked it is 400 million nodes. Hidden in every way that YAML has.
    @Test(arguments: [
        "\n", "\r\n", "\r", "\u{2028}", "\u{85}",
    ])
    func anAliasBombIsRefusedBeforeItIsComposed(_ lineBreak: String) {
        let bomb =
            "a: &a [x, x]\n"
            + zip("bcdefghi", "abcdefgh").map { "\($0): &\($0) [*\($1), *\($1), *\($1), *\($1), *\($1), *\($1)]" }
            .joined(separator: "\n") + "\n? *i\n: 1\nnetwork: x"
        let covers = [
            "", "# don't\n", "name: it's\n", "name: \"x\n  y\"\n", "name: 'x # \"'\n", "z: {s: \"p\n # q\", n: 1}\n",
            "name: |\n  'open\n",
        ]
        for cover in covers {
            let text = (cover + bomb).replacingOccurrences(of: "\n", with: lineBreak)
            do {
                _ = try RecipeReader.read(text, file: "r", name: "r")
                Issue.record("accepted")
            } catch { #expect("\(error)".hasSuffix("anchors and aliases ('&') are not accepted"), "\(error)") }
        }
        expect("r:2: anchors and aliases ('*') are not accepted") {
            try RecipeReader.read("data: digits\nnetwork: *it", file: "r", name: "r")
        }
        expect("r:2: anchors and aliases ('&') are not accepted") {
            try RecipeReader.read("z: {s: \"a\n # b\", y: &y [1], network: x}", file: "r", name: "r")
        }
    }

    /// The line is that of the key or node the error speaks of, whatever stands before it and however the text is laid out.
    @Test(arguments: [
        // A parameter that two parts have.
        (
            "network: x\nmethod: {name: proximal-l1, strength: 1, begin: 3, end: 9}\nschedule:\n  name: cubic\n  final: 0.9\n  begin: 50\n  end: 40",
            "r:7: 'end' of 'cubic' is 40; accepted: more than begin (50)"
        ),
        (
            "schedule: {name: cubic, final: 0.9, end: 5}\nnetwork: x\nmethod: {name: proximal-l1, strength: 1,\n begin: 9, end: 9}",
            "r:4: 'end' of 'proximal-l1' is 9; accepted: more than begin (9)"
        ),
        (
            "network: x\n\nschedule:\n  name: cubic\n  final: 0.9",
            "r:4: 'cubic' needs 'end': a whole number, 0 or more"
        ),
        ("{network: x,\n batch: 0}", "r:2: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536"),
        ("network: x\r\n\r\nbatch: 0\r\n", "r:3: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536"),
        ("   network: x\n   batch: 0", "r:2: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536"),
        (
            "network: x\ndistribution:\n  name: by-hand\n  layers:\n    fc1: 0.5\n    fc2: much",
            "r:6: 'fc2' of 'layers': expected a number"
        ),
        // One number of many.
        (
            "network: x\ndistribution:\n  name: by-hand\n  layers:\n    fc1: 0.5\n    fc2: 1.5\n    fc3: 2",
            "r:6: 'fc2' of 'layers' is 1.5; accepted: a number from 0.0 to 0.9999"
        ),
        // A key stands where it stands, a value where that does.
        (
            "network: x\noptimizer:\n  name: sgd\n  momentun:\n    0.9",
            "r:4: 'sgd' has no 'momentun'; accepted: momentum, weight-decay, nesterov; did you mean 'momentum'?"
        ),
        (
            "network: x\nbatch:\n  0",
            "r:3: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536"
        ),
        (
            "network: x\nbatch:\n  - 1\n  - 2",
            "r:2: 'batch' of 'recipe' is [1, 2]; accepted: a whole number from 1 to 65536"
        ),
        ("network: x\nbatch: [1, a]", "r:2: 'batch': expected numbers alone or words alone"),
        ("network: x\ndata:\n  - a", "r:2: 'data' must be text"),
        ("batch: 1\nnetwork:\n  a: 1", "r:2: 'network' must be a name, a list of nodes, or have a 'file'"),
        // Nothing, in YAML's words for it.
        ("network: x\ndata: ~", "r:2: 'data' is empty; accepted: text, in quotes where it reads as nothing"),
        ("network: x\nname: null", "r:2: 'name' is empty; accepted: text, in quotes where it reads as nothing"),
        ("network:\nbatch: 1", "r:1: 'network' is empty; accepted: a name or a list of nodes"),
        ("network: x\nbatch: ~", "r:2: 'batch' of 'recipe' is empty; accepted: a whole number from 1 to 65536"),
        ("network: x\noptimizer: ~", "r:2: 'optimizer' is empty; accepted: one of sgd, adam"),
        ("network: x\r\rbatch: 0", "r:3: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536"),
    ])
    func linesAreThoseOfTheKeyAtFault(_ text: String, _ message: String) {
        expect(message) { try RecipeReader.read(text, file: "r", name: "r") }
    }

    /// What the command line changed is named, where the line in the file is not at fault alone or at all.
    @Test(arguments: [
        (
            "distribution.layers.fc2=1.5",
            "r, as changed by --set: 'fc2' of 'layers' is 1.5; accepted: a number from 0.0 to 0.9999"
        ),
        ("network.x=3", "r, as changed by --set: 'network' must be a name, a list of nodes, or have a 'file'"),
        ("data.x=3", "r, as changed by --set: 'x' of 'data' is 3; accepted: text"),
        ("batch.x=3", "r, as changed by --set: 'batch' of 'recipe' is {name: 8.0, x: 3.0}; accepted: "),
        (
            "schedule.begin=60",
            "r:5: 'end' of 'cubic' is 50; accepted: more than begin (60) (as changed by --set schedule.begin)"
        ),
        (
            "schedule.name=linear-",
            "r, as changed by --set: 'schedule' is linear-; accepted: one of \(schedules)"
        ),
    ])
    func changesOfTheCommandLineAreNamed(_ change: String, _ message: String) {
        let text =
            "network: x\ndata: digits\nbatch: 8\nmethod: gradual-magnitude\nschedule: {name: cubic, final: 0.9, end: 50}\n"
            + "distribution: {name: by-hand, layers: {fc1: 0.5}}"
        do {
            _ = try RecipeReader.read(text, file: "r", name: "r", changes: [change])
            Issue.record("accepted")
        } catch { #expect("\(error)".hasPrefix(message), "\(error)") }
    }

    /// By the words that a person wrote for it.
    @Test(arguments: [
        ("criterion=magic", "r, as changed by --criterion: 'criterion' is magic; accepted: "),
        ("criterion={", "--criterion {: not YAML: "), ("criterion=", "--criterion: found nothing, expected a value"),
        ("schedule={name: cubic, final: 0.9, end: 0}", "r, as changed by :schedule: 'end' of 'cubic' is 0; accepted: "),
        ("batch=0", "r, as changed by --set: 'batch' of 'recipe' is 0"),
    ])
    func changesAreNamedAsTheyWereWritten(_ change: String, _ message: String) {
        do {
            _ = try RecipeReader.read(
                "network: x\ndata: digits\nmethod: gradual-magnitude\nschedule: {name: cubic, final: 0.9, end: 50}",
                file: "r", name: "r", changes: [change],
                origins: ["criterion": "--criterion", "schedule": ":schedule"])
            Issue.record("accepted")
        } catch { #expect("\(error)".hasPrefix(message), "\(error)") }
    }

    @Test func aChangeThatTheNetworkDoesNotFitIsNamed() throws {
        func located(_ change: String) throws -> String {
            let recipe = try RecipeReader.read(
                "data: digits\nvalidation: 1437\nnetwork: mlp-64-9", file: "r", name: "r", changes: [change])
            do {
                _ = try recipe.locating { try TrainingPlan(recipe) }
                return "accepted"
            } catch { return "\(error)" }
        }
        #expect(try located("data=digits").hasSuffix("(as changed by --set data)"))
        #expect(try located("data=digits").hasPrefix("r:3: network 'mlp-64-9' gives 9 outputs"))
        let few = try located("network=mlp-64-10")
        #expect(few.hasPrefix("r:2: 'validation' is 1437") && !few.contains("--set"), "\(few)")
    }

    /// A part of another file has no lines that anyone sees.
    @Test func aRecipeInsideAFileHasNoLines() {
        for (text, message) in [
            ("network: x\nbatch: 0", "m: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536"),
            ("- x", "m: expected a mapping of keys, as 'network: lenet-300-100'"),
            ("network: *a", "m: anchors and aliases ('*') are not accepted"),
        ] {
            expect(message) { try RecipeReader.read(text, file: "m", name: "m", isInside: true) }
        }
    }

    /// What is found only with the data and the network names the line, too, in every layout.
    @Test(arguments: ["\n", "\r\n"], [false, true])
    func errorsOfTheGraphNameTheLineOfTheNode(_ lineBreak: String, _ isFlow: Bool) throws {
        func located(_ nodes: [String], _ rest: String = "", changes: [String] = []) throws -> String {
            let text =
                isFlow
                ? "{data: digits,\n \(rest.isEmpty ? "" : rest + ",\n ")network: [\n"
                    + nodes.map { "  {\($0)}" }.joined(separator: ",\n") + "]}"
                : "data: digits\n\(rest.isEmpty ? "" : rest + "\n")network:\n"
                    + nodes.map { "  - {\($0)}" }.joined(separator: "\n")
            let recipe = try RecipeReader.read(
                text.replacingOccurrences(of: "\n", with: lineBreak), file: "r", name: "r", changes: changes)
            do {
                _ = try recipe.locating { try TrainingPlan(recipe) }
                return "accepted"
            } catch { return "\(error)" }
        }
        let flatten = "operator: flatten", last = "operator: linear, outputs: 10"
        #expect(
            try located([flatten, "name: a, operator: linear, outputs: 9, input: nowhere", last]).hasPrefix(
                "r:4: node 'a': no node 'nowhere'"))
        #expect(
            try located([flatten, "name: b, operator: relu", "name: b, operator: relu", last])
                == "r:5: two nodes are named 'b'")
        #expect(
            try located([flatten, "operator: relu", "operator: relu, input: flatten1", last]).hasPrefix(
                "r:4: the output of node 'relu2'"))
        #expect(
            try located([flatten, "name: c, operator: convolution, channels: 2, kernel: 9", last]).hasPrefix(
                "r:4: node 'c': its input"))
        #expect(
            try located([flatten, "operator: add, input: [flatten1]", last]).hasPrefix("r:4: node 'add2': 1 inputs"))
        #expect(
            try located([flatten, "operator: linear, outputs: 4"]).hasPrefix(
                "r:4: network 'graph of r' gives 4 outputs"))
        #expect(try located([flatten, last], "validation: 5000").hasPrefix("r:2: 'validation' is 5000 of 1437"))
        #expect(
            try located([flatten, last], "distribution: {name: by-hand, layers: {linear2: 0.5, fc9: 0.5}}").hasPrefix(
                "r:2: no layer 'fc9'"))
        #expect(
            try located([flatten, last], changes: ["validation=5000"]).hasPrefix(
                "r, as changed by --set: 'validation' is"))
        #expect(
            try located([flatten, last], changes: ["network=lenet-6"]).hasPrefix("r, as changed by --set: no network"))
        #expect(try located([flatten, last], changes: ["data=moths"]).hasPrefix("r, as changed by --set: no data set"))
    }

    @Test func bytesThatAreNotUTF8AreRefusedWhereTheyStand() throws {
        let folder = TemporaryFolder()
        func read(_ bytes: [UInt8]) throws -> Recipe {
            precondition(FileManager.default.createFile(atPath: folder("r.yaml"), contents: Data(bytes)))
            return try RecipeReader.read(folder("r.yaml"))
        }
        let text = Array("network: lenet-5\nname: caf".utf8)
        expect("\(folder("r.yaml")):2: not UTF-8: found the byte 0xE9, byte 10 of the line; accepted: text in UTF-8") {
            try read(text + [0xE9, 10])
        }
        expect("\(folder("r.yaml")):1: not UTF-8: found the byte 0xFF, byte 1 of the line; accepted: text in UTF-8") {
            try read([0xFF] + text)
        }
        expect("\(folder("r.yaml")):1: not UTF-8: found UTF-16; accepted: text in UTF-8") {
            try read([0xFF, 0xFE] + text.flatMap { [$0, 0] })
        }
        // Without a mark, in either order of bytes.
        expect("\(folder("r.yaml")):1: not UTF-8: found UTF-16; accepted: text in UTF-8") {
            try read(text.flatMap { [$0, 0] })
        }
        expect("\(folder("r.yaml")):1: not UTF-8: found UTF-16; accepted: text in UTF-8") {
            try read(text.flatMap { [0, $0] })
        }
        // Every end of a line is one.
        for (end, line) in [("\n", 4), ("\r", 4), ("\r\n", 4), ("\n\r", 7)] {
            let lines = ["network: lenet-5", "batch: 8", "epochs: 2", "name: caf"].joined(separator: end)
            expect(
                "\(folder("r.yaml")):\(line): not UTF-8: found the byte 0xE9, byte 10 of the line; accepted: text in UTF-8"
            ) { try read(Array(lines.utf8) + [0xE9, 10]) }
            do {
                _ = try read(Array(lines.utf8) + [1])
                Issue.record("accepted")
            } catch { #expect("\(error)".hasPrefix("\(folder("r.yaml")):\(line): not YAML: "), "\(error)") }
        }
        // A byte order mark is what some editors write.
        #expect(try read([0xEF, 0xBB, 0xBF] + text + Array("é".utf8)).name == "café")
        expect("\(folder("r.yaml")):2: 'batch' of 'recipe' is 0; accepted: a whole number from 1 to 65536") {
            try read([0xEF, 0xBB, 0xBF] + Array("network: lenet-5\r\nbatch: 0".utf8))
        }
        do {
            _ = try read(text + [0, 10])
            Issue.record("accepted")
        } catch { #expect("\(error)".hasPrefix("\(folder("r.yaml")):2: not YAML: "), "\(error)") }
    }

    @Test func ampersandsInTextAreText() throws {
        for (text, name) in [
            ("name: R & D", "R & D"), ("name: R&D", "R&D"), ("# *note*: R &D\nname: a", "a"), ("name: 3 * 4", "3 * 4"),
            ("name: \"R &D\"", "R &D"), ("name: '*a &b'", "*a &b"), ("name: R &D", "R &D"), ("name: \"&a\"", "&a"),
            ("name: it's &c # &d", "it's &c"), ("name: \"\\\" &e\"", "\" &e"), ("name: >-\n  x\n  &f *g", "x &f *g"),
        ] {
            #expect(try RecipeReader.read("\(text)\nnetwork: lenet-5", file: "r", name: "r").name == name, "\(text)")
        }
        for text in [
            "name: &a", "name: *a", "name: &a x", "name: - &a", "network: [&a x]", "z: {a: &b [1]}", "&a name: x",
            "name: !!str &a x",
        ] {
            #expect(throws: RecipeError.self, "\(text)") {
                try RecipeReader.read("\(text)\nnetwork: lenet-5", file: "r", name: "r")
            }
        }
    }

    @Test func filesAreBounded() throws {
        let folder = TemporaryFolder()
        #expect(throws: (any Error).self) { try RecipeReader.read(folder("absent.yaml")) }
        let long = "network: lenet-5\n# " + String(repeating: "x", count: 1 << 24)
        _ = FileManager.default.createFile(atPath: folder("long.yaml"), contents: Data(long.utf8))
        #expect(throws: (any Error).self) { try RecipeReader.read(folder("long.yaml")) }
    }
}
