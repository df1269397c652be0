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
    /// By number of samples.
    private var times: [Int: WayTimes] = [:]

    /// Whether one image at a time is thought of at all: a second order of the weights that are there, and an image's values,
    /// take memory.
    package var mayAnswerImages: Bool {
        values <= Self.mostValues && network.layers.reduce(0) { $0 + $1.nnz } <= Self.mostWeights
    }
    private static let mostWeights = 4_000_000
    private static let mostValues = 16_000_000
    /// Of all nodes, an image.
    private let values: Int

    /// - Parameter samples: at once; nil: as many as the network holds. More are answered in several panels' turns, from
    ///   `images` to `answers`.
    package init(_ network: Network, samples: Int? = nil) {
        self.network = network
        let graph = network.graph, samples = samples ?? network.capacity
        values = graph.nodes.reduce(graph.input.features) { $0 + $1.shape.features }
        images = FloatBuffer(count: samples * graph.input.features)
        answers = FloatBuffer(count: samples * graph.output.features)
    }

    /// Samples at once, at most, of a network that only answers. Of images one panel a thread: the values of more leave the
    /// second-level cache (`resnet-8` at 90 % zeros: 77 µs an image in batches of 64, 44 in batches of 16).
    package static func capacity(_ graph: Graph, threads: Int) -> Int {
        graph.lanes == 16 ? 16 * threads : 256
    }

    /// To be called when weights, masks or statistics have changed. Which way is faster depends on how sparse a network is.
    package func networkChanged() {
        planes = nil
        hasRun = false
        times = [:]
    }

    /// Calls after which the way is chosen.
    package static let callsToChoose = 2 * WayTimes.tries + 1

    /// One panel of samples, at most. More go through panels: what is chosen for few need not be found out for every number.
    private func isChosen(_ samples: Int) -> Bool { mayAnswerImages && samples <= 16 }

    package func way(samples: Int) -> AnswerWay {
        isChosen(samples) ? times[samples, default: WayTimes()].chosen : .panels
    }

    /// Answers by the faster way, from `images` to `answers` or from the network's input to its output: both must be filled.
    package func forward(samples: Int) {
        guard isChosen(samples) else { return forward(samples: samples, .panels) }
        let way = times[samples, default: WayTimes()].next
        if way == .images { prepare() }
        let start = DispatchTime.now().uptimeNanoseconds
        forward(samples: samples, way)
        times[samples, default: WayTimes()].took(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9, way)
    }

    /// Answers the first image on one thread by the way that is chosen, and tells how long the layers took: with what is done
    /// while their sums are stored where images are answered, by themselves in panels.
    /// - Returns: seconds of each layer, and of all.
    /// - Precondition: a network of one thread; panels and images are filled.
    package func timedForward(layerOfNode: [Int?]) -> (layers: [Double], all: Double) {
        var seconds = [Double](repeating: 0, count: network.layers.count)
        let way = way(samples: 1)
        if way == .images { prepare() } else { for layer in network.layers { layer.clock = LayerClock() } }
        let start = DispatchTime.now().uptimeNanoseconds
        if way == .images, let planes {
            planes.run(memories[0], image: images.pointer, answer: answers.pointer) { node, took in
                if let layer = layerOfNode[node] { seconds[layer] += took }
            }
        } else {
            network.forward(samples: 1)
        }
        let all = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        for (number, layer) in network.layers.enumerated() {
            if let parts = layer.clock?.take() { seconds[number] = parts.reduce(0, +) }
            layer.clock = nil
        }
        return (seconds, all)
    }

    /// Takes the first images, as many as panels hold, to the network's input.
    package func fillPanels() { takeToPanels(0..<min(network.capacity, images.count / network.graph.input.features)) }

    /// Takes the network's answers to the first samples to `answers`.
    package func takeAnswers(_ samples: Int) {
        forEachLine(network.output, 0..<samples, of: answers) { panel, answer, count in
            for x in 0..<count { answer[x] = panel[x &* network.lanes] }
        }
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
            takeToPanels(held)
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

    private func takeToPanels(_ samples: Range<Int>) {
        forEachLine(network.input, samples, of: images) { panel, image, count in
            for x in 0..<count { panel[x &* network.lanes] = image[x] }
        }
    }

    /// Makes what answering one image at a time needs: its own order of the weights.
    /// - Complexity: O(weights).
    private func prepare() {
        if planes == nil {
            planes = PlaneNetwork(
                network.graph, layers: network.layers.map { $0.live(withSlots: false) },
                parameters: network.parameters.map { $0.state(withSlots: false) })
        }
        guard let planes else { return }
        let needed = network.team.size
        if memories.first?.count ?? 0 < planes.floats + PlaneNetwork.slack { memories = [] }
        while memories.count < needed { memories.append(planes.memory()) }
    }

    /// Of weights and their places, as the kernels of one image read them; nil of a network that answers in panels alone.
    package func imageWeightBytes() -> Int? {
        guard mayAnswerImages else { return nil }
        images(1)
        return planes?.weightBytes
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
