import Descriptors
import Devices
import Foundation
import Graph
import Interchange
import Testing

@Suite struct QuantizedFileTests {
    private func sample() throws -> QuantizedNetwork {
        try Sample(
            Shape([2, 6, 6]),
            [
                Graph.Entry("a", Convolution(channels: 4, kernel: 3, padding: 1)), Graph.Entry("r", ReLU()),
                Graph.Entry("s", try Operators.make("sigmoid", [:])), Graph.Entry("m", MaxPool(kernel: 2)),
                Graph.Entry("f", try Operators.make("flatten", [:])), Graph.Entry("l", Linear(outputs: 3)),
                Graph.Entry("p", try Operators.make("softmax", [:])),
            ]
        ).quantized().network
    }

    @Test func aNetworkComesBackAsItWas() throws {
        let path = NSTemporaryDirectory() + "quantized-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let network = try sample()
        try QuantizedFile.write(network, metadata: ["step": "7"], to: path)
        #expect(QuantizedFile.isOne(path))
        let read = try QuantizedFile.read(path)
        #expect(read.network == network)
        #expect(read.file.metadata["step"] == "7")
    }

    @Test func faultsAreFoundBeforeAnythingRuns() throws {
        let sound = try sample()
        #expect(sound.fault == nil)
        let changes: [(inout QuantizedNetwork) -> Void] = [
            { $0.tensors[0].scale = 0 }, { $0.tensors[1].zero = 128 }, { $0.tensors[0].axes = [2, 6, 5] },
            { $0.nodes[0].output = 0 }, { $0.nodes[1].inputs = [99] }, { $0.nodes[0].low = 128 }, { $0.nodes = [] },
            { $0.nodes[1].rule = .table([1, 2]) }, { $0.nodes[1].rule = .move(sources: [1 << 20]) },
            {
                guard case .sums(var sums) = $0.nodes[0].rule else { return }
                sums.bias[0] = .max
                $0.nodes[0].rule = .sums(sums)
            },
            {
                guard case .sums(var sums) = $0.nodes[0].rule else { return }
                sums.indices?[0] = 1 << 20
                $0.nodes[0].rule = .sums(sums)
            },
        ]
        for (number, change) in changes.enumerated() {
            var network = sound
            change(&network)
            #expect(network.fault != nil, "change \(number)")
        }
    }
}
