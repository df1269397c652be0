import Descriptors
import Foundation
import Kernels

extension Methods {
    /// Each weight is θ + σ·ε with a noise that it learns; α = σ²/θ². Minimises loss + λ · Σ KL, by the approximation
    ///
    ///     KL = k₁ − k₁·σ(k₂ + k₃·log α) + ½·log(1 + 1/α)    k = 0.63576, 1.87320, 1.48695
    ///
    /// which pulls α up; a weight that is all noise, log α above the threshold, is zero in the answers. One draw a step serves all of
    /// its batch. log σ² is trained by Adam at a rate of its own. With λ = 1 / (training samples) it is the paper's bound.
    ///
    /// Reference: Molchanov, Ashukha & Vetrov 2017, arXiv:1701.05369
    package struct VariationalDropout: LatentMethod {
        package static let descriptor = Descriptor(
            name: "variational-dropout", summary: "Weights learn how much noise they bear; those that are all noise go",
            citation: "Molchanov et al. 2017, arXiv:1701.05369",
            parameters: [
                Parameter(
                    "strength", "λ of the divergence; 1 / (training samples) is the paper's",
                    .number(0...Double.infinity),
                    default: .number(2e-5)),
                Parameter("warm-up", "Steps over which λ grows to its value", .step, default: .integer(0)),
                Parameter("threshold", "log α above which a weight is zero", .number(-8...8), default: .number(3)),
                Parameter(
                    "initial", "log σ² at the beginning, or less where α would pass 1", .number(-30...0),
                    default: .number(-10)),
                Parameter("noise-rate", "Learning rate of log σ²", .number(0...10), default: .number(0.01)),
            ] + LatentSpan.parameters)
        package static let weightSlots = ["latent", "log-variance", "mean", "square"]
        /// Beyond it log α has no gradient.
        static let mostLogAlpha: Float = 8

        package let span: LatentSpan
        private let strength: Double
        private let warmUp: Int
        private let threshold: Float
        private let initial: Float
        private let rate: Float
        /// ε of this step, in storage order, by layer: from the way forward to the way back.
        private var drawn: [Int: [Float]] = [:]

        package init(_ arguments: Arguments) throws {
            span = try LatentSpan(arguments)
            strength = arguments.number("strength")
            warmUp = arguments.integer("warm-up")
            threshold = Float(arguments.number("threshold"))
            initial = Float(arguments.number("initial"))
            rate = Float(arguments.number("noise-rate"))
        }

        package func slots(of value: Float, layer: Int, step: Int) -> [Float] {
            [value, min(initial, log(max(value * value, .leastNormalMagnitude))), 0, 0]
        }

        package mutating func prepare(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let random = CounterRandom(seed: context.seed, purpose: .weightNoise).among(context.step, layer.number)
                let numbers = layer.storage.numbers { $0 }
                var drawn = self.drawn.removeValue(forKey: layer.number) ?? []
                if drawn.count != layer.storageCount { drawn = [Float](repeating: 0, count: layer.storageCount) }
                drawn.withUnsafeMutableBufferPointer { drawn in
                    nonisolated(unsafe) let drawn = drawn.baseAddress  // Each weight writes its own.
                    numbers.withUnsafeBufferPointer { numbers in
                        layer.inStorage { places in
                            let first = places.lowerBound
                            NoisyWeights.draw(
                                random, counters: numbers.baseAddress! + first, logVariance: layer.slots[1] + first,
                                latent: layer.latent + first, drawn: drawn! + first, values: layer.values + first,
                                count: places.count)
                        }
                    }
                }
                layer.clearGaps(layer.values)
                self.drawn[layer.number] = drawn
            }
        }

        package mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext) {
            let done = context.scheduleStep - span.begin
            let adam = GateAdam(rate: rate, step: done).inLanes
            let lambda = Float(strength * (warmUp == 0 ? 1 : min(1, Double(done) / Double(warmUp))))
            for layer in layers {
                guard let drawn = drawn[layer.number], layer.count > 0 else { continue }
                let logVariance = layer.slots[1], mean = layer.slots[2], square = layer.slots[3]
                drawn.withUnsafeBufferPointer { drawn in
                    layer.inStorage { places in
                        let first = places.lowerBound
                        NoisyWeights.learn(
                            drawn: drawn.baseAddress! + first, latent: layer.latent + first,
                            logVariance: logVariance + first, gradient: layer.gradient + first, lambda: lambda,
                            adam: adam, mean: mean + first, square: square + first, most: Self.mostLogAlpha,
                            count: places.count)
                    }
                }
                layer.clearGaps(layer.gradient, logVariance, mean, square)
            }
        }

        package mutating func project(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                layer.inStorage { places in
                    let first = places.lowerBound
                    NoisyWeights.answer(
                        logVariance: layer.slots[1] + first, latent: layer.latent + first,
                        values: layer.values + first, threshold: threshold, count: places.count)
                }
            }
        }
    }
}
