import Descriptors
import Graph
import Kernels
import Testing

/// One image at a time, panels of samples and networks that only answer give the same bytes, for every operator, by any of the
/// kernels.
@Suite struct PlaneNetworkTests {
    @Test(arguments: Operators.all.map { $0.descriptor.name })
    func everyOperatorAnswersOneImage(name: String) throws {
        let type = try #require(Operators.all.first { $0.descriptor.name == name })
        for (number, test) in type.cases.enumerated() {
            let op = try Operators.make(name, test.arguments)
            // Inputs of one shape are ways from the network's; another shape is a constant.
            let first = try test.inputs.first ?? op.outputShape([])
            var entries: [Graph.Entry] = [.init("first", Dropout(rate: 0.5))]
            var inputs: [String] = test.inputs.isEmpty ? [] : ["first"]
            for (number, shape) in test.inputs.enumerated().dropFirst() {
                entries.append(
                    shape == first
                        ? .init("way\(number)", ReLU(), inputs: [Graph.inputName])
                        : .init("way\(number)", Constant(shape: shape, value: 0.75)))
                inputs.append("way\(number)")
            }
            entries.append(.init("op", op, inputs: inputs))
            let shape = try op.outputShape(test.inputs)
            if test.inputs.isEmpty {
                entries.append(.init("sum", Add(), inputs: ["first", "op"]))
            }
            // Something behind it that reads a border.
            if (2...3).contains(shape.rank) {
                entries.append(.init("after", Convolution(channels: 3, kernel: 1, padding: 0)))
                if shape.height > 2, shape.width > 2 {
                    entries.append(.init("border", Convolution(channels: 2, kernel: 3, padding: 2)))
                }
            } else if shape.isFlat {
                entries.append(.init("after", Linear(outputs: 5)))
            }
            try check(
                try Graph(input: first, entries), seed: UInt64(number), samples: 3, values: test.values,
                "\(name) \(number)")
        }
    }

    /// Convolutions of all kinds behind one another, with what stands between them in networks.
    @Test func randomNetworksAnswerOneImage() throws {
        for seed in 0..<150 {
            let graph = try RandomImageGraph(seed: UInt64(seed)).graph()
            try check(graph, seed: UInt64(seed), samples: 2, "graph \(seed)")
        }
    }

    @Test(arguments: ["lenet-300-100", "lenet-5", "resnet-8"], [1, 2])
    func namedNetworksAnswerOneImage(name: String, threads: Int) throws {
        let graph = try NamedNetworks.make(name, input: Shape(channels: 1, height: 28, width: 28), classes: 10)
        for density in [1, 0.6, 0.1] {
            try check(graph, seed: 7, samples: 5, threads: threads, densities: [density], "\(name) \(density)")
        }
    }

    @Test func mobileNetworksAnswerOneImage() throws {
        let graph = try NamedNetworks.make("mobilenet-v2", input: Shape(channels: 3, height: 9, width: 9), classes: 10)
        try check(graph, seed: 7, samples: 2, "mobilenet-v2")
    }

    @Test(arguments: [1, 2]) func anEncoderAnswersOneSample(threads: Int) throws {
        let graph = try NamedNetworks.make("encoder-mini", input: Shape([19]), classes: 10)
        try check(graph, seed: 7, samples: 5, threads: threads, values: 0...255, "encoder-mini")
    }

    /// Attentions as files have them: run as one where they can be, else operator by operator.
    @Test(arguments: AttentionForm.all) func attentionsAnswerOneSample(_ form: AttentionForm) throws {
        let graph = try form.graph()
        try check(graph, seed: 3, samples: 18, values: -2...2, form.description)
        let scores = 4 * Double(graph.lanes(capacity: 16) * 3 * 13 * 13)
        let all = graph.nodes.reduce(0.0) { $0 + 4 * Double(16 * $1.shape.features) }
        // What is never stored has no memory.
        let planned = PlannedMemory(graph, capacity: 16, trains: false).activations
        #expect((planned < all - scores) == form.isOne)
    }

    /// Of eight values of one size two are needed at a time.
    @Test func valuesTakeTurns() throws {
        let graph = try Graph(
            input: Shape([4, 100]), (0..<8).map { .init("\($0)", Convolution(channels: 4, kernel: 1)) })
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        network.initialize(seed: 1)
        let floats = [false, true].map {
            PlaneNetwork(graph, layers: network.layers.map { $0.live() }, parameters: [], keepsAll: $0).floats
        }
        #expect(9 * floats[0] == 2 * floats[1])
    }

