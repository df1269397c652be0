import Descriptors
import Foundation
import Kernels

extension Methods {
    /// Each weight, or each row or input of a layer, has a gate z in [0, 1] that a step draws, and w = θ·z:
    ///
    ///     s = σ((log u − log(1 − u) + log α) / β)    u uniform in (0, 1)
    ///     z = min(1, max(0, s·(ζ − γ) + γ))          β = ⅔, γ = −0.1, ζ = 1.1
    ///
    /// Minimises loss + λ · (expected number of weights that are not zero), P(z ≠ 0) = σ(log α − β·log(−γ/ζ)). log α is trained by
    /// Adam at a rate of its own. The network answers with z = min(1, max(0, σ(log α)·(ζ − γ) + γ)), which becomes exactly zero.
    ///
    /// Reference: Louizos, Welling & Kingma 2018, arXiv:1712.01312
    package struct HardConcrete: LatentMethod {
        package static let descriptor = Descriptor(
            name: "l0",
            summary: "Gates that open and close at random and learn when: the expected number of weights is penalised",
            citation: "Louizos et al. 2018, arXiv:1712.01312",
            parameters: [
                Parameter(
                    "strength", "λ: what a weight that is not zero adds to the loss", .number(0...Double.infinity),
                    default: .number(1e-6)),
                Parameter(
                    "gate", "What has a gate of its own", .choice(["weight", "output", "input"]),
                    default: .text("weight")),
                Parameter(
                    "closed", "Probability of a closed gate at the beginning, about", .number(0.001...0.9),
                    default: .number(0.1)),
                Parameter("gate-rate", "Learning rate of log α", .number(0...10), default: .number(0.01)),
            ] + LatentSpan.parameters)
        package static let weightSlots = ["latent", "log-alpha", "mean", "square"]
        static let beta: Float = 2.0 / 3, gamma: Float = -0.1, zeta: Float = 1.1
        /// Beyond it a gate would never be found again.
        static let mostLogAlpha: Float = 4.6

        package let span: LatentSpan
        private let strength: Float
        private let gate: GateUnit
        private let initial: Float
        private let rate: Float
        /// s of this step, in storage order, by layer: from the way forward to the way back.
        private var drawn: [Int: [Float]] = [:]

        package init(_ arguments: Arguments) throws {
            span = try LatentSpan(arguments)
            strength = Float(arguments.number("strength"))
            gate = GateUnit(rawValue: arguments.text("gate"))!
            let closed = arguments.number("closed")
            initial = Float(log((1 - closed) / closed))
            rate = Float(arguments.number("gate-rate"))
        }

        /// The gate that the network answers with.
        package static func gate(_ logAlpha: Float) -> Float {
            min(1, max(0, 1 / (1 + exp(-logAlpha)) * (zeta - gamma) + gamma))
        }
        /// P(z ≠ 0) = σ(log α − this)
        private static let openShift = beta * log(-gamma / zeta)

        package func slots(of value: Float, layer: Int, step: Int) -> [Float] {
            [value / Self.gate(initial), initial, 0, 0]
        }

        private static let gates = HardConcreteGates(beta: beta, gamma: gamma, zeta: zeta)

        package mutating func prepare(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let random = CounterRandom(seed: context.seed, purpose: .gates).among(context.step, layer.number)
                let numbers = layer.storage.numbers { gate.number(layer, $0) }
                var drawn = self.drawn.removeValue(forKey: layer.number) ?? []
                if drawn.count != layer.storageCount { drawn = [Float](repeating: 0, count: layer.storageCount) }
                drawn.withUnsafeMutableBufferPointer { drawn in
                    nonisolated(unsafe) let drawn = drawn.baseAddress  // Each weight writes its own.
                    numbers.withUnsafeBufferPointer { numbers in
                        layer.inStorage { places in
                            let first = places.lowerBound
                            Self.gates.draw(
                                random, counters: numbers.baseAddress! + first, logAlpha: layer.slots[1] + first,
                                latent: layer.latent + first, drawn: drawn! + first, values: layer.values + first,
                                count: places.count)
                        }
                    }
                }
                self.drawn[layer.number] = drawn
            }
        }

