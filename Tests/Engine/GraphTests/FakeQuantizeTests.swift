import Graph
import Kernels
import Testing

@Suite struct FakeQuantizeTests {
    private func network(_ graph: Graph, samples: Int = 3, threads: Int = 1) -> Network {
        Network(graph, capacity: samples, team: Team(size: threads), trains: true, inputGradient: true)
    }

    private func place(_ tensor: PanelTensor, _ sample: Int, _ feature: Int) -> Int {
        let layout = tensor.layout
        return sample / layout.lanes * layout.panelFloats + layout.offset(feature) + sample % layout.lanes
    }

    private func set(_ tensor: PanelTensor, _ buffer: FloatBuffer, _ rows: [[Float]]) {
        for (sample, row) in rows.enumerated() {
            for (feature, value) in row.enumerated() { buffer[place(tensor, sample, feature)] = value }
        }
    }

    private func rows(_ tensor: PanelTensor, _ buffer: FloatBuffer, _ samples: Int) -> [[Float]] {
        (0..<samples).map { sample in
            (0..<tensor.layout.features).map { buffer[place(tensor, sample, $0)] }
        }
    }

    /// 2 inputs, rounded; 2 rows of weights, rounded; ReLU, rounded.
    @Test func weightsAndActivationsInSmallNumbers() throws {
        let graph = try Graph(
            input: Shape(channels: 2), [Graph.Entry("fc", Linear(outputs: 2)), Graph.Entry("relu", ReLU())])
        let made = try graph.rounding([-1, 1])
        #expect(made.graph.nodes.map(\.name) == ["input.rounded", "fc", "relu", "relu.rounded"])
        #expect(made.graph.unrounded.nodes.map(\.name) == ["fc", "relu"])
        #expect(made.graph.unrounded.nodes.map(\.inputs) == graph.nodes.map(\.inputs))
        let network = network(made.graph)
        network.layers[0].set(
            LayerArrays(
                indices: nil, values: [1.27, 0.004, 127, -64], slots: [], bias: [0.25, -1], biasSlots: []))
        let weights = RoundedWeights(network), x: [[Float]] = [[0.3, -0.6], [0.9, 5], [-1, 0]]
        set(network.input, network.input.values, x)
        network.forward(samples: 3, step: 0)
        // Nothing is rounded before steps are known.
        let plain = rows(network.output, network.output.values, 3)
        for (found, wanted) in zip(plain[0], [0.6286, 75.5] as [Float]) { #expect(abs(found - wanted) < 1e-4) }

        made.roundings[0].steps = ValueSteps(scale: 0.5, least: -2, most: 2)
        made.roundings[1].steps = ValueSteps(scale: 1, least: 0, most: 90)
        weights.round([LayerSums?](repeating: LayerSums(inputScale: 1), count: network.layers.count))
        let scale = weightScale(largest: 1.27)
        // 0.004 is less than half a step: 0 while it counts, and what it was afterwards.
        #expect(network.layers[0].live().values == [127 * scale, 0, 127, -64])
        set(network.input, network.input.values, x)
        network.forward(samples: 3, step: 0)
        // Inputs 0.5, −0.5; 1, 1; −1, 0. Sums 0.885, 94.5; 1.52, 62; −1.02, −128.
        #expect(rows(network.output, network.output.values, 3) == [[1, 90], [2, 62], [0, 0]])
        set(network.output, network.output.gradient!, [[1, 10], [1, 10], [1, 10]])
        network.backward(samples: 3)
        weights.restore()
        #expect(network.layers[0].live().values == [1.27, 0.004, 127, -64])
        // 94.5 lies above the range, −1.02 and −128 left of the ReLU.
        #expect(network.layers[0].liveGradient() == [1.5, 0.5, 10, 10])
        #expect(network.layers[0].biasGradient.array == [2, 10])
        // 5 lies outside of the input's range; −64 · 10 does not reach it.
        let given: [[Float]] = [[127 * scale, 0], [127 * scale + 1270, 0], [0, 0]]
        #expect(rows(network.input, network.input.gradient!, 3) == given)
        // 94.5 would be less if it could; 5 would be more.
        let pulls = made.roundings.map { $0.pulls(panels: 1) }
        #expect(pulls.map(\.low) == [0, 0] && pulls.map(\.high) == [-1, 1])
    }

    /// Two outputs, each with steps of its own, forward and back.
    @Test func channelsMayHaveStepsOfTheirOwn() throws {
        let graph = try Graph(input: Shape(channels: 2), [Graph.Entry("relu", ReLU())])
        let made = try graph.rounding([0]), network = network(made.graph)
        // Steps of 0.5 at −1.25, −0.75, −0.25, 0.25 …; of 1 at …, 0, 1, 2.
        made.roundings[0].stepsOfChannels = [
            ValueSteps(scale: 0.5, least: -1, most: 4, offset: 0.75), ValueSteps(scale: 1, least: 0, most: 2),
        ]
        set(network.input, network.input.values, [[0.3, 0.3], [0.6, 1.6], [3, 3]])
        network.forward(samples: 3, step: 0)
        #expect(rows(network.output, network.output.values, 3) == [[0.25, 0], [0.75, 2], [1.25, 2]])
        set(network.output, network.output.gradient!, [[1, 10], [1, 10], [1, 10]])
        network.backward(samples: 3)
        #expect(rows(network.input, network.input.gradient!, 3) == [[1, 10], [1, 10], [0, 0]])
        let pulls = made.roundings[0].pulls(panels: 1)
        #expect(pulls.low == 0 && pulls.high == 1)
    }

    /// Biases far beyond the weights, sums of many columns, and weights that no sums are made of.
    @Test func stepsAreAsWideAsSumsNeed() throws {
        let graph = try Graph(
            input: Shape(channels: 40_000),
            [Graph.Entry("a", Linear(outputs: 2)), Graph.Entry("b", Linear(outputs: 2))])
        let network = network(graph, samples: 1)
        network.layers[0].set(
            LayerArrays(
                indices: [0, 1, 40_000], values: [1e-9, 3e-10, 1], slots: [], bias: [2, 2], biasSlots: []))
        network.layers[1].set(
            LayerArrays(indices: nil, values: [1.27, 0.004, 127, -64], slots: [], bias: [0, 0], biasSlots: []))
        let weights = RoundedWeights(network)
        weights.round([LayerSums(inputScale: 0.25, shifts: [-1, 0]), nil])
        // |2 − 1| / 0.25 / 2³⁰ a step: 3.7 · 10⁻⁹, of which 10⁻⁹ is none; the other row's bias fits.
        #expect(network.layers[0].live().values == [0, 0, 127 * weightScale(largest: 1)])
        #expect(network.layers[1].live().values == [1.27, 0.004, 127, -64])
        weights.restore()
        #expect(network.layers[0].live().values == [1e-9, 3e-10, 1])
        network.layers[0].set(
            LayerArrays(
                indices: nil, values: [Float](repeating: 1, count: 80_000), slots: [], bias: [0, 0], biasSlots: []))
        weights.maskChanged(0)
        weights.round([LayerSums(inputScale: 1), nil])
        let scale = RowScale(largest: 1, total: 40_000, columns: 40_000, bias: 0, input: 1)
        #expect(scale.isWidened && scale.scale > 1.2 * weightScale(largest: 1))
        #expect(network.layers[0].live().values.allSatisfy { $0 == weightSteps(1, scale: scale.scale) * scale.scale })
        weights.restore()
    }

    /// Rows of a mask that is made of any places, of a depthwise and of an ordinary convolution, on several threads.
    @Test func everyRowHasItsOwnScale() throws {
        let graph = try Graph(
            input: Shape(channels: 4, height: 3, width: 3),
            [
                Graph.Entry("a", Convolution(channels: 4, kernel: 3, padding: 1, groups: 4)),
                Graph.Entry("b", Convolution(channels: 5, kernel: 1)),
                Graph.Entry("flatten", Flatten()), Graph.Entry("c", Linear(outputs: 3)),
            ])
        for threads in [1, 2] {
            let network = network(graph, threads: threads)
            network.initialize(seed: 3)
            var live = network.layers[2].live()
            live = live.keeping(live.values.indices.map { $0 % 7 == 2 && $0 / 45 != 1 })
            network.layers[2].set(live)
            let before = network.layers.map { $0.live() }
            let weights = RoundedWeights(network)
            weights.round([LayerSums?](repeating: LayerSums(inputScale: 1), count: network.layers.count))
            for (layer, was) in zip(network.layers, before) {
                let is8 = layer.live(), columns = layer.map.columns
                #expect(is8.indices == was.indices)
                for row in 0..<layer.map.rows {
                    let own = was.values.indices.filter { (was.indices?[$0] ?? $0) / columns == row }
                    let scale = weightScale(largest: own.reduce(0) { max($0, abs(was.values[$1])) })
                    for place in own {
                        #expect(is8.values[place] == weightSteps(was.values[place], scale: scale) * scale)
                        #expect(abs(is8.values[place] - was.values[place]) <= scale * 0.5001)
                    }
                }
            }
            weights.restore()
            #expect(network.layers.map { $0.live() } == before)
        }
    }
}
