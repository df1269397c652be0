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
    private let way: AnswerWay?
    private let samples: Int

    /// - Parameter way: nil takes the faster one.
    init(_ network: Network, way: AnswerWay?, samples: Int) {
        answering = Answering(network)
        self.way = way
        self.samples = samples
        let random = CounterRandom(seed: 5, purpose: .test)
        for place in 0..<answering.images.count { answering.images[place] = random.uniform(place) - 0.5 }
        changed()
    }

    /// After a cut. What is made once for these weights, and the choice, are not part of what is timed.
    func changed() {
        answering.networkChanged()
        answering.forgetTimes()
        for _ in 0..<Answering.callsToChoose { once() }
    }

    func once() {
        if let way { return answering.forward(samples: samples, way) }
        _ = answering.answer(samples: samples) { answering.forward(samples: samples, $0) }
    }

    var fields: [(String, Any)] {
        [("way", "\(way ?? answering.chosen(samples: samples))")]
    }
}
