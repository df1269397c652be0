import Foundation
import Graph
import Kernels
import Sparsity

/// How long a network takes for the answer to one image, by the faster way that there is.
struct AnswerTime {
    let threads: Int

    /// - Throws: nothing; it may stand where something that does is asked for.
    func seconds(_ graph: Graph, _ arrays: GraphArrays) throws -> Double {
        let network = Network(graph, capacity: 16, team: Team(size: threads), trains: false)
        arrays.fill(network)
        let answers = BenchAnswers(network, way: nil, samples: 1)
        // The least of some blocks: others may have had the machine.
        var least = Double.infinity, spent = 0.0
        var calls = 1
        while spent < 0.25 {
            let start = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<calls { answers.once() }
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            least = min(least, seconds / Double(calls))
            spent += seconds
            if seconds < 0.01 { calls *= 2 }
        }
        return least
    }
}
