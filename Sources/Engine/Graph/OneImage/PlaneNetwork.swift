import Dispatch
import Kernels

/// A network with its weights that answers one image at a time: points stand in the lanes where panels hold samples. It gives the
/// bits that `Network` gives.
package final class PlaneNetwork: Sendable {
    private let input: PlaneTensor
    private let output: PlaneTensor
    private let steps: [any PlaneStep]
    /// The node that each step begins with.
    private let stepNodes: [Int]
    /// Of the input, then of each node, where all are kept.
    private let values: [PlaneTensor]
    /// Floats of the memory for one image.
    package let floats: Int

    /// - Parameters:
    ///   - layers, parameters: in the order of the graph.
    ///   - keepsAll: the value of each node can be read after a run.
    /// - Complexity: O(weights).
    package init(_ graph: Graph, layers: [LayerArrays], parameters: [ParameterState], keepsAll: Bool = false) {
        var plan = PlanePlan(graph, keepsAll: keepsAll)
        var layerOf: [Int: LayerArrays] = [:], scaleOf: [Int: NormScale] = [:]
        var layers = layers.makeIterator(), parameters = parameters[...]
        var parametersOf: [Int: [ParameterState]] = [:]
        for (number, node) in graph.nodes.enumerated() {
            if node.ownWeights != nil { layerOf[number] = layers.next() }
            if let owner = node.weightsOf, var arrays = layerOf[owner] {
                // A table has no bias to share.
                if arrays.bias.isEmpty { arrays.bias = [Float](repeating: 0, count: node.weightShape!.biases) }
                layerOf[number] = arrays
            }
            let count = node.op.parameters(node.inputShapes).count
            guard count > 0 else { continue }
            let own = Array(parameters.prefix(count))
            parameters = parameters.dropFirst(count)
            parametersOf[number] = own
            scaleOf[number] = node.op.planeScale(own)
        }
        func tensor(_ number: Int) -> PlaneTensor {
            PlaneTensor(
                shape: number < 0 ? graph.input : graph.nodes[number].shape, layout: plan.layouts[number + 1]!,
                start: plan.starts[number + 1]!)
        }
        var steps: [any PlaneStep] = [], stepNodes: [Int] = []
        for (number, node) in graph.nodes.enumerated() where plan.isStep(number) {
            let attention = plan.attention?.attentions[number]
            var scale = scaleOf[number], limits = Limits.none, added: PlaneTensor?
            var function: ValueFunction?
            let followers = plan.tails.followers[number]
            for follower in followers {
                switch graph.nodes[follower].op.valueKind {
                case .scale: scale = scaleOf[follower]
                case .add: added = tensor(plan.tails.added(to: number, by: follower, graph))
                case .limit(let ends): limits = ends
                case .function(let held): function = held
                case .pass, nil: break
                }
            }
            let tail =
                scale.map { PlaneTail(slopes: $0.slopes, shifts: $0.shifts, limits: limits, function: function) }
                ?? PlaneTail(rows: node.shape.channels, limits: limits, function: function)
            var site = PlaneSite(
                inputs: (attention?.inputs ?? node.inputs).map(tensor), output: tensor(plan.tails.last(of: number)),
                layer: layerOf[number],
                parameters: parametersOf[number] ?? [],
                shape: node.weightShape, tail: tail, added: added, plan: plan)
            steps.append(attention?.planeStep(site, graph) ?? node.op.planeStep(&site))
            stepNodes.append(number)
            plan = site.plan
        }
        input = tensor(-1)
        output = tensor(graph.nodes.count - 1)
        values = keepsAll ? (-1..<graph.nodes.count).map(tensor) : []
        self.steps = steps
        self.stepNodes = stepNodes
        floats = plan.floats
    }

    /// Of weights and their places, as kernels read them; complete once a sample has been answered.
    package var weightBytes: Int { steps.reduce(0) { $0 + $1.weightBytes } }

    /// Read behind the last value by kernels.
    package static let slack = 64

    /// Memory for one image at a time.
    package func memory() -> FloatBuffer { FloatBuffer(count: floats + Self.slack) }

    /// What a node made of the latest image, (channels, y, x) without gaps; −1 is the image.
    /// - Precondition: made with `keepsAll`.
    package func value(of number: Int, _ memory: FloatBuffer) -> [Float] {
        let tensor = values[number + 1]
        return [Float](unsafeUninitializedCapacity: tensor.shape.features) { place, count in
            planeGive(tensor.origin(memory.pointer), to: place.baseAddress!, tensor.layout)
            count = tensor.shape.features
        }
    }

    /// - Parameters:
    ///   - memory: of `memory()`.
    ///   - team: runs the parts of large layers; nil where the calling thread runs all.
    ///   - image: values of the image, (channels, y, x) without gaps.
    ///   - answer: gets those of the output.
    package func run(
        _ memory: FloatBuffer, team: Team?, image: UnsafePointer<Float>, answer: UnsafeMutablePointer<Float>
    ) {
        planeTake(image, to: input.origin(memory.pointer), input.layout)
        for step in steps {
            let parts = team.map { step.parts(threads: $0.size) } ?? 1
            if parts == 1 {
                step.run(memory.pointer, part: 0, of: 1)
            } else {
                team?.run(tasks: parts) { step.run(memory.pointer, part: $0, of: parts) }
            }
        }
        planeGive(output.origin(memory.pointer), to: answer, output.layout)
    }

    /// The same on the calling thread, timed.
    /// - Parameter took: gets the seconds of each node, with those of nodes that are done while it stores.
    package func run(
        _ memory: FloatBuffer, image: UnsafePointer<Float>, answer: UnsafeMutablePointer<Float>,
        took: (_ node: Int, _ seconds: Double) -> Void
    ) {
        planeTake(image, to: input.origin(memory.pointer), input.layout)
        var last = DispatchTime.now().uptimeNanoseconds
        for (number, step) in steps.enumerated() {
            step.run(memory.pointer, part: 0, of: 1)
            let now = DispatchTime.now().uptimeNanoseconds
            took(stepNodes[number], Double(now - last) / 1e9)
            last = now
        }
        planeGive(output.origin(memory.pointer), to: answer, output.layout)
    }
}
