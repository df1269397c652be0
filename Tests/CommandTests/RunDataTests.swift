import Foundation
import Testing

/// Data by folder: found from any working folder, named by any text, and held to what the run was begun on.
@Suite struct RunDataTests {
    /// The digits as plain IDX files; `swapped` exchanges labels.
    private static func digits(_ folder: TemporaryFolder, _ name: String, swapped: Bool = false) throws {
        try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
        for file in ["train-images-idx3", "train-labels-idx1", "test-images-idx3", "test-labels-idx1"] {
            let source = "\(Program.repository)/Samples/data/digits-\(file)-ubyte.gz"
            let target = folder("\(name)/\(file)-ubyte")
            let unpacked = try Program.run(
                ["-c", "gzip -dc \"$0\" >\"$1\"", source, target], program: "/bin/sh")
            #expect(unpacked.code == 0)
            guard swapped, file.contains("labels") else { continue }
            var bytes = try Data(contentsOf: URL(fileURLWithPath: target))
            for index in 8..<bytes.count { bytes[index] = 9 - bytes[index] }
            try bytes.write(to: URL(fileURLWithPath: target))
        }
    }

    private static func run(in folder: String, home: String = "/nonexistent", _ arguments: String...) throws
        -> Program.Result
    {
        try Program.run(
            ["-c", "cd \"$0\" && exec \"$@\"", folder, Program.path] + arguments, environment: ["HOME": home],
            program: "/bin/sh")
    }

    private static func recipe(_ folder: TemporaryFolder, _ name: String, data: String) throws {
        try folder.write("network: mlp-64-20-10\ndata: \(data)\nepochs: 6\n", to: name)
    }

