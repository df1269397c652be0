import Foundation
import Testing

/// A network in every encoding: written, inspected to the byte, measured again, and read by the page's NumPy.
@Suite struct EncodedExportTests {
    private static let encodings = [
        "dense", "bitmask", "csr32", "csr16", "csr8", "delta8", "delta5", "gaps", "blocks4x1", "blocks1x4", "blocks4x4",
        "nm4", "nm8", "nm16", "best",
    ]

    private static func trained(_ folder: TemporaryFolder) throws -> String {
        let done = try Program.run(["train", "digits", "--steps", "40", "--run", folder("run")])
        #expect(done.code == 0, "\(done.errors)")
        return folder("run")
    }

    @Test func whatIsWrittenIsWhatIsInspectedAndMeasured() throws {
        let folder = try TemporaryFolder()
        let run = try Self.trained(folder)
        let measured = try Program.run("evaluate", run, "--on", "test").output
        let accuracy = try #require(measured.firstMatch(of: /test (\d+\.\d\d) %/)).1
        let table = try Program.run("inspect", run, "--json").lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        for encoding in Self.encodings {
            let file = folder("\(encoding).safetensors")
            let written = try Program.run("export", run, "--encoding", encoding, "--output", file)
            #expect(written.code == 0, "\(encoding): \(written.errors)")
            let bytes = table.reduce(0) { sum, layer in
                let name = encoding == "best" ? layer["smallest"] as? String ?? "" : encoding
                return sum + ((layer["bytes"] as? [String: Int])?[name] ?? 0)
            }
            #expect(written.output.contains("weights \(bytes)\n"), "\(encoding): \(written.output)")
            #expect(written.output.contains("nothing is lost"), "\(encoding): \(written.output)")
            let inspected = try Program.run("inspect", file)
            #expect(inspected.output.contains("in this file: weights \(bytes) bytes"), "\(encoding): \(inspected)")
        }
        for encoding in ["best", "delta5", "nm8"] {
            let again = try Program.run("evaluate", folder("\(encoding).safetensors"), "--on", "test")
            #expect(again.output.contains("test \(accuracy) %"), "\(encoding): \(again.output)\(again.errors)")
        }
        let occupied = try Program.run("export", run, "--encoding", "best", "--output", folder("best.safetensors"))
        #expect(occupied.code == 65 && occupied.errors.contains("--force"))
    }

    @Test func latencyIsMeasuredAndEnergyIsNotInvented() throws {
        let folder = try TemporaryFolder()
        let run = try Self.trained(folder)
        let seen = try Program.run(
            ["inspect", run, "--time", "--energy"], environment: ["ESPALIER_POWERCAP": folder("none")])
        #expect(seen.output.contains(/one image: \d+\.\d{3} ms, measured here, one thread/), "\(seen.output)")
        #expect(seen.output.contains(/layer +dense +zero weights skipped +zero activations too +µs/))
        #expect(seen.output.contains(/fc1 +6400 +6400 +\d+ +\d+\.\d\d\n/), "\(seen.output)")
        #expect(seen.output.contains(/zero activations: measured on 256 training images/))
        let lines = try Program.run("inspect", run, "--json", "--time").lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.count == 4 && lines.last?["activations_of_images"] as? Int == 256)
        // What a ReLU makes zero is skipped.
        for line in lines.dropFirst() {
            let adds = try #require(line["multiply_adds"] as? [String: Double])
            let seconds = try #require(line["one_image_seconds"] as? Double)
            #expect(adds["zero_activations_skipped"]! < adds["zero_weights_skipped"]! && seconds > 0)
        }
        #expect(seen.output.contains("energy of one image, modelled (Horowitz 2014"))
        #expect(seen.output.contains("energy of one image, unavailable: no package counter in "), "\(seen.output)")
        let forecast = try Program.run(
            "forecast", run, "--json", "--batch", "4", "--budget", "1", "--sparsities", "0.5,0.9")
        #expect(forecast.code == 0 && forecast.lines.count == 4, "\(forecast.errors)")
        #expect(forecast.output.contains("\"layer\":\"whole network\""))
        #expect(try Program.run("forecast", run, "--sparsities", "0.5,1").code == 64)
    }

    @Test func whatIsLostIsSaid() throws {
        let folder = try TemporaryFolder()
        let run = try Self.trained(folder)
        let done = try Program.run([
            "export", run, "--encoding", "bitmask", "--values", "int8", "--output", folder("a.safetensors"),
        ])
        #expect(done.output.contains("lost: a weight moved by up to 0."), "\(done.output)\(done.errors)")
        for wrong in [
            ["--encoding", "csr7"], ["--encoding", "best", "--values", "int7"], ["--values", "half"],
            ["--encoding", "best", "--sparse"],
        ] {
            let refused = try Program.run(["export", run, "--output", folder("b.safetensors")] + wrong)
            #expect(refused.code == 64, "\(wrong): \(refused.errors)")
            #expect(!folder.exists("b.safetensors"))
        }
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: KeptNetworkTests.python), "Scripts/test makes it"))
    func theReaderOfThePageReadsThem() throws {
        let folder = try TemporaryFolder()
        let run = try Self.trained(folder)
        let page = try String(contentsOfFile: Program.repository + "/Documentation/Devices.md", encoding: .utf8)
        let code = try #require(page.firstMatch(of: /<!-- reader begins -->\n```python\n((?s:.*?))```/)).1
        try folder.write(String(code), to: "reader.py")
        func read(_ encoding: String, _ values: String) throws -> String {
            let file = folder("\(encoding)-\(values).safetensors")
            let written = try Program.run(["export", run, "--encoding", encoding, "--values", values, "--output", file])
            #expect(written.code == 0, "\(encoding) \(values): \(written.errors)")
            let result = try Program.run([folder("reader.py"), file], program: KeptNetworkTests.python)
            #expect(result.code == 0, "\(encoding) \(values): \(result.errors)")
            return result.output
        }
        let whole = try read("dense", "float32")
        #expect(whole.contains("fc1 (100, 64)"))
        for encoding in Self.encodings.dropFirst() { #expect(try read(encoding, "float32") == whole, "\(encoding)") }
        for values in ["half", "int8"] {
            let bitmask = try read("bitmask", values)
            #expect(bitmask != whole)
            for encoding in ["delta5", "nm4", "blocks4x4"] {
                #expect(try read(encoding, values) == bitmask, "\(encoding) \(values)")
            }
        }
        #expect(try read("csr8", "codebook4") == read("bitmask", "codebook4"))
    }
}
