import Foundation
import Graph
import Kernels

/// Adds to the loss of the labels how far the network's softened outputs are from those of its parent on the same batch:
/// (1 − share) · labels + share · T² · KL(softmax(parent / T) ‖ softmax(outputs / T)), the mean over samples.
///
/// The parent answers as it does outside of training (no dropout, running statistics), to the samples as they are augmented.
/// Sums are made sample by sample, so that threads change nothing.
///
/// Reference: arXiv:1503.02531
package final class Distiller {
    private let parent: Network
    private let network: Network
    private let temperature: Double
    private let share: Double
    /// T · (softmax(outputs / T) − softmax(parent / T)), (samples, outputs).
    private var differences: [Float]
    private var divergence = 0.0
    private var samples = 0

    package init(_ parent: ParentNetwork, _ settings: DistillationChoice, network: Network) {
        self.network = network
        self.parent = parent.network(capacity: network.capacity, team: network.team)
        temperature = settings.temperature
        share = settings.share
        differences = [Float](repeating: 0, count: network.capacity * network.output.shape.features)
    }

    /// The parent's answers to the batch in the network's input. Before the network has run, which may write over it.
    package func answer(_ samples: Int) {
        self.samples = samples
        let source = network.input, target = parent.input
        let from = source.layout, to = target.layout
        for first in stride(from: 0, to: samples, by: 16) {
            let read = source.values.pointer + first / from.lanes * from.panelFloats + first % from.lanes
            let write = target.values.pointer + first / to.lanes * to.panelFloats + first % to.lanes
            for channel in 0..<from.channels {
                for y in 0..<from.height {
                    for x in 0..<from.width {
                        (write + to.offset(channel, y, x)).update(from: read + from.offset(channel, y, x), count: 16)
                    }
                }
            }
        }
        parent.forward(samples: samples)
    }

    /// Of the network's outputs, before a loss writes the gradient.
    package func compare() {
        let outputs = network.output.shape.features
        divergence = 0
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * outputs) { memory in
            let own = UnsafeMutableBufferPointer(rebasing: memory[..<outputs])
            let given = UnsafeMutableBufferPointer(rebasing: memory[outputs..<2 * outputs])
            let ownLog = UnsafeMutableBufferPointer(rebasing: memory[2 * outputs..<3 * outputs])
            let givenLog = UnsafeMutableBufferPointer(rebasing: memory[3 * outputs..<4 * outputs])
            for sample in 0..<samples {
                soften(network.output, sample, own, ownLog)
                soften(parent.output, sample, given, givenLog)
                for output in 0..<outputs {
                    if given[output] > 0 { divergence += given[output] * (givenLog[output] - ownLog[output]) }
                    differences[sample * outputs + output] = Float(temperature * (own[output] - given[output]))
                }
            }
        }
    }

    private func soften(
        _ tensor: PanelTensor, _ sample: Int, _ shares: UnsafeMutableBufferPointer<Double>,
        _ logarithms: UnsafeMutableBufferPointer<Double>
    ) {
        let layout = tensor.layout, stride = layout.plane * layout.lanes
        let start =
            tensor.values.pointer + sample / layout.lanes * layout.panelFloats + sample % layout.lanes
            + layout.offset(0)
        var largest = -Double.infinity
        for output in shares.indices {
            logarithms[output] = Double(start[output * stride]) / temperature
            largest = max(largest, logarithms[output])
        }
        var sum = 0.0
        for output in shares.indices {
            logarithms[output] -= largest
            shares[output] = exp(logarithms[output])
            sum += shares[output]
        }
        let whole = log(sum)
        for output in shares.indices {
            shares[output] /= sum
            logarithms[output] -= whole
        }
    }

    /// The labels' loss and its gradient become the mixed ones.
    package func mix(into result: inout LossResult) {
        let outputs = network.output.shape.features, count = Double(max(1, samples))
        let mixed = (1 - share) * result.mean + share * temperature * temperature * divergence / count
        result.sum = mixed * result.weight
        guard let gradient = network.output.gradient else { return }
        let layout = network.output.gradientLayout, stride = layout.plane * layout.lanes
        let labels = Float(1 - share), scale = Float(share / count)
        for sample in 0..<samples {
            let start =
                gradient.pointer + sample / layout.lanes * layout.panelFloats + sample % layout.lanes + layout.offset(0)
            for output in 0..<outputs {
                start[output * stride] =
                    labels * start[output * stride] + scale * differences[sample * outputs + output]
            }
        }
    }
}
