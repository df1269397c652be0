import Foundation
import Kernels

/// A network that only answers: in panels of samples or one image at a time, whichever is faster for the batch at hand. Both give
/// the same bits, so the clock may choose.
package final class Answering {
    package let network: Network
    /// What images are answered from, (samples, channels, y, x), and their answers, (samples, outputs). Panels are answered
    /// from the network's input.
    package let images: FloatBuffer
    package let answers: FloatBuffer
    private var planes: PlaneNetwork?
    /// For as many images at once as there are threads.
    private var memories: [FloatBuffer] = []
    /// By number of samples.
    private var times: [Int: WayTimes] = [:]

    /// Whether one image at a time is thought of at all. Of more weights each is read once for all samples of a panel, and a
    /// second order of them, and of their values, takes memory.
    package let mayAnswerImages: Bool

    package init(_ network: Network) {
        self.network = network
        let graph = network.graph
        mayAnswerImages = Answering.bytes(graph, capacity: network.capacity, threads: network.team.size) != nil
        let samples = mayAnswerImages ? network.capacity : 0
        images = FloatBuffer(count: samples * graph.input.features)
        answers = FloatBuffer(count: samples * graph.output.features)
    }

    /// Memory that answering one image at a time takes besides a network's; nil where it is not thought of.
    package static func bytes(_ graph: Graph, capacity: Int, threads: Int) -> Double? {
        let weights = graph.nodes.reduce(0.0) { $0 + Double($1.weightShape?.weights ?? 0) }
        let values = graph.nodes.reduce(Double(graph.input.features)) { $0 + Double($1.shape.features) }
        guard weights <= 4e6, values <= 4e6 else { return nil }
        // A weight as it is taken from its layer and in its order here; values with their borders.
        return 40 * weights + 4 * Double(threads) * 3 * values
            + 4 * Double(capacity) * Double(graph.input.features + graph.output.features)
    }

    /// To be called when weights, masks or statistics have changed.
    package func networkChanged() { planes = nil }

    /// To be called when it may be another way that is faster now.
    package func forgetTimes() { times = [:] }

    /// Calls after which the way is chosen.
    package static let callsToChoose = 2 * WayTimes.tries + 1

    package func chosen(samples: Int) -> AnswerWay { times[samples, default: WayTimes()].chosen }

    /// Answers to so many samples by one way, and remembers how long that took.
    /// - Parameter body: answers them by that way; nil if it was cancelled.
    package func answer<Result>(samples: Int, _ body: (AnswerWay) throws -> Result?) rethrows -> Result? {
        guard mayAnswerImages else { return try body(.panels) }
        let way = times[samples, default: WayTimes()].next
        let start = DispatchTime.now().uptimeNanoseconds
        guard let result = try body(way) else { return nil }
        times[samples, default: WayTimes()].took(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9, way)
        return result
    }

    /// Panels answer from the network's input and fill its output; images answer from `images` and fill `answers`.
    package func forward(samples: Int, _ way: AnswerWay) {
        guard samples > 0 else { return }
        switch way {
        case .panels: network.forward(samples: samples)
        case .images: images(samples)
        }
    }

    /// Puts answers to images where those of panels stand.
    package func takeToPanels(samples: Int) {
        let y = network.output, lanes = network.lanes
        var answer = UnsafePointer(answers.pointer)
        for sample in 0..<samples {
            let target = y.values.pointer + (sample / lanes * y.layout.panelFloats + sample % lanes)
            for channel in 0..<y.shape.channels {
                for row in 0..<y.shape.height {
                    let line = target + y.layout.offset(channel, row)
                    for x in 0..<y.shape.width { line[x * lanes] = answer[x] }
                    answer += y.shape.width
                }
            }
        }
    }

    /// Makes what answering one image at a time needs: its own order of the weights.
    /// - Complexity: O(weights).
    package func prepare() {
        if planes == nil {
            planes = PlaneNetwork(
                network.graph, layers: network.layers.map { $0.live(withSlots: false) },
                norms: network.norms.map { $0.state(withSlots: false) })
        }
        guard let planes else { return }
        let needed = network.team.size
        if memories.first?.count ?? 0 < planes.floats + PlaneNetwork.slack { memories = [] }
        while memories.count < needed { memories.append(planes.memory()) }
    }

    private func images(_ samples: Int) {
        prepare()
        guard let planes else { return }
        let team = network.team
        // One image has all threads; of several each thread has its own.
        if samples == 1 || team.size == 1 {
            for sample in 0..<samples { image(sample, planes, memories[0], team: team.size == 1 ? nil : team) }
            return
        }
        // The first alone: what is made when first run is made by one thread.
        image(0, planes, memories[0], team: nil)
        let strips = min(team.size, samples - 1)
        nonisolated(unsafe) let answering = self  // Each strip has images and memory of its own.
        team.run(tasks: strips) { strip in
            var sample = 1 + strip
            while sample < samples {
                answering.image(sample, planes, answering.memories[strip], team: nil)
                sample += strips
            }
        }
    }

    private func image(_ sample: Int, _ planes: PlaneNetwork, _ memory: FloatBuffer, team: Team?) {
        planes.run(
            memory, team: team, image: images.pointer + sample * network.graph.input.features,
            answer: answers.pointer + sample * network.graph.output.features)
    }
}
