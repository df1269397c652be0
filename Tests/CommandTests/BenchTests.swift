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
    ])
    func `One JSON line with what is promised`(_ arguments: [String]) throws {
        let result = try Program.run(["bench"] + arguments + ["--runs", "2", "--sparsity", "0.8", "--json"])
        #expect(result.code == 0, "\(result.errors)")
        let line = try #require(result.lines.last)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        for field in ["seconds", "seconds_min", "dense_seconds", "gflops", "effective_gflops", "peak_gflops"] {
            #expect(try #require(object[field] as? Double, "\(field)") > 0)
        }
    }

    @Test(arguments: ["64x28", "0x28x28", "65536x65536x1", "x"])
    func `An input of no image is refused`(_ input: String) throws {
        let result = try Program.run("bench", "infer", "--network", "lenet-5", "--input", input)
        #expect(result.code == 64)
        #expect(result.errors.contains("--input is \(input); accepted: channels, height and width"))
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
                "seconds", "seconds_min", "seconds_per_nonzero", "bytes_moved", "bandwidth", "bound_seconds", "ratio",
            ] {
                #expect(try #require(object[field] as? Double, "\(field)") > 0)
            }
            #expect(try #require(object["bytes_a_nonzero"] as? Double) <= 32)
        }
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
        #expect(object["serial_share"] as? Double != nil)
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
}
