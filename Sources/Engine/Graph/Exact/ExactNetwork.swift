import Kernels

/// A graph in double precision, with derivatives along a direction in the space of its weights: forward, back, and with both
/// the product of the Hessian with the direction. It takes minutes where `Network` takes seconds.
package final class ExactNetwork {
    private let graph: Graph
    private let team: Team
    private let steps: [(any ExactStep)?]
    private let tensors: [ExactTensor]
    private let parameters: [[[Double]]]
    private let owners: [Int]
    /// Of each layer (rows, columns); their tangents are the direction.
    package var weights: [[Dual]]
    package var biases: [[Dual]]
    /// After `backward`. Of users of shared weights the sum.
    package private(set) var weightGradients: [[Dual]] = []
    private var samples = 0

    /// Bytes that a pass over so many samples takes, about.
    package static func bytes(_ graph: Graph, samples: Int) -> Double {
        // A value and a gradient of two numbers each.
        32 * Double(samples) * graph.nodes.reduce(Double(graph.input.features)) { $0 + Double($1.shape.features) }
    }

    /// - Parameters:
    ///   - layers: live weights, in the order of the graph.
    ///   - parameters: of all nodes, in their order.
    /// - Throws: `GraphError` that names a node whose operator is not known in double precision.
    package init(_ graph: Graph, layers: [LayerArrays], parameters: [ParameterState], team: Team) throws {
        self.graph = graph
        self.team = team
        tensors = [ExactTensor(graph.input)] + graph.nodes.map { ExactTensor($0.shape) }
        steps = try graph.nodes.map { node in
            if node.summedWeights != nil { return nil }
            guard let step = node.op.exactStep(node.inputShapes) else {
                throw GraphError.shape(
                    node: node.name,
                    found: "for '\(type(of: node.op).descriptor.name)', whose second derivative is not known",
                    expected: "operators that can be computed in double precision, as this criterion needs")
            }
            return step
        }
        let byNode = Dictionary(grouping: parameters, by: \.node)
        self.parameters = graph.nodes.map { (byNode[$0.name] ?? []).map { $0.values.map(Double.init) } }
        owners = graph.nodes.indices.filter { graph.nodes[$0].ownWeights != nil }
        weights = zip(owners, layers).map { owner, layer in
            var all = [Dual](repeating: .zero, count: graph.nodes[owner].weightShape!.weights)
            for (live, value) in layer.values.enumerated() { all[layer.indices?[live] ?? live] = Dual(Double(value)) }
            return all
        }
        biases = layers.map { $0.bias.map { Dual(Double($0)) } }
    }

    /// - Parameter input: (samples, features).
    /// - Returns: the outputs, likewise.
    package func forward(_ input: [Dual], samples: Int, isTraining: Bool) -> [Dual] {
        self.samples = samples
        self.isTraining = isTraining
        tensors[0].values = input
        for (number, node) in graph.nodes.enumerated() {
            if let step = steps[number] { step.forward(site(number)) } else { weightedForward(number, node) }
        }
        return tensors[tensors.count - 1].values
    }

    private var isTraining = false

    /// - Parameter gradient: of the outputs.
    package func backward(_ gradient: [Dual]) {
        for tensor in tensors { tensor.gradient = [Dual](repeating: .zero, count: tensor.values.count) }
        tensors[tensors.count - 1].gradient = gradient
        weightGradients = weights.map { [Dual](repeating: .zero, count: $0.count) }
        for (number, node) in graph.nodes.enumerated().reversed() {
            if let step = steps[number] { step.backward(site(number)) } else { weightedBackward(number, node) }
            // Read for the last time.
            tensors[number + 1].gradient = []
        }
    }

    private func site(_ number: Int) -> ExactSite {
        ExactSite(
            inputs: graph.nodes[number].inputs.map { tensors[$0 + 1] }, output: tensors[number + 1],
            parameters: parameters[number], samples: samples, isTraining: isTraining)
    }

    // MARK: Layers

    private func layer(_ number: Int) -> Int { owners.firstIndex(of: graph.nodes[number].weightsOf ?? number)! }

    private func weightedForward(_ number: Int, _ node: Graph.Node) {
        let x = tensors[node.inputs[0] + 1], y = tensors[number + 1]
        let walk = ExactWalk(node), layer = layer(number)
        let outputs = node.shape.features, points = outputs / walk.rows, inputs = x.shape.features
        y.values = [Dual](repeating: .zero, count: samples * outputs)
        let weights = weights[layer], bias = biases[layer]
        x.values.withUnsafeBufferPointer { x in
            y.values.withUnsafeMutableBufferPointer { y in
                nonisolated(unsafe) let x = x, y = y  // Each task writes its own sample.
                team.run(tasks: samples) { sample in
                    let from = x.baseAddress! + sample * inputs, to = y.baseAddress! + sample * outputs
                    for row in 0..<walk.rows { for point in 0..<points { to[row * points + point] = bias[row] } }
                    walk.forEachRun(weights) { row, weight, input, output, count, step in
                        let weight = weights[weight]
                        let to = to + row * points + output
                        for point in 0..<count { to[point] += weight * from[input + point * step] }
                    }
                }
            }
        }
    }

    private func weightedBackward(_ number: Int, _ node: Graph.Node) {
        let x = tensors[node.inputs[0] + 1], y = tensors[number + 1]
        let walk = ExactWalk(node), layer = layer(number)
        let outputs = node.shape.features, points = outputs / walk.rows, inputs = x.shape.features
        let weights = weights[layer]
        let needsInput = node.inputs[0] >= 0
        // Sums of a few samples each, added in their order: the bytes do not depend on threads.
        let tasks = min(samples, 16)
        var sums = [[Dual]](repeating: [], count: tasks)
        y.gradient.withUnsafeBufferPointer { dy in
            x.values.withUnsafeBufferPointer { values in
                x.gradient.withUnsafeMutableBufferPointer { dx in
                    sums.withUnsafeMutableBufferPointer { sums in
                        nonisolated(unsafe) let dy = dy, values = values, dx = dx, sums = sums
                        team.run(tasks: tasks) { task in
                            var sum = [Dual](repeating: .zero, count: weights.count)
                            for sample in task * samples / tasks..<(task + 1) * samples / tasks {
                                let dy = dy.baseAddress! + sample * outputs
                                let values = values.baseAddress! + sample * inputs
                                let dx = dx.baseAddress! + sample * inputs
                                walk.forEachRun(nil) { row, weight, input, output, count, step in
                                    let dy = dy + row * points + output
                                    var total = Dual.zero
                                    for point in 0..<count { total += dy[point] * values[input + point * step] }
                                    sum[weight] += total
                                    guard needsInput else { return }
                                    let value = weights[weight]
                                    if value == .zero { return }
                                    for point in 0..<count { dx[input + point * step] += value * dy[point] }
                                }
                            }
                            sums[task] = sum
                        }
                    }
                }
            }
        }
        for sum in sums { for place in sum.indices { weightGradients[layer][place] += sum[place] } }
    }
}

