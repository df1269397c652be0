import Descriptors
import Foundation
import Kernels

extension Methods {
    /// Each layer learns its own threshold: w = sign(v)·max(|v| − g(s), 0), with g the logistic function or eˢ. The gradient of s is
    /// −g′(s)·Σ sign(w)·∂L/∂w over the weights that are not zero, and weight decay pulls s towards 0, where g is ½ (or 1): so the
    /// decay, not a target, says how sparse it gets. s moves by the learning rate, with momentum.
    ///
    /// Reference: Kusupati et al. 2020, arXiv:2002.03231
    package struct SoftThreshold: LatentMethod {
        package static let descriptor = Descriptor(
            name: "str", summary: "Soft thresholds that each layer learns; weight decay on them sets the sparsity",
            citation: "Kusupati et al. 2020, arXiv:2002.03231",
            parameters: [
                Parameter(
                    "strength", "Weight decay of the thresholds' parameters s", .number(0...Double.infinity),
                    default: .number(1e-3)),
                Parameter("initial", "s at the beginning", .number(-1e4...0), default: .number(-6)),
                Parameter(
                    "function", "Threshold of s", .choice(["sigmoid", "exponential"]), default: .text("sigmoid")),
                Parameter("momentum", "Share of the velocity of s kept", .number(0...0.9999), default: .number(0.9)),
            ] + LatentSpan.parameters)
        package static let weightSlots = ["latent"]

        /// Of each layer; those at the end that have not learned yet are left out.
        package struct Memory: Codable, Sendable, Equatable {
            package var thresholds: [Double] = []
            var velocities: [Double] = []
        }
        package var memory = Memory()

        package let span: LatentSpan
        package let strength: Double
        package let initial: Double
        package let momentum: Double
        private let isSigmoid: Bool

        package init(_ arguments: Arguments) throws {
            span = try LatentSpan(arguments)
            strength = arguments.number("strength")
            initial = arguments.number("initial")
            momentum = arguments.number("momentum")
            isSigmoid = arguments.text("function") == "sigmoid"
        }

        /// g(s) of a layer.
        package func threshold(_ layer: Int) -> Float { Float(function(parameter(layer)).value) }

        private func parameter(_ layer: Int) -> Double {
            layer < memory.thresholds.count ? memory.thresholds[layer] : initial
        }

        package mutating func layersAreLeft(_ layers: [Int]) {
            let known = layers.prefix { $0 < memory.thresholds.count }
            memory.thresholds = known.map { memory.thresholds[$0] }
            memory.velocities = known.map { memory.velocities[$0] }
        }

        private func function(_ s: Double) -> (value: Double, slope: Double) {
            let value = isSigmoid ? 1 / (1 + exp(-s)) : exp(s)
            return (value, isSigmoid ? value * (1 - value) : value)
        }

        package func slots(of value: Float, layer: Int, step: Int) -> [Float] {
            let t = threshold(layer)
            return [value == 0 ? 0 : value > 0 ? value + t : value - t]
        }

        package mutating func prepare(_ layers: [LayerMemory], _ context: StepContext) { project(layers, context) }

        package mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let values = layer.values, gradient = layer.gradient
                let pull = layer.sum { lives, places in
                    signedSum(
                        of: UnsafeBufferPointer(start: places + lives.lowerBound, count: lives.count), values: values,
                        gradient: gradient)
                }
                layer.inStorage {
                    clearGradient(
                        gradient + $0.lowerBound, whereZero: values + $0.lowerBound, count: $0.count)
                }
                while memory.thresholds.count <= layer.number {
                    memory.thresholds.append(initial)
                    memory.velocities.append(0)
                }
                let s = memory.thresholds[layer.number]
                let change = strength * s - function(s).slope * pull
                memory.velocities[layer.number] = momentum * memory.velocities[layer.number] + change
                // Above 0 the decay would turn round; no layer needs a threshold of ½.
                memory.thresholds[layer.number] = min(0, s - context.learningRate * memory.velocities[layer.number])
            }
        }

        package mutating func project(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let values = layer.values, latent = layer.latent, t = threshold(layer.number)
                layer.inStorage {
                    softThresholded(
                        latent + $0.lowerBound, to: values + $0.lowerBound, threshold: t, count: $0.count)
                }
            }
        }
    }
}
