import Devices
import Dispatch
import Graph
import Kernels
import Sparsity

/// How long a network takes for the answer to one image, by the faster way that there is.
package struct AnswerTime {
    let threads: Int
    /// Of measuring one network.
    let seconds: Double

    package init(threads: Int, seconds: Double = 0.25) {
        self.threads = threads
        self.seconds = seconds
    }

    /// A network that has chosen its faster way for one image, which lies ready.
    package func answering(_ graph: Graph, _ arrays: GraphArrays) -> Answering {
        let network = Network(graph, capacity: 16, team: Team(size: threads), trains: false)
        arrays.fill(network)
        let answering = Answering(network)
        let random = CounterRandom(seed: 5, purpose: .test)
        for place in 0..<answering.images.count { answering.images[place] = random.uniform(place) - 0.5 }
        answering.fillPanels()
        answering.networkChanged()
        for _ in 0..<Answering.callsToChoose { answering.forward(samples: 1) }
        return answering
    }

    /// - Throws: nothing; it may stand where something that does is asked for.
    package func seconds(_ graph: Graph, _ arrays: GraphArrays) throws -> Double {
        let answering = answering(graph, arrays)
        return least({ false }) { answering.forward(samples: 1) } ?? 0
    }

    /// The same; nil where it was cancelled.
    package func seconds(_ graph: Graph, _ arrays: GraphArrays, isCancelled: () -> Bool) -> Double? {
        guard !isCancelled() else { return nil }
        let answering = answering(graph, arrays)
        return least(isCancelled) { answering.forward(samples: 1) }
    }

    /// Of a quantised network; on one thread.
    package func seconds(_ network: QuantizedNetwork) -> Double {
        let executor = QuantizedExecutor(network), memory = executor.memory()
        let random = CounterRandom(seed: 5, purpose: .test)
        let image = (0..<executor.features).map { random.uniform($0) - 0.5 }
        var answer = [Float](repeating: 0, count: executor.outputs)
        return least({ false }) { executor.run(memory, image: image, answer: &answer) } ?? 0
    }

    private func least(_ isCancelled: () -> Bool, _ once: () -> Void) -> Double? {
        // The least of some blocks: others may have had the machine.
        var least = Double.infinity, spent = 0.0
        var calls = 1
        while spent < seconds {
            if isCancelled() { return nil }
            let start = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<calls { once() }
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            least = min(least, seconds / Double(calls))
            spent += seconds
            if seconds < 0.01 { calls *= 2 }
        }
        return least
    }

    /// Of the answer to one image: all of it, and what the layers take of it.
    package struct Parts: Codable, Sendable, Equatable {
        package var whole: Double
        /// With what is done while a layer's sums are stored.
        package var layers: [Double]
        /// What is left over; nil where the clocks of the layers leave nothing.
        package var others: Double?

        package init(whole: Double, layers: [Double], others: Double? = nil) {
            (self.whole, self.layers, self.others) = (whole, layers, others)
        }
    }

    /// Times the whole for `seconds`, then its layers for half of that; nil where it was cancelled.
    /// - Precondition: one thread.
    package func parts(_ graph: Graph, _ arrays: GraphArrays, isCancelled: () -> Bool = { false }) -> Parts? {
        precondition(threads == 1)
        if isCancelled() { return nil }
        let answering = answering(graph, arrays), layerOfNode = graph.layerOfNode
        guard let whole = least(isCancelled, { answering.forward(samples: 1) }) else { return nil }
        var layers = [Double](repeating: .infinity, count: arrays.layers.count), others = Double.infinity
        var spent = 0.0, passes = 0
        // The first pass makes what is made once.
        while passes < 3 || spent < seconds / 2 {
            if isCancelled() { return nil }
            let pass = answering.timedForward(layerOfNode: layerOfNode)
            spent += pass.all
            passes += 1
            for (number, seconds) in pass.layers.enumerated() { layers[number] = min(layers[number], seconds) }
            others = min(others, pass.all - pass.layers.reduce(0, +))
        }
        return Parts(whole: whole, layers: layers, others: others > 0 ? others : nil)
    }
}
