import ArgumentParser
import Descriptors
import Graph
import Kernels

/// One operator by itself, both ways, on one thread: the least of several passes.
struct BenchOperator: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "An operator without weights, both ways.")
    static let cases = [
        ["gelu", "--shapes", "128x1024"], ["hard-swish", "--shapes", "96x16x16"], ["clip", "--shapes", "96x16x16"],
        ["softmax", "--shapes", "8x128x128"], ["layer-norm", "--shapes", "128x256"],
        ["matmul", "--shapes", "8x128x32,8x128x32", "--set", "transpose-b=true"],
        ["mul", "--shapes", "96x16x16,96x1x1"], ["add", "--shapes", "96x16x16,96x16x16"],
    ]
    static let hasNetwork = false

    @Argument(help: "The operator.") var name: String
    @Option(help: "Axes of a sample of each input, as 8x128x32,8x128x32.") var shapes = "128x256"
    @Option(name: .customLong("set"), help: "An argument of it, as axis=-1.") var arguments: [String] = []
    @Option(help: "Samples at once.") var batch = 16
    @Option(help: "Timed calls.") var runs = 30
    @Flag(help: "Print one JSON line.") var json = false

    func validate() throws {
        try requirePositive([("batch", batch), ("runs", runs)])
        let floats = try inputs().reduce(0.0) { $0 + Double($1.features) }
        try requireMemory(weights: 0, activations: 3 * floats * heldSamples(batch))
    }

    private func inputs() throws -> [Shape] {
        try shapes.split(separator: ",").map { text in
            let axes = text.split(separator: "x").map { Int($0) ?? 0 }
            guard (1...Shape.mostAxes).contains(axes.count), axes.allSatisfy({ (1...1 << 20).contains($0) }) else {
                throw ValidationError("--shapes is \(shapes); accepted: axes of each input, as 8x128x32,8x128x32")
            }
            return Shape(axes)
        }
    }

    private func values() throws -> [String: Value] {
        var values: [String: Value] = [:]
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("--set is \(argument); accepted: a name and a value, as axis=-1")
            }
            let list = parts[1].split(separator: ",").map { Int($0) }
            values[parts[0]] =
                if parts[1] == "true" || parts[1] == "false" {
                    .boolean(parts[1] == "true")
                } else if list.count > 1, !list.contains(nil) {
                    .integers(list.compactMap { $0 })
                } else if let number = Int(parts[1]) {
                    .integer(number)
                } else if let number = Double(parts[1]) {
                    .number(number)
                } else {
                    .text(parts[1])
                }
        }
        return values
    }

    func run() throws {
        let inputs = try inputs(), op = try Operators.make(name, values())
        // The first input is the network's, and others of its shape are, too; the rest are constants.
        var entries: [Graph.Entry] = [], names: [String] = []
        for (number, shape) in inputs.enumerated() {
            if shape == inputs[0] {
                names.append(Graph.inputName)
            } else {
                entries.append(.init("constant\(number)", Constant(shape: shape, isTrained: true, value: 0.5)))
                names.append("constant\(number)")
            }
        }
        entries.append(.init("operator", op, inputs: names))
        let graph = try Graph(input: inputs[0], entries), team = Team(size: 1)
        let trains = !op.traits.contains(.hasNoGradient)
        let network = Network(graph, capacity: batch, team: team, trains: trains, inputGradient: trains)
        let random = CounterRandom(seed: 1, purpose: .test)
        for index in 0..<network.input.values.count { network.input.values[index] = random.uniform(index) * 4 - 2 }
        var forward = Double.infinity, backward = Double.infinity
        for _ in 0..<runs + 3 {
            forward = min(forward, seconds(team) { network.forward(samples: batch, step: 1) })
            guard trains, let gradient = network.output.gradient else { continue }
            for index in 0..<gradient.count { gradient[index] = random.uniform(2, index) - 0.5 }
            backward = min(backward, seconds(team) { network.backward(samples: batch) })
        }
        let operations = 2e-9 * Double(op.multiplyAdds(inputs)) * Double(batch)
        var fields: [(String, Any)] = [
            ("case", "operator"), ("operator", name), ("shapes", shapes), ("batch", batch), ("seconds", forward),
        ]
        if trains { fields.append(("backward_seconds", backward)) }
        if operations > 0 {
            fields += [("gflops", operations / forward), ("peak_gflops", peakGigaflops(threads: 1))]
            if trains { fields.append(("backward_gflops", 2 * operations / backward)) }
        }
        printResult(fields, json: json)
    }

    private func seconds(_ team: Team, _ body: () -> Void) -> Double {
        let profile = StepProfile()
        team.profile = profile
        body()
        team.profile = nil
        return Double(profile.nanoseconds(ofPart: name)) / 1e9
    }
}
