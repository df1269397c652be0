import Devices
import Foundation
import Graph
import Kernels
import Testing

/// What networks of tokens compute with: normalised lines, products of activations, tables.
@Suite struct QuantizedTokensTests {
    @Test(arguments: [1, 2, 7, 64, 1000]) func linesAreNormalised(_ count: Int) {
        for (epsilon, centers) in [(Int64(0), true), (1 << 20, true), (3, false)] {
            let norm = QuantizedNorm(
                outer: 1, count: count, inner: 1, centers: centers, epsilon: epsilon, stride: 1, weights: [1],
                bias: [0],
                requantization: Requantization(0.5)!)
            for spread in [0, 1, 255] {
                let values = (0..<count).map { Int64($0 * 7919 % (2 * spread + 1) - spread) }
                let sum = values.reduce(0, +), squares = values.reduce(0) { $0 + $1 * $1 }
                let n = Double(count), mean = centers ? Double(sum) / n : 0
                let deviation = (Double(squares) / n - mean * mean + Double(epsilon) / (n * n)).squareRoot()
                let scale = norm.scale(sum: sum, squares: squares)
                for value in values {
                    let wanted = deviation > 1e-9 ? (Double(value) - mean) / deviation : 0
                    let found = Double(scale(value, count: Int64(count))) / 4096
                    #expect(abs(found - wanted) < 0.6 / 4096 + 1e-7 * abs(wanted), "\(count) \(epsilon) \(spread)")
                }
            }
        }
    }

    @Test func productsAndTablesGiveTheirLiteralValues() {
        let x = QuantizedTensor(name: "x", axes: [2], scale: 1, zero: -128)
        let table = QuantizedTensor(name: "t", axes: [2, 2], scale: 1, zero: 3)
        let product = QuantizedTensor(name: "p", axes: [2, 2], scale: 4, zero: 1)
        let lookup = QuantizedLookup(features: 2, table: [4, 5, 13, 1, 3, -7])
        // [[1, 2], [10, −2]] · its transpose = [[5, 6], [6, 104]], by 4.
        let matrix = QuantizedMatrix(
            leading: QuantizedPairs(axes: [], aStrides: [], bStrides: []), rows: 2, columns: 2, depth: 2,
            a: .init(row: 2, column: 1), b: .init(row: 1, column: 2), requantization: Requantization(0.25)!)
        let network = QuantizedNetwork(
            tensors: [x, table, product],
            nodes: [
                QuantizedNode(name: "t", kind: "embedding", inputs: [0], output: 1, rule: .lookup(lookup)),
                QuantizedNode(name: "p", kind: "matmul", inputs: [1, 1], output: 2, rule: .matrix(matrix)),
            ])
        #expect(network.fault == nil)
        #expect(QuantizedReference(network).values([-128, -127]) == [[-128, -127], [4, 5, 13, 1], [2, 3, 3, 27]])
        #expect(QuantizedExecutor(network).answer([0, 1]) == [4, 8, 8, 104])
        #expect(QuantizedExecutor(network).answer([200, 2]) == QuantizedExecutor(network).answer([2, 2]))
    }

    private func encoder(tokens: Int) throws -> Sample {
        let graph = try NamedNetworks.make("encoder-mini", input: Shape([tokens]), classes: 3)
        var sample = try Sample(graph.input, graph.entries, zeros: 0.9, count: 1)
        sample.images = (0..<3).map { image in (0..<tokens).map { Float(($0 * 37 + image * 91) % 256) } }
        return sample
    }

    @Test func anEncodersNodesAreNearTheirOperators() throws {
        let sample = try encoder(tokens: 12), quantizer = try Quantizer(sample.graph, sample.arrays)
        var notes: [String] = []
        let network = try quantizer.network(sample.images, RangeChoices.make("min-max"), notes: &notes)
        #expect(network.tensors[0].scale == 1 && network.tensors[0].zero == -128)
        expectAlike(network, sample.images, "encoder-mini")
        for error in QuantizationError.all(quantizer, network, sample.images) {
            #expect(error.own > 15, "\(error.node) (\(error.kind)): \(error.own) dB")
        }
    }

    @Test func aFileHoldsTablesAndCReadsThem() throws {
        let path = NSTemporaryDirectory() + "tokens-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sample = try encoder(tokens: 12), network = try sample.quantized().network
        try QuantizedFile.write(network, metadata: [:], to: path)
        #expect(try QuantizedFile.read(path).network == network)
        var program = CProgram()
        program.add(try C99Export(network, options: C99Export.Options(name: "tokens")), sample.images)
        #expect(try program.answers()[0].values == sample.images.flatMap(QuantizedReference(network).answer))
    }
}
