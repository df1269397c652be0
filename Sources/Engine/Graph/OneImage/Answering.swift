import Foundation
import Kernels

/// A network that only answers: in panels of samples or one image at a time, whichever is faster for the batch at hand. Both give
/// the same bits of finite numbers, but for the sign of a zero, so the clock may choose.
package final class Answering {
    package let network: Network
    /// What images are answered from, (samples, channels, y, x), and their answers, (samples, outputs). Panels are answered
    /// from the network's input.
    package let images: FloatBuffer
    package let answers: FloatBuffer
    private var planes: PlaneNetwork?
    /// Whether an image has been answered with these weights.
    private var hasRun = false
    /// For as many images at once as there are threads.
    private var memories: [FloatBuffer] = []
    private var times: [Load: WayTimes] = [:]
    /// Of the latest order of the weights for one image.
    private var preparationSeconds = 0.0

    /// What the times of both ways go by: which is faster depends on how sparse the network is.
    private struct Load: Hashable {
        let samples: Int
        /// In steps of about two fifths.
        let nonzeros: Int
    }

    /// Whether one image at a time is thought of at all. Of more weights each is read once for all samples of a panel, and a
    /// second order of them, and of their values, takes memory.
    package let mayAnswerImages: Bool

    /// - Parameter samples: at once; nil: as many as the network holds. More are answered in several panels' turns, from
    ///   `images` to `answers`.
    package init(_ network: Network, samples: Int? = nil) {
        self.network = network
        let graph = network.graph
        mayAnswerImages = Answering.bytes(graph, capacity: network.capacity, threads: network.team.size) != nil
        let samples = samples ?? (mayAnswerImages ? network.capacity : 0)
        images = FloatBuffer(count: samples * graph.input.features)
        answers = FloatBuffer(count: samples * graph.output.features)
    }

    /// Samples at once, at most, of a network that only answers. Of images one panel a thread: the values of more leave the
    /// second-level cache (`resnet-8` at 90 % zeros: 77 µs an image in batches of 64, 44 in batches of 16).
    package static func capacity(_ graph: Graph, threads: Int) -> Int {
        graph.lanes == 16 ? 16 * threads : 256
    }

    /// Memory that answering one image at a time takes besides a network's; nil where it is not thought of.
    package static func bytes(_ graph: Graph, capacity: Int, threads: Int) -> Double? {
        let weights = graph.nodes.reduce(0.0) { $0 + Double($1.weightShape?.weights ?? 0) }
        let values = graph.nodes.reduce(Double(graph.input.features)) { $0 + Double($1.shape.features) }
        guard weights <= 4e6, values <= 4e6 else { return nil }
        // A weight as it is taken from its layer and in its order here.
        return 40 * weights + 4 * Double(threads) * PlaneNetwork.values(graph)
            + 4 * Double(capacity) * Double(graph.input.features + graph.output.features)
    }

    /// To be called when weights, masks or statistics have changed.
    package func networkChanged() {
        planes = nil
        hasRun = false
    }

    /// To be called when it may be another way that is faster now.
    package func forgetTimes() { times = [:] }

    /// Calls after which the way is chosen.
    package static let callsToChoose = 2 * WayTimes.tries + 1

    package func chosen(samples: Int) -> AnswerWay { times[load(samples), default: WayTimes()].chosen }

    /// Answers to so many samples by one way, and remembers how long that took.
    /// - Parameters:
    ///   - times: how often answers to so many samples are still to come from this network.
    ///   - body: answers them by that way.
    package func answer(samples: Int, times pieces: Int = .max, _ body: (AnswerWay) -> Void) {
        // Sixteen fill a panel.
        guard mayAnswerImages, samples < 16 else { return body(.panels) }
        let load = load(samples), known = times[load, default: WayTimes()]
        var way = known.next
        // A new order of the weights must be worth its while.
        if way == .images, planes == nil,
            known.isChosen ? known.gain * Double(pieces) < preparationSeconds : pieces < Answering.callsToChoose
        {
            way = .panels
        }
        if way == .images { prepare() }
        let start = DispatchTime.now().uptimeNanoseconds
        body(way)
        times[load, default: WayTimes()].took(Answering.seconds(since: start), way)
    }

    private static func seconds(since start: UInt64) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }

    private func load(_ samples: Int) -> Load {
        let nonzeros = network.layers.reduce(1) { $0 + $1.nnz }
        return Load(samples: samples, nonzeros: Int(2 * log2(Double(nonzeros))))
    }

    /// Panels answer from the network's input and fill its output, where they hold so many samples; else, and one image at a
    /// time, answers go from `images` to `answers`.
    package func forward(samples: Int, _ way: AnswerWay) {
        guard samples > 0 else { return }
        switch way {
        case .panels where samples <= network.capacity: network.forward(samples: samples)
        case .panels: panelsInTurns(samples)
        case .images: images(samples)
        }
    }

    private func panelsInTurns(_ samples: Int) {
        for first in stride(from: 0, to: samples, by: network.capacity) {
            let held = first..<min(first + network.capacity, samples)
            forEachLine(network.input, held, of: images) { panel, image, count in
                for x in 0..<count { panel[x &* network.lanes] = image[x] }
            }
            network.forward(samples: held.count)
            forEachLine(network.output, held, of: answers) { panel, answer, count in
                for x in 0..<count { answer[x] = panel[x &* network.lanes] }
            }
        }
    }

    /// Each image row of some samples, in panels and without gaps.
    private func forEachLine(
        _ tensor: PanelTensor, _ samples: Range<Int>, of values: FloatBuffer,
        _ body: (_ panel: UnsafeMutablePointer<Float>, _ values: UnsafeMutablePointer<Float>, _ count: Int) -> Void
    ) {
        let layout = tensor.layout, lanes = network.lanes
        var place = values.pointer + samples.lowerBound * layout.features
        for sample in 0..<samples.count {
            let panel = tensor.values.pointer + (sample / lanes * layout.panelFloats + sample % lanes)
            for channel in 0..<layout.channels {
                for row in 0..<layout.height {
                    body(panel + layout.offset(channel, row), place, layout.width)
                    place += layout.width
                }
            }
        }
    }

    /// Puts answers to images where those of panels stand.
    package func takeToPanels(samples: Int) {
        forEachLine(network.output, 0..<samples, of: answers) { panel, answer, count in
            for x in 0..<count { panel[x &* network.lanes] = answer[x] }
        }
    }

    /// Makes what answering one image at a time needs: its own order of the weights.
    /// - Complexity: O(weights).
    package func prepare() {
        if planes == nil {
            let start = DispatchTime.now().uptimeNanoseconds
            planes = PlaneNetwork(
                network.graph, layers: network.layers.map { $0.live(withSlots: false) },
                norms: network.norms.map { $0.state(withSlots: false) })
            preparationSeconds = Answering.seconds(since: start)
        }
        guard let planes else { return }
        let needed = network.team.size
        if memories.first?.count ?? 0 < planes.floats + PlaneNetwork.slack { memories = [] }
        while memories.count < needed { memories.append(planes.memory()) }
    }

    private func images(_ samples: Int) {
        precondition(samples * network.graph.input.features <= images.count)
        prepare()
        guard let planes else { return }
        let team = network.team
        // One image has all threads; of several each thread has its own.
        if samples == 1 || team.size == 1 {
            for sample in 0..<samples { image(sample, planes, memories[0], team: team.size == 1 ? nil : team) }
            return
        }
        // The first alone: what is made when first run is made by one thread.
        let first = hasRun ? 0 : 1
        if !hasRun { image(0, planes, memories[0], team: nil) }
        hasRun = true
        let strips = min(team.size, samples - first)
        nonisolated(unsafe) let answering = self  // Each strip has images and memory of its own.
        team.run(tasks: strips) { strip in
            var sample = first + strip
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
