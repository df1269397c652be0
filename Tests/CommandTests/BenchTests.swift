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
