import Foundation
import Kernels

/// A network that only answers: in panels of samples or one image at a time, whichever is faster for the batch at hand. Both give
/// the same bits, so the clock may choose.
package final class Answering {
    package let network: Network
    private var planes: PlaneNetwork?
    /// For as many images at once as there are threads.
    private var memories: [FloatBuffer] = []
    /// By number of samples.
    private var times: [Int: WayTimes] = [:]

    package init(_ network: Network) { self.network = network }

    /// To be called when weights, masks or statistics have changed.
    package func networkChanged() {
        planes = nil
        times = [:]
    }

    /// Calls after which the way is chosen.
    package static let callsToChoose = 2 * WayTimes.tries + 1

    package func chosen(samples: Int) -> AnswerWay { times[samples, default: WayTimes()].chosen }

    /// Reads the network's input, fills its output. Tensors between are filled by one of the two ways alone.
    package func forward(samples: Int) {
        guard samples > 0 else { return }
        let way = times[samples, default: WayTimes()].next
        let start = DispatchTime.now().uptimeNanoseconds
        forward(samples: samples, way)
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        times[samples, default: WayTimes()].took(seconds, way)
    }

    package func forward(samples: Int, _ way: AnswerWay) {
        switch way {
        case .panels: network.forward(samples: samples)
        case .images: images(samples)
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
        let x = network.input, y = network.output, lanes = network.lanes
        let panel = sample / lanes, lane = sample % lanes
        planes.run(
            memory, team: team, input: x.values.pointer + panel * x.layout.panelFloats + lane, layout: x.layout)
        planes.put(memory, to: y.values.pointer + panel * y.layout.panelFloats + lane, layout: y.layout)
    }
}

package enum AnswerWay: Sendable, CaseIterable {
    case panels, images
}

/// How long both ways took for a number of samples, and which is next.
struct WayTimes {
    private var least: [AnswerWay: Double] = [:]
    private var calls = 0

    /// Each way so often before one is chosen, and the other again after so many calls: the machine may have been busy.
    static let tries = 3
    private static let checkEvery = 50

    var next: AnswerWay {
        if calls < 2 * Self.tries { return calls % 2 == 0 ? .panels : .images }
        let best = chosen
        return calls % Self.checkEvery == 0 ? (best == .panels ? .images : .panels) : best
    }

    var chosen: AnswerWay { least[.images] ?? .infinity < least[.panels] ?? .infinity ? .images : .panels }

    mutating func took(_ seconds: Double, _ way: AnswerWay) {
        calls += 1
        // A little more each time, so that a figure of long ago does not stand for ever.
        least[way] = min(least[way].map { $0 * 1.01 } ?? .infinity, seconds)
    }
}
