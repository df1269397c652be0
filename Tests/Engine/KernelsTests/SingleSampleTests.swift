import Kernels
import Testing

@Suite struct SingleSampleTests {
    @Test(arguments: [(1, 1), (5, 7), (16, 16), (17, 33), (33, 300), (250, 81), (700, 40)])
    func bothOrdersGiveTheBytesOfThePanelKernels(rows: Int, columns: Int) throws {
        for density in [Float(0), 0.1, 0.6, 1] {
            let layer = LayerFixture(samples: 1, channels: columns, rows: rows, density: density)
            let expected = layer.runSparse().y
            for liveInputs in [0.0, 1.0] {
                #expect(try sameBytes(run(layer, liveInputs: liveInputs, isHalf: false), expected))
            }
        }
    }

    @Test func zeroInputsChangeNothing() throws {
        let layer = LayerFixture(samples: 1, channels: 90, rows: 40, density: 0.3)
        let x = layer.x.enumerated().map { $0.offset % 3 == 0 ? $0.element : 0 }
        let exact = layer.reference.forward(weights: layer.weights, bias: layer.bias, x: x)
        let byRow = try run(layer, x: x, liveInputs: 1, isHalf: false)
        #expect(try sameBytes(run(layer, x: x, liveInputs: 0.3, isHalf: false), byRow))
        #expect(zip(byRow, exact).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    @Test func halvesAreRoundedValues() throws {
        let layer = LayerFixture(samples: 1, channels: 123, rows: 70, density: 0.4)
        let rounded = layer.weights.map { Float(Float16($0)) }
        #expect(rounded != layer.weights)
        let exact = layer.reference.forward(weights: rounded, bias: layer.bias, x: layer.x)
        let byRow = try run(layer, liveInputs: 1, isHalf: true)
        #expect(try sameBytes(run(layer, liveInputs: 0, isHalf: true), byRow))
        #expect(zip(byRow, exact).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    private func run(
        _ layer: LayerFixture, x: [Float]? = nil, liveInputs: Double, isHalf: Bool
    ) throws -> [Float] {
        let weights = layer.weights
        let single = SingleSample(
            rows: layer.rows, columns: layer.channels, indices: layer.indices,
            values: layer.indices.map { weights[$0] }, isHalf: isHalf, liveInputs: liveInputs)
        // Three floats apart, to see that no other is touched.
        let input = FloatBuffer(count: layer.channels * 3), output = FloatBuffer(count: layer.rows * 3)
        for (index, value) in (x ?? layer.x).enumerated() { input[index * 3] = value }
        let bias = FloatBuffer(layer.bias)
        for task in 0..<single.tasks {
            single.forward(
                task: task, bias: bias.pointer, input: input.pointer, inputStep: 3, output: output.pointer,
                outputStep: 3)
        }
        #expect(output.array.enumerated().allSatisfy { $0.offset % 3 == 0 || $0.element == 0 })
        return (0..<layer.rows).map { output[$0 * 3] }
    }
}
