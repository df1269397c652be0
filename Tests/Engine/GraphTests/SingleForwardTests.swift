import Graph
import Kernels
import Testing

/// A batch of one through a sparse linear layer: the same bytes as through the panels, whatever changed before.
@Suite struct SingleForwardTests {
    @Test(arguments: [1, 2]) func oneSampleGivesTheBytesOfThePanels(threads: Int) throws {
        let network = try network(threads: threads)
        let first = output(network)
        #expect(output(network) == first, "the second call has the weights prepared")
        #expect(output(network, samples: 2) == first, "panels")

        // Half the weights go.
        let layer = network.layers[0]
        let live = layer.live()
        layer.set(live.keeping(live.values.indices.map { $0 % 2 == 0 }))
        let cut = output(network)
        #expect(cut != first)
        #expect(output(network) == cut && output(network, samples: 2) == cut)

        // A training step, as the optimizer does it: forward, backward, values changed in place.
        network.forward(samples: 2, step: 1)
        network.backward(samples: 2)
        for index in 0..<layer.values.count { layer.values[index] += 0.5 }
        let trained = output(network)
        #expect(trained != cut)
        #expect(output(network) == trained && output(network, samples: 2) == trained)
    }

    @Test func halfPrecisionIsAskedForAndRounds() throws {
        let network = try network(threads: 1)
        let exact = output(network)
        network.pass.usesHalf = true
        let rounded = output(network)
        #expect(rounded != exact)
        #expect(zip(rounded, exact).allSatisfy { abs(Float(bitPattern: $0) - Float(bitPattern: $1)) < 1e-2 })
        network.pass.usesHalf = false
        #expect(output(network) == exact)
    }

    private func network(threads: Int) throws -> Network {
        let graph = try Graph(
            input: Shape(channels: 150), [.init("a", Linear(outputs: 90)), .init("b", Linear(outputs: 7))])
        let network = Network(graph, capacity: 2, team: Team(size: threads), trains: true)
        network.initialize(seed: 5)
        let random = CounterRandom(seed: 5, purpose: .test)
        for layer in network.layers {
            let live = layer.live()
            layer.set(live.keeping(live.values.indices.map { random.uniform($0) < 0.3 }))
        }
        for channel in 0..<150 {
            for sample in 0..<2 {
                network.input.values[channel * network.lanes + sample] = random.uniform(channel, sample)
            }
        }
        return network
    }

    /// Of the first sample.
    private func output(_ network: Network, samples: Int = 1) -> [UInt32] {
        network.forward(samples: samples)
        return (0..<7).map { network.output.values[$0 * network.lanes].bitPattern }
    }
}
