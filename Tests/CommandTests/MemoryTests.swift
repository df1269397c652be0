import Foundation
import Testing

/// What needs more memory than the process may have is refused with the figures, before it is taken.
@Suite struct MemoryTests {
    private static func limited(_ arguments: String..., kilobytes: Int) throws -> Program.Result {
        try Running(
            ["-c", "ulimit -v \(kilobytes) && exec \"$0\" \"$@\"", Program.path] + arguments, program: "/bin/sh"
        ).wait()
    }

    @Test func `A recipe of more weights than memory takes is refused with the estimate`() throws {
        let folder = try TemporaryFolder()
        try folder.write("network: mlp-64-9000-9000-10\ndata: digits\nvalidation: 237\n", to: "large.yaml")
        let result = try Self.limited("train", folder("large.yaml"), "--run", folder("run"), kilobytes: 2_000_000)
        #expect(result.code == 65)
        #expect(result.errors.split(separator: "\n").count == 1)
        for part in ["large.yaml:1:", "needs about 3.0 GB to train (weights 0.3, gradients", "left by ulimit -v"] {
            #expect(result.errors.contains(part), "\(result.errors)")
        }
        #expect(!folder.exists("run"))
    }

    /// A file of one kilobyte that speaks of gigabytes.
    @Test(arguments: [
        String(repeating: "{operator: dropout}, ", count: 40) + "{operator: global-average-pool}",
        "{operator: convolution, channels: 60, kernel: 1}, {operator: global-average-pool}",
    ])
    func `A kept network that memory does not take is refused`(_ nodes: String) throws {
        let folder = try TemporaryFolder()
        let isConvolution = nodes.contains("convolution")
        let recipe = "network: [\(nodes), {name: fc, operator: linear, outputs: 2}]\\ndata: digits\\n"
        let columns = isConvolution ? 60 : 1
        var tensors = [("fc.bias", [2]), ("fc.weight", [2, columns])]
        if isConvolution { tensors += [("convolution1.bias", [60]), ("convolution1.weight", [60, 1, 1, 1])] }
        var end = 0
        let entries = tensors.map { name, shape in
            let begin = end
            end += 4 * shape.reduce(1, *)
            return #""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
        }
        let metadata = [
            "espalier": "network-1", "recipe": recipe, "step": "1", "classes": "2", "input_channels": "1",
            "input_height": "4000", "input_width": "4000", "input_mean": "0", "input_deviation": "1",
        ].map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
        let header = Array("{\"__metadata__\":{\(metadata)},\(entries.joined(separator: ","))}".utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        try Data(length + header + [UInt8](repeating: 0, count: end)).write(
            to: URL(fileURLWithPath: folder("kept.safetensors")))
        for command in ["inspect", "evaluate"] {
            let result = try Self.limited(command, folder("kept.safetensors"), kilobytes: 3_000_000)
            #expect(result.code == 65, "\(result.code) \(result.errors)")
            #expect(result.errors.contains("GB to run (weights 0.1, activations"), "\(result.errors)")
        }
    }
}
