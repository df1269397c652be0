import Graph
import Kernels
import Testing

/// Networks that have a name: they run both ways, panels and one image give the same, and they can be written down.
@Suite struct NamedNetworkTests {
    private static let inputs: [String: Shape] = [
        "lenet-300-100": Shape([1, 12, 12]), "lenet-5": Shape([1, 28, 28]), "resnet-8": Shape([1, 12, 12]),
        "resnet-20": Shape([3, 12, 12]), "resnet-18": Shape([3, 9, 9]), "vgg-11": Shape([1, 28, 28]),
        "mobilenet-v1-0.25": Shape([3, 16, 16]), "mobilenet-v2": Shape([3, 16, 16]),
        "mobilenet-v3-small": Shape([3, 16, 16]), "ds-cnn": Shape([1, 49, 10]), "autoencoder-640": Shape([640]),
        "encoder-mini": Shape([12]), "mlp-784-1024-1024-10": Shape([784]),
    ]

    @Test(arguments: NamedNetworks.all.map { $0.descriptor.name }) func aNamedNetworkRuns(name: String) throws {
        let input = try #require(Self.inputs[name])
        let outputs = name == "autoencoder-640" ? 640 : 10
        let graph = try NamedNetworks.make(name, input: input, classes: outputs)
        #expect(graph.output.features == outputs)
        let again = try NodeList(json: NodeList(graph).json()).graph()
        #expect(NodeList(again) == NodeList(graph))

        let samples = 3
        let network = Network(graph, capacity: samples, team: Team(size: 2), trains: true)
        network.initialize(seed: 4)
        let random = CounterRandom(seed: 6, purpose: .test)
        for (number, parameter) in network.parameters.enumerated() where parameter.shape.role == .trained {
            for index in 0..<parameter.values.count {
                parameter.values[index] += 0.2 * (random.uniform(1, number, index) - 0.5)
            }
        }
        let isTokens = name == "encoder-mini"
        let answering = Answering(network)
        forEachPoint(input, network.input.layout, samples) {
            let value = random.uniform(2, $0, $1)
            network.input.values[$2] = isTokens ? (value * 255).rounded() : value - 0.5
            answering.images[$0 * input.features + $1] = network.input.values[$2]
        }
        network.forward(samples: samples, step: 0)
        forEachPoint(graph.output, network.output.gradientLayout, samples) {
            network.output.gradient![$2] = random.uniform(3, $0, $1) - 0.5
        }
        network.backward(samples: samples)
        for layer in network.layers {
            let gradient = layer.liveGradient()
            #expect(gradient.allSatisfy { $0.isFinite } && gradient.contains { $0 != 0 }, "\(name) \(layer.name)")
        }
        for parameter in network.trained {
            #expect(parameter.gradient.array.allSatisfy { $0.isFinite }, "\(name) \(parameter.name)")
        }
        answering.forward(samples: samples, .panels)
        answering.takeAnswers(samples)
        let expected = answering.answers.array
        #expect(expected.allSatisfy { $0.isFinite })
        answering.forward(samples: samples, .images)
        #expect(answering.answers.array == expected, "\(name)")
    }
}
