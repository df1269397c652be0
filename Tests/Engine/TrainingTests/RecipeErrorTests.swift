import Foundation
import Graph
import Testing
import Training

/// A recipe with an error names the file, the line, the value and what is accepted.
@Suite struct RecipeErrorTests {
    @Test(arguments: [
        ("network: x\n\nepochs: 0", "r:3: 'epochs' of 'recipe' is 0; accepted: a whole number from 1 to 100000"),
        ("network: x\nbatch: many", "r:2: 'batch' of 'recipe' is many; accepted: a whole number from 1 to 65536"),
        ("network: x\nbatch: 1.5", "r:2: 'batch' of 'recipe' is 1.5; accepted: a whole number from 1 to 65536"),
        ("network: x\nfloor: .nan", "r:2: 'floor' of 'recipe' is nan; accepted: a number from 0.0 to 100.0"),
        ("network: x\naudit: 3", "r:2: 'audit' of 'recipe' is 3; accepted: true or false"),
        ("network: x\noptimizer: adamant", "r:2: 'optimizer' is adamant; accepted: one of sgd, adam"),
        (
            "network: x\noptimizer:\n  name: sgd\n  momentun: 0.9",
            "r:4: 'sgd' has no 'momentun'; accepted: momentum, weight-decay, nesterov"
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
            "r:1: 'method gradual-magnitude' needs 'schedule': one of one-shot, constant, linear, cubic"
        ),
        ("network: x\nloss:\n  - a", "r:3: 'loss' needs a name; accepted: one of softmax-cross-entropy"),
        ("network: {a: 1}", "r:1: 'network' must be a name or a list of nodes"),
        ("network:\n  - relu", "r:2: a node needs 'operator'"),
        ("network: x\nname: ''", "r:2: 'name' must be text"),
        (
            "network: x\nname: ../up",
            "r:2: 'name' is \"../up\"; accepted: a folder's name, up to 200 bytes without '/' and control characters"
        ),
        (
            "network: x\nname: \"a\\tb\"",
            "r:2: 'name' is \"a\\tb\"; accepted: a folder's name, up to 200 bytes without '/' and control characters"
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

    @Test func ampersandsInTextAreText() throws {
        for text in ["name: R & D", "name: R&D", "# *note*: R & D\nname: a", "name: 3 * 4"] {
            _ = try RecipeReader.read("\(text)\nnetwork: lenet-5", file: "r", name: "r")
        }
    }

    @Test func filesAreBounded() throws {
        let folder = TemporaryFolder()
        #expect(throws: (any Error).self) { try RecipeReader.read(folder("absent.yaml")) }
        let long = "network: lenet-5\n# " + String(repeating: "x", count: 1 << 21)
        _ = FileManager.default.createFile(atPath: folder("long.yaml"), contents: Data(long.utf8))
        #expect(throws: (any Error).self) { try RecipeReader.read(folder("long.yaml")) }
    }
}
