import Foundation
import Testing

/// The benchmarks of layers and networks run at odd sizes and print one JSON line with what is promised.
@Suite struct BenchTests {
    @Test(arguments: [
        ["linear", "--rows", "37", "--columns", "103", "--batch", "5"],
        ["linear", "--rows", "13", "--columns", "7", "--pass", "training"],
        ["convolution", "--in-channels", "6", "--out-channels", "6", "--groups", "6", "--height", "9", "--width", "7"],
        ["train", "--network", "mlp-9-5-3", "--batch", "5"],
        ["infer", "--network", "lenet-5", "--batch", "3", "--threads", "2"],
        ["infer", "--network", "mlp-90-50-10", "--batch", "1", "--half"],
        ["infer", "--network", "digits", "--batch", "9"],
        ["crossover", "--rows", "30", "--columns", "20", "--batch", "16"],
        ["preview"],
    ])
    func `One JSON line with what is promised`(_ arguments: [String]) throws {
        let result = try Program.run(["bench"] + arguments + ["--runs", "2", "--sparsity", "0.8", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let line = try #require(result.lines.last)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        for field in ["seconds", "seconds_min", "dense_seconds", "gflops", "effective_gflops", "peak_gflops"] {
            #expect(try #require(object[field] as? Double, "\(field)") > 0)
        }
        #expect(try #require(object["caches"] as? String).wholeMatch(of: /\d+[KM],\d+[KM],\d+[KM]/) != nil)
        // Of the dense products, where it can be loaded.
        if dlopen("libopenblas.so.0", RTLD_LAZY) != nil {
            #expect(try #require(object["openblas_seconds"] as? Double) > 0)
        }
    }

    @Test func `An operator runs both ways`() throws {
        let result = try Program.run([
            "bench", "operator", "matmul", "--shapes", "3x4x5,3x6x5", "--set", "transpose-b=true", "--batch", "3",
            "--runs",
            "2", "--json",
        ])
        #expect(result.code == 0, "\(result.errors)")
        let line = try #require(result.lines.last)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        for field in ["seconds", "backward_seconds", "gflops", "backward_gflops", "peak_gflops"] {
            #expect(try #require(object[field] as? Double, "\(field)") > 0)
        }
        let refused = try Program.run("bench", "operator", "gelu", "--shapes", "3x0")
        #expect(refused.code == 64 && refused.errors.contains("--shapes is 3x0; accepted: axes of each input"))
    }

