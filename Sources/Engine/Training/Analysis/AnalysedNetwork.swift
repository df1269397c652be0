import Dispatch
import Graph
import Kernels
import Sparsity

/// A network with its weights, beside the data that its figure is measured on: what every analysis starts from.
package struct AnalysedNetwork: Sendable {
    package let plan: TrainingPlan
    package let graph: Graph
    package let layers: [LayerState]
    package let parameters: [ParameterState]
    /// Of a kept network, which may come from other data than the plan's.
    package let normalization: Normalization?
    /// Of training.
    package let step: Int

    package init(
        plan: TrainingPlan, graph: Graph, layers: [LayerState], parameters: [ParameterState],
        normalization: Normalization? = nil, step: Int
    ) {
        self.plan = plan
        self.graph = graph
        // Nothing is trained here: values and masks are all that counts.
        self.layers = layers.map { layer in
            var layer = layer
            layer.arrays.slots = []
            layer.arrays.biasSlots = []
            return layer
        }
        self.parameters = parameters
        self.normalization = normalization
        self.step = step
    }

    package var figure: FigureFormat { plan.figure.format }
    package var total: Int { layers.reduce(0) { $0 + $1.total } }
    package var nnz: Int { layers.reduce(0) { $0 + $1.arrays.values.count } }
    package var sparsity: Double { 1 - Double(nnz) / Double(max(1, total)) }

    /// As criteria score them.
    package var weights: [LiveWeights] {
        zip(TrainingPlan.layers(of: graph), layers).map {
            LiveWeights($0, indices: $1.arrays.indices, values: $1.arrays.values)
        }
    }

    /// The layers after a cut by the recipe.
    package func layers(cutTo sparsity: Double, threads: Int) throws -> [LayerState] {
        try AnalysisCutter(self, threads: threads).layers(cutTo: sparsity)
    }

    /// The figure of the test samples: a look at them counts.
    package func measureTest() throws -> Reading {
        let copy = AnalysisCopy(self)
        for (layer, state) in zip(copy.network.layers, layers) { layer.set(state.arrays) }
        return try plan.measure(copy.network, onTest: true, normalization: normalization)
    }

    /// - Throws: `MemoryError` where so many copies do not fit.
    package func requireMemory(copies: Int, to verb: String) throws {
        let need = MemoryNeed(
            running: graph, capacity: AnalysisCopy.capacity, counts: layers.map { $0.arrays.values.count })
        try need.times(copies).require(plan.recipe.networkName, to: verb)
    }

    /// Does tasks on several copies of the network at once. What comes out does not depend on their number.
    /// - Parameters:
    ///   - workers: copies, each on a thread of its own.
    ///   - isCancelled: looked at before each task and batch.
    ///   - progress: called with the tasks that are done, 1, 2, 3 …, on any thread, once at a time. It must not wait for a task.
    /// - Returns: nil where it was cancelled.
    package func onCopies<Result: Sendable>(
        tasks: Int, workers: Int, isCancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (_ done: Int) -> Void = { _ in },
        _ body: @escaping @Sendable (AnalysisCopy, Int) throws -> Result?
    ) throws -> [Result]? {
        let workers = max(1, min(workers, tasks))
        let next = Locked(0), done = Locked(0)
        let results = Locked([Result?](repeating: nil, count: tasks))
        let failure = Locked<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            let copy = AnalysisCopy(self, isCancelled: isCancelled)
            while !isCancelled(), failure.withLock({ $0 == nil }) {
                let task = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard task < tasks else { return }
                do {
                    guard let result = try body(copy, task) else { return }
                    results.withLock { $0[task] = result }
                    // In the lock, or one thread's 2 could be told after another's 3.
                    done.withLock { done in
                        done += 1
                        progress(done)
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        let found = results.withLock { $0.compactMap { $0 } }
        return found.count == tasks ? found : nil
    }
}

/// Why there is nothing to analyse.
package struct AnalysisError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// One of several copies that measure at the same time. Used by one thread.
package final class AnalysisCopy {
    static let capacity = 256

    let network: Network
    private let filler: PanelFiller
    private let targets: TargetFiller
    private let subject: AnalysedNetwork
    private let isCancelled: () -> Bool

    package init(_ subject: AnalysedNetwork, isCancelled: @escaping () -> Bool = { false }) {
        self.subject = subject
        self.isCancelled = isCancelled
        network = Network(subject.graph, capacity: Self.capacity, team: Team(size: 1), trains: false)
        filler = PanelFiller(subject.plan.data, network: network, normalization: subject.normalization)
        targets = TargetFiller(network, subject.plan.comparison, scale: subject.plan.data.targetScale)
        for (parameter, state) in zip(network.parameters, subject.parameters) { parameter.set(state) }
    }

    /// What the figure is made of, on the validation samples; nil where it was cancelled.
    package func scores(_ layers: [LayerState]) -> FigureScores? {
        evaluation(layers, subject.plan.split.validation[...])?.scores
    }

    /// The same on as many of the training samples, from the first on.
    package func trainingScores(_ layers: [LayerState]) -> FigureScores? {
        evaluation(layers, subject.plan.split.train.prefix(subject.plan.split.validation.count))?.scores
    }

    /// Seconds that the kernels of each layer take for a sample: the least of some passes, after one that is not counted.
    func layerTimes(_ layers: [LayerState]) -> [Double] {
        let samples = subject.plan.split.validation.prefix(Self.capacity)
        var least = layers.map { _ in Double.infinity }
        for layer in network.layers { layer.clock = LayerClock() }
        for pass in 0..<6 {
            _ = evaluation(layers, samples)
            for (number, layer) in network.layers.enumerated() {
                let seconds =
                    (layer.clock?.take()[LayerClock.Part.forward.rawValue] ?? 0) / Double(max(1, samples.count))
                if pass > 0 { least[number] = min(least[number], seconds) }
            }
        }
        for layer in network.layers { layer.clock = nil }
        return least
    }

    private func evaluation(_ layers: [LayerState], _ indices: ArraySlice<Int32>) -> Evaluation? {
        for (layer, state) in zip(network.layers, layers) { layer.set(state.arrays) }
        return Evaluation(
            network, filler: filler, targets: targets, plan: subject.plan, samples: subject.plan.data.train,
            indices: indices, isCancelled: isCancelled)
    }
}
