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
        // The least of some blocks: others may have had the machine.
        var least = Double.infinity, spent = 0.0
        var calls = 1
        while spent < seconds {
            let start = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<calls { answering.forward(samples: 1) }
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            least = min(least, seconds / Double(calls))
            spent += seconds
            if seconds < 0.01 { calls *= 2 }
        }
        return least
    }
}