/// Which points of an input each weight of a layer multiplies, as runs along rows of its output.
private struct ExactWalk {
    let rows: Int
    private let shape: WeightShape
    private let input: Shape
    private let output: Shape

    init(_ node: Graph.Node) {
        shape = node.weightShape!
        rows = shape.rows
        input = node.inputShapes[0]
        output = node.shape
    }

    /// - Parameters:
    ///   - weights: those that are zero are left out; nil: none is.
    ///   - body: row, number of the weight, first point of the input, first point of the output's channel, points, and how far
    ///     apart those of the input lie.
    func forEachRun(_ weights: [Dual]?, _ body: (Int, Int, Int, Int, Int, Int) -> Void) {
        let window = shape.window, taps = window.taps, channels = shape.channels / shape.groups
        for row in 0..<rows {
            let first = row / (rows / shape.groups) * channels
            for column in 0..<shape.columns {
                let number = row * shape.columns + column
                if let weights, weights[number] == .zero { continue }
                let (channel, tap) = column.quotientAndRemainder(dividingBy: taps)
                let dy = tap / window.width * window.dilation.y - window.pads.top
                let dx = tap % window.width * window.dilation.x - window.pads.left
                // The points of a row of the output whose input lies inside: lowest ≤ x < highest.
                let step = window.stride.x
                let lowest = max(0, (-dx + step - 1) / step)
                let highest = min(output.width, input.width - dx > 0 ? (input.width - 1 - dx) / step + 1 : 0)
                guard lowest < highest else { continue }
                for y in 0..<output.height {
                    let line = y * window.stride.y + dy
                    guard (0..<input.height).contains(line) else { continue }
                    body(
                        row, number, ((first + channel) * input.height + line) * input.width + lowest * step + dx,
                        y * output.width + lowest, highest - lowest, step)
                }
            }
        }
    }
}
