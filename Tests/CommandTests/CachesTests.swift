import Foundation
import Testing

/// What the environment says of the caches changes the kernels' sizes and no byte of a run.
@Suite struct CachesTests {
    private static let settings = ["1K,1K,1K", "32K,512K,32M", "1M,16M,64M"]

    @Test(arguments: [
        // Two convolutions, dense and, once cut, sparse ones.
        [
            "digits", "--steps", "60", "--set",
            "network=[{name: c1, operator: convolution, channels: 20, kernel: 3, padding: 1}, "
                + "{name: r1, operator: relu}, "
                + "{name: c2, operator: convolution, channels: 24, kernel: 3, stride: 2, padding: 1}, "
                + "{name: r2, operator: relu}, {name: flat, operator: flatten}, "
                + "{name: out, operator: linear, outputs: 10}]",
            "--set", "schedule.begin=5", "--set", "schedule.end=50", "--set", "schedule.every=5",
        ],
        ["digits", "--steps", "300", "--set", "schedule.end=250"],
    ])
    func `A run has the same bytes whatever the caches`(_ arguments: [String]) throws {
        let folder = try TemporaryFolder()
        var finals: [Data] = []
        for caches in Self.settings {
            // A table of kernel times of its own: each setting is measured anew, and may choose others.
            let result = try Program.run(
                ["train"] + arguments + ["--run", folder(caches)],
                environment: ["ESPALIER_CACHES": caches, "XDG_CACHE_HOME": folder.path])
            #expect(result.code == 0, "\(result.errors)")
            finals.append(folder.bytes("\(caches)/final.safetensors"))
            #expect(!finals[0].isEmpty && finals.last == finals[0], "\(caches)")
        }
        guard folder.exists("espalier") else { return }
        let tables = try FileManager.default.contentsOfDirectory(atPath: folder("espalier"))
        #expect(tables.count == Self.settings.count, "\(tables)")
    }

    @Test func `They are what the benchmarks print`() throws {
        for caches in Self.settings {
            let result = try Program.run(
                ["bench", "linear", "--rows", "9", "--columns", "9", "--runs", "1", "--json"],
                environment: ["ESPALIER_CACHES": caches])
            #expect(result.output.contains("\"caches\":\"\(caches)\""), "\(result.output)")
        }
    }

    @Test(arguments: [["list"], ["train", "digits"], ["--help"], ["bench", "linear"]])
    func `A text that gives no sizes is refused before anything else`(_ arguments: [String]) throws {
        let result = try Program.run(arguments, environment: ["ESPALIER_CACHES": "32K,512K"])
        #expect(result.code == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("espalier: ESPALIER_CACHES is '32K,512K'; accepted: three sizes"))
        #expect(result.errors.split(separator: "\n").count == 1)
    }
}
