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

        package mutating func prepare(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let values = layer.values, latent = layer.latent, logAlpha = layer.slots[1]
                let random = CounterRandom(seed: context.seed, purpose: .gates).among(context.step, layer.number)
                var drawn = [Float](repeating: 0, count: layer.storageCount)
                drawn.withUnsafeMutableBufferPointer { drawn in
                    nonisolated(unsafe) let drawn = drawn  // Each weight writes its own.
                    layer.inStretches { lives, places in
                        Self.withScratch(lives.count) { s in
                            for live in lives {
                                let u = (Float(random.word(gate.number(layer, live)) >> 40) + 0.5) * 0x1p-24
                                s[live - lives.lowerBound] = u / (1 - u)
                            }
                            ValueFunction.logarithm.forward(s, to: s, count: lives.count)
                            for live in lives {
                                let number = live - lives.lowerBound
                                s[number] = (s[number] + logAlpha[Int(places[live])]) / Self.beta
                            }
                            ValueFunction.sigmoid.forward(s, to: s, count: lives.count)
                            for live in lives {
                                let place = Int(places[live]), s = s[live - lives.lowerBound]
                                drawn[place] = s
                                values[place] =
                                    latent[place] * min(1, max(0, s * (Self.zeta - Self.gamma) + Self.gamma))
                            }
                        }
                    }
                }
                self.drawn[layer.number] = drawn
            }
        }

        package mutating func pullBack(_ layers: [LayerMemory], _ context: StepContext) {
            let adam = GateAdam(rate: rate, step: context.scheduleStep - span.begin)
            for layer in layers {
                guard let drawn = drawn[layer.number] else { continue }
                let latent = layer.latent, gradient = layer.gradient, logAlpha = layer.slots[1]
                let mean = layer.slots[2], square = layer.slots[3], strength = strength
                // ∂(loss + λ·P)/∂log α of the weights of a stretch, and in place the gradient of θ.
                func pulls(_ lives: Range<Int>, _ places: UnsafePointer<UInt32>, _ pulls: UnsafeMutablePointer<Float>) {
                    for live in lives {
                        pulls[live - lives.lowerBound] = logAlpha[Int(places[live])] - Self.openShift
                    }
                    ValueFunction.sigmoid.forward(pulls, to: pulls, count: lives.count)
                    for live in lives {
                        let place = Int(places[live]), s = drawn[place]
                        let stretched = s * (Self.zeta - Self.gamma) + Self.gamma
                        let slope =
                            stretched > 0 && stretched < 1 ? (Self.zeta - Self.gamma) * s * (1 - s) / Self.beta : 0
                        let open = pulls[live - lives.lowerBound]
                        pulls[live - lives.lowerBound] =
                            gradient[place] * latent[place] * slope + strength * open * (1 - open)
                        gradient[place] *= min(1, max(0, stretched))
                    }
                }
                func update(_ place: Int, _ pull: Float) {
                    adam.update(&logAlpha[place], mean: &mean[place], square: &square[place], gradient: pull)
                    logAlpha[place] = min(Self.mostLogAlpha, max(-Self.mostLogAlpha, logAlpha[place]))
                }
                if gate == .weight {
                    layer.inStretches { lives, places in
                        Self.withScratch(lives.count) { own in
                            pulls(lives, places, own)
                            for live in lives { update(Int(places[live]), own[live - lives.lowerBound]) }
                        }
                    }
                } else {
                    var all = [Float](repeating: 0, count: layer.count)
                    all.withUnsafeMutableBufferPointer { all in
                        nonisolated(unsafe) let all = all  // Each stretch writes its own.
                        layer.inStretches { pulls($0, $1, all.baseAddress! + $0.lowerBound) }
                    }
                    var sums = [Double](repeating: 0, count: gate.count(layer))
                    for live in 0..<layer.count { sums[gate.number(layer, live)] += Double(all[live]) }
                    layer.inStretches { lives, places in
                        for live in lives { update(Int(places[live]), Float(sums[gate.number(layer, live)])) }
                    }
                }
            }
        }

        package mutating func project(_ layers: [LayerMemory], _ context: StepContext) {
            for layer in layers {
                let values = layer.values, latent = layer.latent, logAlpha = layer.slots[1]
                layer.inStorage { places in
                    Self.withScratch(places.count) { gates in
                        ValueFunction.sigmoid.forward(logAlpha + places.lowerBound, to: gates, count: places.count)
                        for place in places {
                            let gate = gates[place - places.lowerBound] * (Self.zeta - Self.gamma) + Self.gamma
                            values[place] = latent[place] * min(1, max(0, gate))
                        }
                    }
                }
            }
        }

        /// Of one stretch.
        static func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
            withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { body($0.baseAddress!) }
        }
    }
}

/// What shares a gate.
enum GateUnit: String {
    case weight, output, input

    func number(_ layer: LayerMemory, _ live: Int) -> Int {
        let position = layer.position(live)
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

    @inline(__always)
    func update(_ value: inout Float, mean: inout Float, square: inout Float, gradient: Float) {
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient * gradient
        value -= rate * mean / (square.squareRoot() * rootScale + 1e-8)
    }
}