    /// The three networks differ in time alone.
    @Test(arguments: [0, 1])
    func `The choice stands beside dense and sparse`(_ busy: Int) throws {
        let result = try Program.run([
            "bench", "choice", "--network", "mlp-90-50-10", "--batch", "20", "--sparsity", "0.5", "--rounds", "2",
            "--threads", "2", "--busy", "\(busy)", "--json",
        ])
        #expect(result.code == 0, "\(result.errors)")
        let line = try #require(result.lines.last)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        for field in ["seconds", "dense_seconds", "sparse_seconds", "ratio", "ratio_median", "speedup"] {
            #expect(try #require(object[field] as? Double, "\(field)") > 0)
        }
        #expect(object["busy"] as? Int == busy)
        #expect((object["dense_passes"] as? String)?.split(separator: " ").count == 2)
    }

    @Test(arguments: ["64x28", "0x28x28", "65536x65536x1", "x"])
    func `An input of no image is refused`(_ input: String) throws {
        let result = try Program.run("bench", "infer", "--network", "lenet-5", "--input", input)
        #expect(result.code == 64)
        #expect(result.errors.contains("--input is \(input); accepted: channels, height and width"))
    }

    @Test(arguments: [
        (["all", "--threads", "0"], "--threads is 0; accepted: a whole number from 1 to 256"),
        (["linear", "--threads", "257"], "--threads is 257; accepted: a whole number from 1 to 256"),
        (["all", "--sparsity", "0"], "--sparsity is 0.0; accepted: a number from 0.5 to 0.9999"),
        (["screen", "--seconds", "inf"], "--seconds is inf; accepted: a number above 0, up to 3600"),
        (["scale", "--least", "10", "--most", "1"], "--least is 10, more than --most, 1"),
        (["choice", "--busy", "-1"], "--busy is -1; accepted: a whole number from 0 to 256"),
        (["choice", "--sparsity", "0"], "--sparsity is 0; accepted: a number above 0 and below 1"),
        (["infer", "--half"], "--half needs --batch 1"),
        (["train", "--network", "mlp-784-+5-10"], "no network 'mlp-784-+5-10'"),
        (["train", "--network", "mlp-784-1000000000-1000000000-10"], "of memory; this machine has"),
        // Sixteen lanes of each point, of which one is asked for.
        (
            [
                "convolution", "--in-channels", "1", "--out-channels", "1", "--height", "1073741824", "--width", "1",
                "--batch", "1",
            ],
            "of memory; this machine has"
        ),
        (["infer", "--network", "lenet-5", "--input", "1x4096x4096"], "than this machine has"),
    ])
    func `What cannot be measured is refused with one reason`(_ arguments: [String], _ reason: String) throws {
        let result = try Program.run(["bench"] + arguments)
        #expect(result.code != 0 && result.errors.contains(reason), "\(result.errors)")
    }

    /// `/dev/full` is a disk without room.
    @Test(arguments: [["list"], ["bench", "linear", "--rows", "9", "--columns", "9", "--json"]])
    func `A result that cannot be written is no success`(_ arguments: [String]) throws {
        let command = "exec \"$0\" \"$@\" >/dev/full"
        let result = try Program.run(["-c", command, Program.path] + arguments, program: "/bin/bash")
        #expect(result.code == 74)
        #expect(result.errors.contains("espalier: standard output: "))
    }

    /// With nearly all weights the dense kernels win a pass of training here or there, and what runs is said. The forward pass alone
    /// may go either way: the copy of the weights that dense kernels read counts against it.
    @Test func `A layer of many weights runs by the kernels that training would choose`() throws {
        for sparsity in ["0.02", "0.97"] {
            let result = try Program.run(
                "bench", "linear", "--rows", "256", "--columns", "256", "--pass", "training", "--runs", "3",
                "--sparsity",
                sparsity, "--json")
            let line = try #require(result.lines.last)
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let passes = try #require(object["dense_passes"] as? String)
            #expect((passes == "none") == (sparsity == "0.97"), "\(passes)")
        }
    }

    @Test func `For people there is a summary and a line a field, with units`() throws {
        let result = try Program.run("bench", "train", "--network", "mlp-9-5-3", "--batch", "5", "--runs", "2")
        #expect(result.lines.first?.hasPrefix("train mlp-9-5-3 at 90 % zeros: ") == true)
        #expect(result.lines.first?.hasSuffix(" times as fast") == true)
        #expect(result.lines.contains { $0.hasPrefix("  peak gflops") && $0.hasSuffix(" GFLOP/s") })
    }

    /// Espalier's side of every comparison runs and prints what the table reads; the peers are not needed for it.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: KeptNetworkTests.python), "Scripts/test makes it"))
    func `The cases of the comparison run`() throws {
        let script = Program.repository + "/Benchmarks/peers/compare.py"
        let python = KeptNetworkTests.python
        let result = try Program.run([script, "--check", "--espalier", Program.path], program: python)
        #expect(result.code == 0, "\(result.errors)")
        let listed = try Program.run([script, "--list"], program: python).lines
        let names = listed.compactMap { $0.split(separator: "\t").first }
        #expect(result.lines.compactMap { $0.split(separator: "\t").first }.count == Set(names).count)
        #expect(Set(names).count > 1)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: KeptNetworkTests.python), "Scripts/test makes it"))
    func `A table of one kind of machine keeps those of the others`() throws {
        let script = Program.repository + "/Tests/CommandTests/kind_sections.py"
        let result = try Program.run(
            [script, Program.repository + "/Benchmarks/peers"], program: KeptNetworkTests.python)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.lines == ["AVX-512, L1 48K, L2 1024K", "AVX2, L1 32K, L2 512K"])
    }

    /// Fewer images than classes would leave outputs away.
    @Test(arguments: [("lenet-5", 430_500), ("resnet-8", 77_072), ("mlp-9-5-200", 1_045)])
    func `One image has the whole network`(_ network: String, _ weights: Int) throws {
        let result = try Program.run(
            "bench", "infer", "--network", network, "--batch", "1", "--runs", "1", "--sparsity", "0", "--json")
        let line = try #require(result.lines.last, "\(result.errors)")
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["nnz"] as? Int == weights)
    }

    @Test func `Networks that start sparse are measured by depth and by width`() throws {
        let result = try Program.run(
            "bench", "scale", "--least", "20000", "--most", "200000", "--runs", "1", "--threads", "2", "--json")
        #expect(result.code == 0, "\(result.errors)")
        let objects = try result.lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["case"] as? String } == ["depth", "depth", "width", "width"].map { "scale-\($0)" })
        for object in objects {
            for field in [
                "seconds", "seconds_min", "samples_per_second", "effective_gflops", "peak_gflops",
                "resident_bytes", "seconds_per_nonzero", "bytes_moved", "bandwidth", "bound_seconds", "ratio",
            ] {
                #expect(try #require(object[field] as? Double, "\(field)") > 0)
            }
            #expect(try #require(object["bytes_a_nonzero"] as? Double) <= 32)
            // Dense too where that fits, else it is said why not: 2 · 10⁸ weights do not.
            #expect((object["dense_seconds"] as? Double != nil) != (object["dense_skipped"] as? String != nil))
        }
        #expect(objects.map { $0["dense_seconds"] != nil } == [true, true, true, false])
        #expect(
            try zip([20_000, 200_000, 20_000, 200_000], objects).allSatisfy { wanted, object in
                abs(Double(try #require(object["nnz"] as? Int)) / wanted - 1) < 0.3
            })
    }

    @Test func `How a step scales with the threads is in its line`() throws {
        let result = try Program.run(
            "bench", "train", "--network", "mlp-30-20-5", "--batch", "8", "--runs", "2", "--threads", "3", "--json")
        let line = try #require(result.lines.last)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let seconds = try #require(object["scaling_seconds"] as? [Double])
        #expect(seconds.count == 3 && seconds.last == object["seconds"] as? Double)
        #expect((object["scaling_speedup"] as? [Double])?.first == 1)
        #expect(object.keys.contains("serial_share"))
    }

    @Test(arguments: [
        ["--rows", "37", "--columns", "103", "--batch", "5"],
        [
            "--convolution", "--in-channels", "6", "--out-channels", "7", "--height", "9", "--width", "7", "--stride",
            "2",
            "--batch", "3", "--threads", "2",
        ],
    ])
    func `The crossover prints a line a density, or a table and curves`(_ arguments: [String]) throws {
        let result = try Program.run(["bench", "crossover", "--runs", "3", "--json"] + arguments)
        #expect(result.code == 0, "\(result.errors)")
        let objects = try result.lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        let densities = objects.compactMap { $0["density"] as? Double }
        #expect(densities.count == objects.count && densities.first == 1 && densities.last == 0.01)
        for object in objects {
            for pass in ["forward", "input_gradient", "weight_gradient"] {
                for kernel in ["dense", "sparse", "chosen"] {
                    #expect(try #require(object["\(pass)_\(kernel)_seconds"] as? Double) > 0)
                }
                #expect(["dense", "sparse"].contains(object["\(pass)_chosen"] as? String))
            }
        }
        let drawn = try Program.run(["bench", "crossover", "--runs", "3"] + arguments)
        #expect(drawn.code == 0 && drawn.output.contains("weight gradient: "), "\(drawn.errors)")
        #expect(drawn.lines.filter { $0.contains("└──") }.count == 3)
    }

    @Test func `A benchmark goes on where its parent ignored the signal`() throws {
        let folder = try TemporaryFolder()
        let running = try Running(
            ["-c", "trap '' HUP INT; exec \"$0\" bench preview --runs 1000", Program.path],
            environment: ["TMPDIR": folder.path], program: "/bin/sh")
        try waitUntil("the folder of the benchmark") {
            try !FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty
        }
        // The lower number would be taken first.
        for number in [SIGHUP, SIGINT, SIGTERM] { running.signal(number) }
        #expect(try running.wait(seconds: 30).code == 128 + SIGTERM)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1])
    func `A benchmark that a signal ends leaves no folder`(number: Int32) throws {
        let folder = try TemporaryFolder()
        let running = try Running(["bench", "preview", "--runs", "1000"], environment: ["TMPDIR": folder.path])
        try waitUntil("the folder of the benchmark") {
            try !FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty
        }
        running.signal(number)
        let result = try running.wait(seconds: 30)
        #expect(result.code == 128 + number, "\(result)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