        package mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext) {
            let adam = GateAdam(rate: rate, step: context.scheduleStep - span.begin)
            for layer in layers {
                guard let drawn = drawn[layer.number], layer.count > 0 else { continue }
                drawn.withUnsafeBufferPointer { drawn in
                    if gate == .weight {
                        learn(layer, drawn.baseAddress!, adam)
                    } else {
                        learnTogether(layer, drawn.baseAddress!, adam)
                    }
                }
            }
        }

        /// A gate for each weight.
        private func learn(_ layer: LayerMemory, _ drawn: UnsafePointer<Float>, _ adam: GateAdam) {
            let logAlpha = layer.slots[1], mean = layer.slots[2], square = layer.slots[3]
            layer.inStorage { places in
                let first = places.lowerBound
                Self.gates.learn(
                    drawn: drawn + first, latent: layer.latent + first, logAlpha: logAlpha + first,
                    gradient: layer.gradient + first, strength: strength, openShift: Self.openShift,
                    adam: adam.inLanes, mean: mean + first, square: square + first, most: Self.mostLogAlpha,
                    count: places.count)
            }
            layer.clearGaps(logAlpha, mean, square)
        }

        /// Weights that share a gate add up what they pull.
        private func learnTogether(_ layer: LayerMemory, _ drawn: UnsafePointer<Float>, _ adam: GateAdam) {
            let logAlpha = layer.slots[1], mean = layer.slots[2], square = layer.slots[3], strength = strength
            let gate = gate
            var all = [Float](repeating: 0, count: layer.storageCount)
            all.withUnsafeMutableBufferPointer { all in
                nonisolated(unsafe) let pulls = all.baseAddress!  // Each stretch writes its own.
                layer.inStorage { places in
                    let first = places.lowerBound
                    Self.gates.pull(
                        drawn: drawn + first, latent: layer.latent + first, logAlpha: logAlpha + first,
                        gradient: layer.gradient + first, strength: strength, openShift: Self.openShift,
                        to: pulls + first, count: places.count)
                }
            }
            var sums = [Double](repeating: 0, count: gate.count(layer))
            for (live, place) in layer.places.enumerated() {
                sums[gate.number(layer, layer.position(live))] += Double(all[Int(place)])
            }
            layer.inStretches { lives, places in
                for live in lives {
                    let place = Int(places[live]), pull = Float(sums[gate.number(layer, layer.position(live))])
                    adam.update(&logAlpha[place], mean: &mean[place], square: &square[place], gradient: pull)
                    logAlpha[place] = min(Self.mostLogAlpha, max(-Self.mostLogAlpha, logAlpha[place]))
                }
            }
        }

        package mutating func project(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                layer.inStorage { places in
                    let first = places.lowerBound
                    Self.gates.answer(
                        logAlpha: layer.slots[1] + first, latent: layer.latent + first, values: layer.values + first,
                        count: places.count)
                }
            }
        }
    }
}

/// What shares a gate.
enum GateUnit: String {
    case weight, output, input

    /// - Parameter position: of a weight, row-major.
    func number(_ layer: LayerMemory, _ position: Int) -> Int {
        switch self {
        case .weight: return position
        case .output: return position / layer.weights.columns
        case .input: return position % layer.weights.columns / layer.weights.kernelArea
        }
    }

    /// Numbers there are, of single weights too.
    func count(_ layer: LayerMemory) -> Int {
        switch self {
        case .weight: layer.weights.total
        case .output: layer.weights.rows
        case .input: layer.weights.columns / layer.weights.kernelArea
        }
    }
}

/// Adam for what a method trains beside the weights: β₁ 0.9, β₂ 0.999, ε 1e-8.
struct GateAdam {
    private let rate: Float
    private let rootScale: Float

    /// - Parameter step: from 1.
    init(rate: Float, step: Int) {
        self.rate = rate / Float(1 - pow(0.9, Double(step)))
        rootScale = Float(1 / (1 - pow(0.999, Double(step))).squareRoot())
    }

    /// The same for sixteen weights at a time.
    var inLanes: LatentAdam { LatentAdam(rate: rate, rootScale: rootScale) }

    @inline(__always)
    func update(_ value: inout Float, mean: inout Float, square: inout Float, gradient: Float) {
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient * gradient
        value -= rate * mean / (square.squareRoot() * rootScale + 1e-8)
    }
}