    /// More inputs than the numbers of a sparse kernel hold.
    @Test func aVeryWideLayerAnswersOneImage() throws {
        let graph = try Graph(
            input: Shape(channels: 70_000), [.init("a", Linear(outputs: 5)), .init("b", Linear(outputs: 2))])
        try check(graph, seed: 1, samples: 1, densities: [0.01], "wide")
    }

    @Test func whatChangedIsSeen() throws {
        let network = Network(
            try Graph(input: Shape(channels: 8), [.init("a", Linear(outputs: 4))]), capacity: 2, team: Team(size: 1),
            trains: true)
        network.initialize(seed: 1)
        let answering = Answering(network)
        for index in 0..<answering.images.count { answering.images[index] = Float(index % 5) }
        answering.forward(samples: 1, .images)
        let before = answering.answers[0]
        let layer = network.layers[0]
        for index in 0..<layer.values.count { layer.values[index] += 1 }
        layer.valuesChanged()
        answering.networkChanged()
        answering.forward(samples: 1, .images)
        #expect(answering.answers[0] != before)
    }

    private func check(
        _ graph: Graph, seed: UInt64, samples: Int, threads: Int = 1, densities: [Double] = [1, 0.4, 0.1],
        values: ClosedRange<Float>? = nil,
        _ what: String
    ) throws {
        let network = Network(graph, capacity: samples, team: Team(size: threads), trains: true)
        network.initialize(seed: seed)
        let random = CounterRandom(seed: seed, purpose: .test)
        for (number, layer) in network.layers.enumerated() {
            let density = densities[(number + Int(seed)) % densities.count]
            for row in 0..<layer.bias.count { layer.bias[row] = random.uniform(1, number, row) - 0.5 }
            guard density < 1 else { continue }
            let live = layer.live()
            layer.set(live.keeping(live.values.indices.map { Double(random.uniform(2, number, $0)) < density }))
        }
        for (number, parameter) in network.parameters.enumerated() {
            let least = parameter.shape.least.map { $0 + 0.1 } ?? -0.5
            for index in 0..<parameter.values.count {
                parameter.values[index] = random.uniform(3, number, index) + least
            }
        }
        let answering = Answering(network)
        fill(answering, samples: samples, values ?? -0.5...0.5, random)
        answering.forward(samples: samples, .panels)
        let expected = outputs(network, samples: samples)
        // A network that only answers does the same where sums are stored.
        let alone = Network(graph, capacity: samples, team: Team(size: threads), trains: false)
        for (own, other) in zip(alone.layers, network.layers) { own.set(other.live(withSlots: false)) }
        for (own, other) in zip(alone.parameters, network.parameters) { own.set(other.state(withSlots: false)) }
        for _ in 0..<2 {
            forEachValue(network.input, network, samples: samples) { _, sample, place in
                alone.input.values[place] = network.input.values[place]
            }
            alone.forward(samples: samples)
            let bits = outputs(alone, samples: samples).map(\.bitPattern)
            #expect(bits == expected.map(\.bitPattern), "\(what)")
        }
        // Twice: what the first image leaves in memory must not reach the second.
        for _ in 0..<2 {
            for index in 0..<answering.answers.count { answering.answers[index] = -99 }
            answering.forward(samples: samples, .images)
            // Equal, not by their bytes: of a sum of zeros the sign may differ.
            #expect(answering.answers.array == expected, "\(what)")
        }
    }

    private func fill(_ answering: Answering, samples: Int, _ range: ClosedRange<Float>, _ random: CounterRandom) {
        forEachValue(answering.network.input, answering.network, samples: samples) { number, sample, place in
            let value = range.lowerBound + random.uniform(7, sample, number) * (range.upperBound - range.lowerBound)
            answering.network.input.values[place] = value
            answering.images[number] = value
        }
    }

    private func outputs(_ network: Network, samples: Int) -> [Float] {
        var values: [Float] = []
        forEachValue(network.output, network, samples: samples) { values.append(network.output.values[$2]) }
        return values
    }

    private func forEachValue(
        _ tensor: PanelTensor, _ network: Network, samples: Int,
        _ body: (_ number: Int, _ sample: Int, _ place: Int) -> Void
    ) {
        var number = 0
        for sample in 0..<samples {
            for channel in 0..<tensor.shape.channels {
                for y in 0..<tensor.shape.height {
                    for x in 0..<tensor.shape.width {
                        body(number, sample, place(tensor, network, sample, channel, y, x))
                        number += 1
                    }
                }
            }
        }
    }

    private func place(_ tensor: PanelTensor, _ network: Network, _ sample: Int, _ channel: Int, _ y: Int, _ x: Int)
        -> Int
    {
        sample / network.lanes * tensor.layout.panelFloats + tensor.layout.offset(channel, y, x)
            + sample % network.lanes
    }
}

