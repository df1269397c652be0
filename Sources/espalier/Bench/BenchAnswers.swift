import ArgumentParser
import Graph
import Kernels

/// How a benchmark's network answers.
enum AnswerWayName: String, ExpressibleByArgument, CaseIterable {
    case fastest, panels, images

    var way: AnswerWay? {
        switch self {
        case .fastest: nil
        case .panels: .panels
        case .images: .images
        }
    }
}

/// Answers of one network, by one way or by the faster one.
final class BenchAnswers {
    private let answering: Answering
    /// What is trained and cut, where the answering network is another.
    private let source: Network?
    private let way: AnswerWay?
    private let samples: Int

    /// - Parameter way: nil takes the faster one.
    init(_ network: Network, way: AnswerWay?, samples: Int) {
        answering = Answering(network)
        source = nil
        self.way = way
        self.samples = samples
        begin()
    }

    /// Of a trained network, by one that only answers and holds no more samples than are best.
    init(answersOf source: Network, way: AnswerWay?, samples: Int, half: Bool) throws {
        let capacity = min(samples, Answering.capacity(source.graph, threads: source.team.size))
        let network = Network(source.graph, capacity: capacity, team: source.team, trains: false)
        network.pass.usesHalf = half
        answering = Answering(network, samples: samples)
        guard way != .images || answering.mayAnswerImages else {
            throw ValidationError("--way images: the network is too large for it; accepted here: panels, fastest")
        }
        self.source = source
        self.way = way
        self.samples = samples
        begin()
    }

    private func begin() {
        let random = CounterRandom(seed: 5, purpose: .test)
        for place in 0..<answering.images.count { answering.images[place] = random.uniform(place) - 0.5 }
        answering.fillPanels()
        changed()
    }

    /// After a cut. What is made once for these weights, and the choice, are not part of what is timed.
    func changed() {
        if let source {
            for (own, other) in zip(answering.network.layers, source.layers) {
                own.costs = other.costs
                own.set(other.live(withSlots: false))
            }
            for (own, other) in zip(answering.network.parameters, source.parameters) {
                own.set(other.state(withSlots: false))
            }
        }
        answering.networkChanged()
        for _ in 0..<Answering.callsToChoose { once() }
    }

    func once() {
        if let way { answering.forward(samples: samples, way) } else { answering.forward(samples: samples) }
    }

    /// Of weights with their places, as one image reads them.
    var weightBytes: Int? { answering.imageWeightBytes() }

    var fields: [(String, Any)] {
        [("way", "\(way ?? answering.way(samples: samples))")]
    }
}