    @Test func `Samples that are named wrongly are told by that name`() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run(
            "train", "--set", "network=mlp-64-10", "--set", "data=digits", "--run", folder("run"),
            Program.repository + "/Samples/recipes/digits.yaml", environment: ["ESPALIER_SAMPLES": folder("nowhere")])
        #expect(result.code == 65)
        #expect(
            result.errors.contains("ESPALIER_SAMPLES is \(folder("nowhere"))")
                && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(!folder.exists("run"))
    }

    @Test func `A relative folder is found from any working folder, and none is taken for it`() throws {
        let folder = try TemporaryFolder()
        try Self.digits(folder, "project/data")
        try Self.digits(folder, "elsewhere/data", swapped: true)
        try Self.recipe(folder, "project/net.yaml", data: "data")
        // Beside the recipe, whatever the working folder is.
        let trained = try Self.run(in: "/", "train", folder("project/net.yaml"), "--run", folder("project/run"))
        #expect(trained.code == 0, "\(trained.errors)")
        #expect(folder.text("project/run/recipe.yaml").contains("data: \(folder("project/data"))\n"))
        let tested = try #require(trained.lines.last?.firstMatch(of: /test (\d+\.\d\d) %/)).1
        for target in ["project/run", "project/run/final.safetensors"] {
            let measured = try Self.run(in: folder("elsewhere"), "evaluate", folder(target), "--on", "test")
            #expect(measured.output.hasPrefix("test \(tested) % "), "\(measured.output)\(measured.errors)")
            // Other data needs a word, and where it is given it is measured.
            let other = try Self.run(
                in: folder("elsewhere"), "evaluate", folder(target), "--on", "test", "--data", "data")
            #expect(other.code == 65 && other.errors.contains("--new-data"), "\(other.errors)")
            let meant = try Self.run(
                in: folder("elsewhere"), "evaluate", folder(target), "--on", "test", "--data", "data", "--new-data")
            #expect(meant.code == 0 && !meant.output.hasPrefix("test \(tested) % "), "\(meant.errors)")
        }
        // Both may be: then it must be said which.
        let both = try Self.run(in: folder("elsewhere"), "train", folder("project/net.yaml"), "--run", folder("x"))
        #expect(both.code == 65 && both.errors.contains("net.yaml:2: data 'data' is two places"), "\(both.errors)")
        // Of the command line, the working folder is meant.
        let set = try Self.run(
            in: folder("elsewhere"), "train", folder("project/net.yaml"), "--set", "data=data", "--steps", "2", "--run",
            folder("set"))
        #expect(set.code == 0, "\(set.errors)")
        #expect(folder.text("set/recipe.yaml").contains("data: \(folder("elsewhere/data"))\n"))
        // Moved together, both are found; alone, the run says what is missing and how to name it.
        try FileManager.default.moveItem(atPath: folder("project"), toPath: folder("moved"))
        #expect(
            try Self.run(in: "/", "evaluate", folder("moved/run"), "--on", "test").output.hasPrefix("test \(tested) % ")
        )
        #expect(
            try Self.run(in: "/", "evaluate", folder("moved/run/final.safetensors"), "--on", "test").output
                .hasPrefix("test \(tested) % "))
        try FileManager.default.moveItem(atPath: folder("moved/data"), toPath: folder("away"))
        for command in ["evaluate", "resume"] {
            let gone = try Self.run(in: "/", command, folder("moved/run"))
            #expect(gone.code == 65 && gone.errors.contains("--data PATH"), "\(gone.errors)")
            #expect(gone.errors.contains(folder("moved/data")), "\(gone.errors)")
            #expect(try Self.run(in: "/", command, folder("moved/run"), "--data", folder("away")).code == 0)
        }
    }

    @Test(arguments: [
        "R &D", "*a", "a: b #c", " blanks ", "it's \"so\"", "~", "null", "1:30", "-dash", "\u{1F333}\u{2028}",
        "tab\there",
    ])
    func `A run by any name on data in any folder is trained, resumed, inspected and measured`(name: String) throws {
        let folder = try TemporaryFolder()
        try Self.digits(folder, "d/" + name)
        var arguments = ["train", "digits", "--steps", "40", "--set", "data=\(folder("d/" + name))"]
        if !name.contains("\t") { arguments += ["--set", "name=\(name)"] }
        let trained = try Program.run(arguments + ["--run", folder("run")])
        #expect(trained.code == 0, "\(trained.errors)")
        for (command, targets) in [
            ("resume", ["run"]), ("inspect", ["run", "run/final.safetensors"]),
            ("evaluate", ["run", "run/final.safetensors", "run/final.bitmask.safetensors"]),
        ] {
            for target in targets {
                let result = try Program.run(command, folder(target))
                #expect(result.code == 0, "\(command) \(target): \(result.errors)")
            }
        }
    }

    @Test func `A tilde is the home folder in a recipe and in --set`() throws {
        let folder = try TemporaryFolder()
        try Self.digits(folder, "home/sets/d")
        try Self.recipe(folder, "net.yaml", data: "~/sets/d")
        let read = try Self.run(
            in: "/", home: folder("home"), "train", folder("net.yaml"), "--steps", "2", "--run=~/a")
        #expect(read.code == 0, "\(read.errors)")
        #expect(folder.text("home/a/recipe.yaml").contains("data: \(folder("home/sets/d"))\n"))
        let set = try Self.run(
            in: "/", home: folder("home"), "train", "digits", "--set", "data=~/sets/d", "--steps", "2", "--run",
            folder("b"))
        #expect(set.code == 0, "\(set.errors)")
    }

    @Test func `A tilde is the home folder in every operand, unless a thing has that name`() throws {
        let folder = try TemporaryFolder()
        let home = folder("home")
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try folder.write("network: mlp-64-10\ndata: digits\n", to: "home/net.yaml")
        #expect(
            try Self.run(in: folder.path, home: home, "train", "~/net.yaml", "--steps", "2", "--run", "~/r").code == 0)
        for arguments in [
            ["resume", "~/r"], ["inspect", "~/r"], ["inspect", "~/r/final.safetensors"], ["evaluate", "~/r"],
            ["evaluate", "~/r/final.safetensors"], ["workbench", "~/r", "--render", "session"],
        ] {
            let result = try Program.run(
                ["-c", "cd \"$0\" && exec \"$@\"", folder.path, Program.path] + arguments, environment: ["HOME": home],
                program: "/bin/sh")
            #expect(result.code == 0, "\(arguments): \(result.errors)")
        }
        // The folder named '~' that lies here is meant.
        try FileManager.default.createDirectory(atPath: folder("~"), withIntermediateDirectories: true)
        try folder.write("network: nothing\n", to: "~/net.yaml")
        let literal = try Self.run(in: folder.path, home: home, "train", "~/net.yaml", "--run", folder("l"))
        #expect(literal.code == 65 && literal.errors.contains("nothing"), "\(literal.errors)")
    }

    @Test func `A run that is stopped does not go on with other data`() throws {
        let folder = try TemporaryFolder()
        try Self.digits(folder, "data")
        try Self.digits(folder, "other", swapped: true)
        let running = try Running(
            ["train"] + Desk.longDigits + ["--set", "data=\(folder("data"))", "--run", folder("run")])
        // Not the first checkpoint: asked to end before its first step, a new run is taken away.
        try waitUntil("steps") { folder.text("run/metrics.jsonl").contains("\"step\"") }
        running.signal(SIGTERM)
        _ = try running.wait()
        let files = FileManager.default
        try files.moveItem(atPath: folder("data"), toPath: folder("kept"))
        try files.moveItem(atPath: folder("other"), toPath: folder("data"))
        let before = folder.bytes("run/checkpoints/latest.safetensors")
        let resumed = try Program.run("resume", folder("run"))
        #expect(resumed.code == 65, "\(resumed.errors)")
        #expect(resumed.errors.contains("the same training images with other labels"), "\(resumed.errors)")
        #expect(folder.bytes("run/checkpoints/latest.safetensors") == before)
        // The workbench says the same.
        let desk = try Desk([folder("run")], width: 1000, run: nil)
        #expect(try desk.ended() != 0)
        #expect(desk.picture.text.contains("other labels"), "\(desk.picture.text)")
    }

    /// A file's name is any bytes; those that are no UTF-8 are kept on the whole way.
    @Test func `Paths that are not UTF-8 are paths like others`() throws {
        let folder = try TemporaryFolder()
        try Self.digits(folder, "d")
        let script = """
            set -e
            cd "$0"
            name=$(printf 'caf\\351\\377')
            mv d "data-$name"
            printf 'network: mlp-64-10\\ndata: "."\\n' >"data-$name/$name.yaml"
            "$1" train digits --steps 3 --set "data=data-$name" --run "run-$name"
            "$1" resume "run-$name"
            "$1" inspect "run-$name"
            "$1" evaluate "run-$name"
            "$1" evaluate "run-$name/final.safetensors"
            "$1" train "data-$name/$name.yaml" --steps 3
            (cd "data-$name" && "$1" train "$name.yaml" --steps 3 --run inside && cd / && "$1" evaluate "$OLDPWD/inside")
            "$1" workbench "run-$name" --render session >/dev/null
            test -f "run-$name/final.safetensors"
            test -f "runs/$name-1/final.safetensors"
            test -f "data-$name/inside/final.safetensors"
            ! "$1" train "no-$name"
            mkdir -p "home-$name/.config/espalier"
            printf 'palette = nothing\n' >"home-$name/.config/espalier/config"
            ! HOME="$PWD/home-$name" "$1" workbench "run-$name" --render session 2>refused
            grep -q 'palette = nothing' refused
            ESPALIER_SAMPLES="$PWD/samples-$name"
            export ESPALIER_SAMPLES
            mkdir -p "samples-$name/recipes"
            ln -s "$2/Samples/data" "samples-$name/data"
            cp "$2/Samples/recipes/digits.yaml" "samples-$name/recipes/own.yaml"
            HOME="$PWD/home-$name" "$1" train own --steps 260 --run own
            ls "home-$name/.cache/espalier" | grep -q kernels-
            """
        let result = try Program.run(
            ["-c", script, folder.path, Program.path, Program.repository], program: "/bin/bash")
        #expect(result.code == 0, "\(result.output)\(result.errors)")
        #expect(result.errors.contains("no-caf\\xE9\\xFF"), "shown as what they are: \(result.errors)")
    }
}
