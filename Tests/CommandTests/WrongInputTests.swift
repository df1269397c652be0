import Foundation
import Testing

/// Data and recipes with errors: one line that names file, place, what was found and what was expected; nothing made.
@Suite struct WrongInputTests {
    private static let names = ["train-images-idx3", "train-labels-idx1", "test-images-idx3", "test-labels-idx1"]

    /// The digits as plain IDX files under the names of the format's own four.
    private static func digits() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in names {
            let source = "\(Program.repository)/Samples/data/digits-\(name)-ubyte.gz"
            let target = folder((name.hasPrefix("test") ? "t10k" + name.dropFirst(4) : name) + "-ubyte")
            let unpacked = try Program.run(["-c", "gzip -dc \(source) >\(target)"], program: "/bin/sh")
            #expect(unpacked.code == 0)
        }
        return folder
    }

    private static func train(_ data: TemporaryFolder, _ run: TemporaryFolder) throws -> Program.Result {
        try Program.run(
            "train", "digits", "--set", "data=\(data.path)", "--steps", "10", "--run", run("run"))
    }

    @Test func `A folder of IDX files is read`() throws {
        #expect(try Self.train(Self.digits(), TemporaryFolder()).code == 0)
    }

    enum Damage: CaseIterable, Sendable { case missing, truncated, magic, type, counts, empty, long }

    @Test(arguments: Damage.allCases)
    func `A damaged data file is named with place, found and expected`(damage: Damage) throws {
        let data = try Self.digits()
        let run = try TemporaryFolder()
        let name = damage == .counts ? "train-labels-idx1-ubyte" : "train-images-idx3-ubyte"
        let file = URL(fileURLWithPath: data(name))
        var bytes = [UInt8](data.bytes(name))
        switch damage {
        case .missing: break
        case .truncated: bytes.removeLast(1000)
        case .magic: bytes[0] = 0x7F
        case .type: bytes[2] = 0x0D
        case .counts:
            // One label fewer, and consistent in itself.
            bytes.removeLast()
            let count = UInt32(bytes.count - 8).bigEndian
            withUnsafeBytes(of: count) { for (index, byte) in $0.enumerated() { bytes[4 + index] = byte } }
        case .empty: bytes = []
        case .long: bytes += [0, 0, 0]
        }
        if damage == .missing { try FileManager.default.removeItem(at: file) } else { try Data(bytes).write(to: file) }
        let result = try Self.train(data, run)
        #expect(result.code == 65)
        let sentence = result.errors
        #expect(sentence.split(separator: "\n").count == 1, "\(sentence)")
        #expect(sentence.hasPrefix("espalier: \(damage == .missing ? data.path : data(name))"), "\(sentence)")
        #expect(sentence.contains("found") && sentence.contains("expected"), "\(sentence)")
        #expect(result.output.isEmpty)
        #expect(!run.exists("run"), "nothing is made")
    }

    @Test func `A gzip file that was cut short is named`() throws {
        let data = try TemporaryFolder()
        for name in Self.names {
            let target = name.hasPrefix("test") ? "t10k" + name.dropFirst(4) : name
            var bytes = try Data(
                contentsOf: URL(fileURLWithPath: "\(Program.repository)/Samples/data/digits-\(name)-ubyte.gz"))
            if name == "test-images-idx3" { bytes.removeLast(bytes.count / 2) }
            try bytes.write(to: URL(fileURLWithPath: data(target + "-ubyte.gz")))
        }
        let result = try Self.train(data, TemporaryFolder())
        #expect(result.code == 65)
        #expect(result.errors.contains(data("t10k-images-idx3-ubyte.gz")), "\(result.errors)")
    }

    struct Mistake: Sendable {
        let recipe: String
        /// The line it is in, and words of the message.
        let line: Int
        let says: [String]
        init(_ recipe: String, line: Int, _ says: String...) {
            self.recipe = recipe
            self.line = line
            self.says = says
        }
    }

    static let mistakes = [
        Mistake("network: lenet-5\ncolour: red\n", line: 2, "no key 'colour'", "accepted: ", "optimizer"),
        Mistake("network: lenet-5\nbatch: 0\n", line: 2, "batch", "0", "1 to 65536"),
        Mistake("network: lenet-5\nepochs: many\n", line: 2, "epochs", "many", "whole number"),
        Mistake("network: lenet-5\n\noptimizer: {name: sgd, momentum: 2}\n", line: 3, "momentum", "2"),
        Mistake("network: lenet-5\noptimizer: adamant\n", line: 2, "'optimizer' is adamant", "one of sgd"),
        Mistake(
            "network: lenet-5\nmethod: gradual-magnitude\nschedule: {name: cubic, final: 1.5, end: 9}\n", line: 3,
            "final", "1.5"),
        Mistake("network: lenet-5\nbatch: 8\nbatch: 9\n", line: 2, "stands twice"),
        Mistake("network: [lenet-5\nbatch: 8\n", line: 2, "not YAML"),
        Mistake("network: &a lenet-5\nname: *a\n", line: 1, "anchors and aliases"),
        Mistake("- lenet-5\n", line: 1, "expected a mapping"),
        Mistake("batch: 8\n", line: 1, "'network' is missing"),
    ]

    @Test(arguments: mistakes.indices)
    func `A mistake in a recipe is told with its line, value and what is accepted`(index: Int) throws {
        let mistake = Self.mistakes[index]
        let folder = try TemporaryFolder()
        try folder.write(mistake.recipe, to: "mistake.yaml")
        let result = try Program.run("train", folder("mistake.yaml"), "--run", folder("run"))
        #expect(result.code == 65)
        #expect(result.errors.hasPrefix("espalier: \(folder("mistake.yaml")):\(mistake.line): "), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        for words in mistake.says { #expect(result.errors.contains(words), "\(result.errors)") }
        #expect(!folder.exists("run"))
    }

    @Test func `A network, data set or recipe that does not exist is said with what does`() throws {
        let folder = try TemporaryFolder()
        for (change, word) in [("network=lenet-6", "lenet-300-100"), ("data=fashion", "fashion-mnist")] {
            let result = try Program.run("train", "digits", "--set", change, "--run", folder("run"))
            #expect(result.code == 65)
            #expect(result.errors.contains(word), "\(result.errors)")
        }
        let result = try Program.run("train", "digit", "--run", folder("run"))
        #expect(result.code == 65)
        #expect(result.errors.contains("digits.yaml"))
        #expect(!folder.exists("run"))
    }

    /// What only the network and the data show has its line in the workbench, too.
    @Test func `A mistake in a graph is told with its line by train and by the workbench`() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "data: digits\r\nnetwork:\r\n  - {operator: flatten}\r\n  - {operator: linear, outputs: 10, input: gone}\r\n",
            to: "net.yaml")
        let sentence = "net.yaml:4: node 'linear2': no node 'gone' before it"
        let trained = try Program.run("train", folder("net.yaml"), "--run", folder("run"))
        #expect(trained.code == 65 && trained.errors.contains(sentence), "\(trained.errors)")
        let desk = try Desk([folder("net.yaml")], width: 1000)
        #expect(try desk.ended() == 65)
        #expect(desk.picture.text.contains(sentence), "\(desk.picture.text)")
    }

    @Test(arguments: [
        (["--seed", "-1"], "--seed is -1; accepted: a whole number from 0 to 9223372036854775807"),
        (["--seed=-1"], "--seed is -1; accepted: a whole number from 0 to 9223372036854775807"),
        (["--seed", "9223372036854775808"], "--seed is 9223372036854775808; accepted: a whole number from 0 to"),
        (["--seed", "010"], "--seed is 010; write 10, or 0o10 for the octal 8"),
        (["--seed", ""], "--seed is empty; accepted: a whole number from 0 to"),
        (["--seed", "1.5"], "--seed is 1.5; accepted: a whole number from 0 to"),
        (["--seed", "x"], "--seed is x; accepted: a whole number from 0 to"),
        (["--steps", "-5"], "--steps is -5; accepted: a whole number from 1 to"),
        (["--steps", "0"], "--steps is 0; accepted: a whole number from 1 to"),
        (["--steps", "1_000"], "--steps is 1_000; write 1000"),
        (["--threads", "-2"], "--threads is -2; accepted: a whole number from 1 to 256"),
        (["--threads", "257"], "--threads is 257; accepted: a whole number from 1 to 256"),
        (["--set", "seed=-1"], "'seed' of 'recipe' is -1; accepted: a whole number, 0 or more"),
    ])
    func `An option out of range says its range`(options: [String], message: String) throws {
        let folder = try TemporaryFolder()
        let result = try Program.run(["train", "digits"] + options + ["--run", folder("run")])
        #expect(result.code == 64 || result.code == 65)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(!folder.exists("run"))
    }

    @Test(arguments: [
        ["linear", "--rows"], ["infer", "--threads"], ["scale", "--batch"], ["convolution", "--kernel"],
    ])
    func `A number that is two is no value of a benchmark's option`(command: [String]) throws {
        for arguments in [command + ["010"], [command[0], command[1] + "=010"]] {
            let result = try Program.run(["bench"] + arguments)
            #expect(result.code == 64)
            #expect(
                result.errors.contains("\(command[1]) is 010; write 10, or 0o10 for the octal 8"), "\(result.errors)")
        }
    }

    @Test(arguments: [
        ["linear", "--batch"], ["linear", "--rows"], ["linear", "--sparsity"], ["infer", "--threads"],
        ["convolution", "--padding"],
        ["scale", "--least"], ["train", "--runs"],
    ])
    func `A negative number is a value of a benchmark's option`(command: [String]) throws {
        let result = try Program.run(["bench"] + command + ["-3"])
        #expect(result.code == 64)
        #expect(
            result.errors.contains("\(command[1]) is -3") && result.errors.contains("accepted: "), "\(result.errors)")
    }

    @Test func `A mistake on the command line is told before a screen opens`() throws {
        // The sentence names the recipe's file: as wide as any path, or a word is broken where the terminal ends.
        let desk = try Desk(["digits", "--set", "batch=-1"], width: 1000)
        #expect(try desk.ended() == 65)
        #expect(desk.picture.text.contains("batch"))
        #expect(!desk.picture.sent.split(separator: 0x1B).contains { $0.starts(with: Array("[?1049h".utf8)) })
    }
}