/// A network of convolutions of random kinds, with normalisations, sums, poolings and ReLUs between them.
private struct RandomImageGraph {
    let seed: UInt64
    private var random: CounterRandom { CounterRandom(seed: seed, purpose: .test) }

    init(seed: UInt64) { self.seed = seed }

    func graph() throws -> Graph {
        var drawn = 0
        func draw(_ range: ClosedRange<Int>) -> Int {
            drawn += 1
            return range.lowerBound + Int(random.uniform(100, drawn) * Float(range.count))
        }
        let input = Shape(channels: draw(1...5), height: draw(1...19), width: draw(1...19))
        var entries: [Graph.Entry] = []
        var shape = input, last = Graph.inputName
        /// Values of the same shape as the last, to be added.
        var alike: [String] = []
        func add(_ op: any Operator, _ inputs: [String]? = nil, with others: [Shape] = []) {
            guard let next = try? op.outputShape([shape] + others) else { return }
            let name = "node\(entries.count)"
            entries.append(.init(name, op, inputs: inputs ?? [last]))
            if next != shape { alike = [] }
            shape = next
            alike.append(name)
            last = name
        }
        for _ in 0..<draw(2...9) {
            switch draw(0...10) {
            case 0: add(BatchNorm())
            case 1: add(ReLU())
            case 2:
                if let other = alike.dropLast().randomElement(by: draw(0...1000)) {
                    add(Add(), [last, other], with: [shape])
                }
            case 3: add(MaxPool(kernel: draw(1...3), stride: draw(1...3)))
            case 4: add(Dropout(rate: 0.2))
            case 5: try add(pool(draw))
            case 6: add(Clip(-0.1, 0.3))
            default:
                var groups = 1, channels = draw(1...13)
                if draw(0...3) == 0 {
                    groups = shape.channels
                    channels = groups * draw(1...2)
                }
                try add(convolution(channels: channels, groups: groups, draw))
            }
        }
        if draw(0...1) == 0 {
            entries.append(.init("mean", GlobalAveragePool(), inputs: [last]))
        } else {
            entries.append(.init("flat", Flatten(), inputs: [last]))
        }
        entries.append(.init("fc", Linear(outputs: draw(1...20))))
        // What nobody reads is not part of it.
        while true {
            let read = Set(entries.flatMap(\.inputs)).union(
                zip(entries, entries.dropFirst()).compactMap {
                    $1.inputs.isEmpty ? $0.name : nil
                })
            let kept = entries.enumerated().filter { $0.offset == entries.count - 1 || read.contains($0.element.name) }
            if kept.count == entries.count { break }
            entries = kept.map(\.element)
        }
        return try Graph(input: input, entries)
    }
}

/// Of any window, in every other one a square one with the same border on all sides.
private func convolution(channels: Int, groups: Int, _ draw: (ClosedRange<Int>) -> Int) throws -> any Operator {
    var arguments: [String: Value] = ["channels": .integer(channels), "groups": .integer(groups)]
    arguments["stride"] = .integer(draw(1...3) == 3 ? draw(2...3) : 1)
    if draw(0...1) == 0 {
        arguments["kernel"] = .integer(draw(1...5))
        arguments["padding"] = .integer(draw(0...3))
        arguments["dilation"] = .integer(draw(1...2))
    } else {
        arguments["kernel"] = .integers([draw(1...5), draw(1...5)])
        arguments["padding"] = .integers((0..<4).map { _ in draw(0...3) })
        arguments["dilation"] = .integers([draw(1...2), draw(1...3)])
        if draw(0...2) == 0 { arguments["stride"] = .integers([draw(1...2), draw(1...3)]) }
    }
    return try Operators.make("convolution", arguments)
}

private func pool(_ draw: (ClosedRange<Int>) -> Int) throws -> any Operator {
    var arguments: [String: Value] = [
        "kernel": .integers([draw(1...3), draw(1...3)]), "stride": .integers([draw(1...3), draw(1...3)]),
        "dilation": .integer(draw(1...2)), "padding": .integers((0..<4).map { _ in draw(0...1) }),
        "ceil-mode": .boolean(draw(0...1) == 0),
    ]
    if draw(0...1) == 0 { return try Operators.make("max-pool", arguments) }
    arguments["count-include-pad"] = .boolean(draw(0...1) == 0)
    return try Operators.make("average-pool", arguments)
}

extension Collection {
    fileprivate func randomElement(by number: Int) -> Element? {
        isEmpty ? nil : self[index(startIndex, offsetBy: number % count)]
    }
}
