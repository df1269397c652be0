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
}
