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
                let values = layer.values, latent = layer.latent, logVariance = layer.slots[1]
                let random = CounterRandom(seed: context.seed, purpose: .weightNoise).among(context.step, layer.number)
                var drawn = [Float](repeating: 0, count: layer.storageCount)
                drawn.withUnsafeMutableBufferPointer { drawn in
                    nonisolated(unsafe) let drawn = drawn  // Each weight writes its own.
                    layer.inStretches { lives, places in
                        Methods.HardConcrete.withScratch(2 * lives.count) { logs in
                            let deviations = logs + lives.count
                            // Box & Muller, of two halves of one word.
                            for live in lives {
                                let word = random.word(layer.position(live)), number = live - lives.lowerBound
                                logs[number] = (Float(word >> 40) + 0.5) * 0x1p-24
                                drawn[Int(places[live])] = cos(2 * Float.pi * (Float(word >> 16 & 0xFF_FFFF) * 0x1p-24))
                                deviations[number] = logVariance[Int(places[live])] / 2
                            }
                            ValueFunction.logarithm.forward(logs, to: logs, count: lives.count)
                            ValueFunction.exponential.forward(deviations, to: deviations, count: lives.count)
                            for live in lives {
                                let place = Int(places[live]), number = live - lives.lowerBound
                                drawn[place] *= (-2 * logs[number]).squareRoot()
                                values[place] = latent[place] + deviations[number] * drawn[place]
                            }
                        }
                    }
                }
                self.drawn[layer.number] = drawn
            }
        }

        package mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext) {
            let done = context.scheduleStep - span.begin
            let adam = GateAdam(rate: rate, step: done)
            let lambda = Float(strength * (warmUp == 0 ? 1 : min(1, Double(done) / Double(warmUp))))
            for layer in layers {
                guard let drawn = drawn[layer.number] else { continue }
                let latent = layer.latent, gradient = layer.gradient, logVariance = layer.slots[1]
                let mean = layer.slots[2], square = layer.slots[3]
                layer.inStretches { lives, places in
                    let count = lives.count
                    Methods.HardConcrete.withScratch(4 * count) { logAlphas in
                        let deviations = logAlphas + count, first = deviations + count, second = first + count
                        for live in lives {
                            let place = Int(places[live]), theta = latent[place]
                            logAlphas[live - lives.lowerBound] = max(theta * theta, .leastNormalMagnitude)
                            deviations[live - lives.lowerBound] = logVariance[place] / 2
                        }
                        ValueFunction.logarithm.forward(logAlphas, to: logAlphas, count: count)
                        ValueFunction.exponential.forward(deviations, to: deviations, count: count)
                        for number in 0..<count {
                            logAlphas[number] = logVariance[Int(places[lives.lowerBound + number])] - logAlphas[number]
                            first[number] = 1.87320 + 1.48695 * logAlphas[number]
                            second[number] = -logAlphas[number]
                        }
                        // Both halves of ∂KL/∂log α in one go.
                        ValueFunction.sigmoid.forward(first, to: first, count: 2 * count)
                        for number in 0..<count {
                            let place = Int(places[lives.lowerBound + number]), s = first[number]
                            // Clipped, log α has no gradient.
                            let isClipped = abs(logAlphas[number]) >= Self.mostLogAlpha
                            let slope =
                                isClipped ? 0 : lambda * (-0.63576 * 1.48695 * s * (1 - s) - 0.5 * second[number])
                            let pull = gradient[place] * drawn[place] * deviations[number] / 2 + slope
                            if !isClipped { gradient[place] -= 2 * slope / latent[place] }
                            adam.update(
                                &logVariance[place], mean: &mean[place], square: &square[place], gradient: pull)
                        }
                    }
                }
            }
        }

        package mutating func project(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let values = layer.values, latent = layer.latent, logVariance = layer.slots[1], threshold = threshold
                layer.inStretches { lives, places in
                    Methods.HardConcrete.withScratch(lives.count) { logs in
                        for live in lives {
                            let theta = latent[Int(places[live])]
                            logs[live - lives.lowerBound] = max(theta * theta, .leastNormalMagnitude)
                        }
                        ValueFunction.logarithm.forward(logs, to: logs, count: lives.count)
                        for live in lives {
                            let place = Int(places[live])
                            let isNoise = logVariance[place] - logs[live - lives.lowerBound] > threshold
                            values[place] = isNoise ? 0 : latent[place]
                        }
                    }
                }
            }
        }
    }
}
