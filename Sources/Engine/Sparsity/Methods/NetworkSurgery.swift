import Descriptors
import Foundation
import Kernels

extension Methods {
    /// Prune and splice: weights below a threshold are masked, and live on: the gradient of the masked network changes them as if they
    /// were there, and those that grow above a second threshold are spliced in again. Of each layer t = mean + strength · deviation
    /// of |w| when it begins; masked where |w| < (1 − margin)·t, back where |w| ≥ (1 + margin)·t, as before between. The mask is
    /// looked at in a step with probability (1 + decay · step)^(−power), so that it comes to rest.
    ///
    /// Reference: Guo, Yao & Chen 2016, arXiv:1608.04493
    package struct NetworkSurgery: LatentMethod {
        package static let descriptor = Descriptor(
            name: "network-surgery", summary: "Mask small weights, train them on, and splice in those that grow again",
            citation: "Guo et al. 2016, arXiv:1608.04493",
            parameters: [
                Parameter(
                    "strength", "t of a layer is mean + strength × deviation of its |w|", .number(-10...10),
                    default: .number(1)),
                Parameter(
                    "margin", "Share of t between masking and splicing, to each side", .number(0...0.99),
                    default: .number(0.1)),
                Parameter(
                    "decay", "How fast looks at the mask become rare", .number(0...Double.infinity),
                    default: .number(1e-3)),
                Parameter("power", "Exponent of that", .number(0...10), default: .number(1)),
            ] + LatentSpan.parameters)
        /// `mask`: 1 or 0.
        package static let weightSlots = ["latent", "mask"]

        /// t of each layer; those that have none yet are left out.
        package struct Memory: Codable, Sendable, Equatable {
            package var thresholds: [Float?] = []
        }
        package var memory = Memory()

        package let span: LatentSpan
        private let strength: Double
        private let margin: Float
        private let decay: Double
        private let power: Double

        package init(_ arguments: Arguments) throws {
            span = try LatentSpan(arguments)
            strength = arguments.number("strength")
            margin = Float(arguments.number("margin"))
            decay = arguments.number("decay")
            power = arguments.number("power")
        }

        package mutating func layersAreLeft(_ layers: [Int]) {
            memory.thresholds = layers.map { $0 < memory.thresholds.count ? memory.thresholds[$0] : nil }
        }

        package func slots(of value: Float, layer: Int, step: Int) -> [Float] { [value, 1] }

        package mutating func prepare(_ layers: [LayerMemory], _ context: StepContext) {
            let done = Double(context.scheduleStep - span.begin - 1)
            let random = CounterRandom(seed: context.seed, purpose: .surgery)
            for layer in layers {
                let latent = layer.latent, mask = layer.slots[1]
                let t = threshold(layer)
                if Double(random.uniform(context.step, layer.number)) < pow(1 + decay * done, -power) {
                    let low = (1 - margin) * t, high = (1 + margin) * t
                    layer.inStorage {
                        pruneAndSplice(
                            mask + $0.lowerBound, latent + $0.lowerBound, low: low, high: high, count: $0.count)
                    }
                }
            }
            project(layers, context)
        }

        /// The gradient of a masked weight is that of its value: nothing is to be turned.
        package mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext) {}

        package mutating func project(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let latent = layer.latent, mask = layer.slots[1], values = layer.values
                layer.inStorage {
                    masked(
                        latent + $0.lowerBound, by: mask + $0.lowerBound, to: values + $0.lowerBound, count: $0.count)
                }
            }
        }

        private mutating func threshold(_ layer: LayerMemory) -> Float {
            while memory.thresholds.count <= layer.number { memory.thresholds.append(nil) }
            if let known = memory.thresholds[layer.number] { return known }
            let latent = layer.latent, count = Double(max(1, layer.count))
            func mean(_ number: (Double) -> Double) -> Double {
                layer.sum { lives, places in lives.reduce(0) { $0 + number(Double(latent[Int(places[$1])])) } } / count
            }
            let middle = mean { abs($0) }, square = mean { $0 * $0 }
            let t = Float(max(0, middle + strength * max(0, square - middle * middle).squareRoot()))
            memory.thresholds[layer.number] = t
            return t
        }
    }
}
