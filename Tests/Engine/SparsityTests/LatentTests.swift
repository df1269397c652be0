import Descriptors
import Foundation
import Kernels
import Sparsity
import Testing

/// What latent methods make of weights and gradients, against formulas written out here in Double and finite differences of
/// the objective: a loss that is linear in the values, and what the method adds to it.
@Suite struct LatentTests {
    private static let slope: [Float] = [0.5, -1.25, 2, -0.75, 1.5, -0.25]

    private func central(_ x: Double, by step: Double = 1e-5, _ function: (Double) -> Double) -> Double {
        (function(x + step) - function(x - step)) / (2 * step)
    }

    // MARK: STR

    @Test(arguments: ["sigmoid", "exponential"]) func softThresholdLearnsItsThreshold(function: String) throws {
        var method = try made(
            "str",
            [
                "initial": .number(-1.5), "strength": .number(0.3), "momentum": .number(0),
                "function": .text(function), "end": .integer(10),
            ])
        let latent: [Float] = [0.9, -0.8, 0.05, -0.1, 0.6, 0.4]
        let arrays = Arrays(latent, method)
        func g(_ s: Double) -> Double { function == "sigmoid" ? 1 / (1 + exp(-s)) : exp(s) }
        func value(_ v: Double, _ s: Double) -> Double { v == 0 ? 0 : (v > 0 ? 1 : -1) * max(abs(v) - g(s), 0) }
        func objective(_ v: [Double], _ s: Double) -> Double {
            zip(v, Self.slope).reduce(0.15 * s * s) { $0 + Double($1.1) * value($1.0, s) }
        }
        method.prepare([arrays.memory], context(1, rate: 0.5))
        for (place, v) in latent.enumerated() {
            #expect(abs(Double(arrays.values[place]) - value(Double(v), -1.5)) < 1e-6)
        }
        arrays.gradient = Self.slope
        method.pullBack([arrays.memory], context(1, rate: 0.5))
        let wide = latent.map(Double.init)
        for place in latent.indices {
            let expected = central(wide[place]) { changed in
                objective(wide.enumerated().map { $0 == place ? changed : $1 }, -1.5)
            }
            #expect(abs(Double(arrays.gradient[place]) - expected) < 1e-4)
        }
        let learned = try #require(method as? Methods.SoftThreshold).memory.thresholds[0]
        #expect(abs((-1.5 - learned) / 0.5 - central(-1.5) { objective(wide, $0) }) < 1e-6)
        // A weight that comes with a value has it, whatever the threshold.
        #expect(method.slots(of: -0.3, layer: 0, step: 1)[0] == -0.3 - Methods.SoftThreshold.threshold(method))
    }

    // MARK: L0

    @Test(arguments: ["weight", "output", "input"]) func gatesAreHardConcrete(gate: String) throws {
        let lambda = 0.02
        var method = try made(
            "l0", ["strength": .number(lambda), "gate": .text(gate), "closed": .number(0.4), "end": .integer(10)])
        let arrays = Arrays([0.9, -0.8, 0.5, -1.1, 0.6, 0.4], method)  // (2, 3)
        // Gates of one group are one.
        func group(_ place: Int) -> Int { gate == "weight" ? place : gate == "output" ? place / 3 : place % 3 }
        let logAlphas = [0.3, -1.2, 2.5, 0.9, -0.4, 1.7]
        for place in 0..<6 { arrays.slots[1][place] = Float(logAlphas[group(place)]) }
        let theta = arrays.slots[0].map(Double.init)
        let random = CounterRandom(seed: 7, purpose: .gates).among(3, 0)
        func gateValue(_ place: Int, _ logAlpha: Double) -> Double {
            let u = (Double(random.word(group(place)) >> 40) + 0.5) / Double(1 << 24)
            let s = 1 / (1 + exp(-(log(u) - log(1 - u) + logAlpha) / (2.0 / 3)))
            return min(1, max(0, s * 1.2 - 0.1))
        }
        func objective(_ theta: [Double], _ logAlphas: [Double]) -> Double {
            (0..<6).reduce(0) { sum, place in
                let a = logAlphas[group(place)]
                let open = 1 / (1 + exp(-(a - 2.0 / 3 * log(0.1 / 1.1))))
                return sum + Double(Self.slope[place]) * theta[place] * gateValue(place, a) + lambda * open
            }
        }
        method.prepare([arrays.memory], context(3))
        for place in 0..<6 {
            #expect(abs(Double(arrays.values[place]) - theta[place] * gateValue(place, logAlphas[group(place)])) < 1e-5)
        }
        arrays.gradient = Self.slope
        let before = arrays.slots[1]
        method.pullBack([arrays.memory], context(1))
        for place in 0..<6 {
            let own = central(theta[place]) { changed in
                objective(theta.enumerated().map { $0 == place ? changed : $1 }, logAlphas)
            }
            #expect(abs(Double(arrays.gradient[place]) - own) < 1e-4)
            // Adam's first mean is a tenth of the gradient.
            let pull = central(logAlphas[group(place)]) { changed in
                objective(theta, logAlphas.enumerated().map { $0 == group(place) ? changed : $1 })
            }
            #expect(abs(10 * Double(arrays.slots[2][place]) - pull) < 1e-4, "\(place)")
            #expect(abs(before[place] - arrays.slots[1][place] - (pull > 0 ? 0.01 : -0.01)) < 1e-4)
        }
        // The answer: no noise, and exactly zero where σ(log α) ≤ 1/12.
        arrays.slots[1] = [-2.4, -2.39, 0, 4, 4, 4]
        arrays.slots[0] = [1, 1, 1, 1, 1, 1]
        method.project([arrays.memory], context(1))
        #expect(
            arrays.values[0] == 0 && arrays.values[1] > 0 && abs(arrays.values[2] - 0.5) < 1e-6 && arrays.values[3] == 1
        )
        let slots = method.slots(of: 0.25, layer: 0, step: 0)
        #expect(abs(slots[0] * Methods.HardConcrete.gate(slots[1]) - 0.25) < 1e-6)
    }

    // MARK: Variational dropout

    @Test func noiseIsLearned() throws {
        let lambda = 0.05
        var method = try made("variational-dropout", ["strength": .number(lambda), "end": .integer(10)])
        let arrays = Arrays([0.9, -0.8, 0.5, -1.1, 0.02, 0.4], method)
        let logVariances: [Double] = [-2, -1, 0.5, -6, 1, -3]
        for place in 0..<6 { arrays.slots[1][place] = Float(logVariances[place]) }
        let theta = arrays.slots[0].map(Double.init)
        method.prepare([arrays.memory], context(1))
        let noise = (0..<6).map { (Double(arrays.values[$0]) - theta[$0]) / exp(logVariances[$0] / 2) }
        #expect(Set(noise).count == 6 && noise.reduce(true) { $0 && abs($1) < 6 })
        func objective(_ theta: [Double], _ logVariances: [Double]) -> Double {
            (0..<6).reduce(0) { sum, place in
                let a = min(8, max(-8, logVariances[place] - log(theta[place] * theta[place])))
                let divergence =
                    0.63576 - 0.63576 / (1 + exp(-(1.87320 + 1.48695 * a))) + 0.5 * log(1 + exp(-a))
                let value = theta[place] + exp(logVariances[place] / 2) * noise[place]
                return sum + Double(Self.slope[place]) * value + lambda * divergence
            }
        }
        arrays.gradient = Self.slope
        method.pullBack([arrays.memory], context(1))
        for place in 0..<6 {
            let own = central(theta[place], by: 1e-6) { changed in
                objective(theta.enumerated().map { $0 == place ? changed : $1 }, logVariances)
            }
            #expect(abs(Double(arrays.gradient[place]) - own) < 1e-3)
            let pull = central(logVariances[place]) { changed in
                objective(theta, logVariances.enumerated().map { $0 == place ? changed : $1 })
            }
            #expect(abs(10 * Double(arrays.slots[2][place]) - pull) < 1e-3)
        }
        // log α = log σ² − log θ² above 3 is zero.
        arrays.slots[0] = [0.5, 0.5, 0.5, 0, 1, -1]
        arrays.slots[1] = [1.6, 1.62, -3, -30, 3, 3.01]
        method.project([arrays.memory], context(1))
        #expect(arrays.values == [0.5, 0, 0.5, 0, 1, 0])
    }

    /// The noise of many weights is normal.
    @Test func noiseIsNormal() throws {
        var method = try made("variational-dropout", ["end": .integer(10)])
        let arrays = Arrays([Float](repeating: 0, count: 20_000), rows: 100, method)
        arrays.slots[1] = [Float](repeating: 0, count: 20_000)
        method.prepare([arrays.memory], context(1))
        let mean = arrays.values.reduce(0) { $0 + Double($1) } / 20_000
        let square = arrays.values.reduce(0) { $0 + Double($1) * Double($1) } / 20_000
        let fourth = arrays.values.reduce(0) { $0 + pow(Double($1), 4) } / 20_000
        #expect(abs(mean) < 0.03 && abs(square - 1) < 0.04 && abs(fourth - 3) < 0.3)
    }

    // MARK: Surgery

    @Test func surgeryMasksAndSplices() throws {
        var method = try made(
            "network-surgery",
            ["strength": .number(0), "margin": .number(0.25), "decay": .number(0), "end": .integer(10)])
        // Mean of |w| is 1: masked below 0.75, back at 1.25, as it was between.
        let arrays = Arrays([0.5, -1, 1.5, -1.25, 0.75, 1], method)
        method.prepare([arrays.memory], context(1))
        #expect(arrays.slots[1] == [0, 1, 1, 1, 1, 1])
        #expect(arrays.values == [0, -1, 1.5, -1.25, 0.75, 1])
        arrays.slots[0] = [1.2, -0.74, 0.75, 0.1, -1.25, 1.24]
        method.prepare([arrays.memory], context(2))
        #expect(arrays.slots[1] == [0, 0, 1, 0, 1, 1])
        arrays.slots[0] = [1.25, -1.24, 0.7, -2, 0.8, 1.24]
        method.prepare([arrays.memory], context(3))
        #expect(arrays.slots[1] == [1, 0, 0, 1, 1, 1])
        // The gradient of what is masked stays.
        arrays.gradient = Self.slope
        method.pullBack([arrays.memory], context(3))
        #expect(arrays.gradient == Self.slope)
    }

    @Test func surgeryLooksAtTheMaskLessAndLess() throws {
        func looks(_ steps: Range<Int>) throws -> Int {
            var method = try made(
                "network-surgery", ["strength": .number(0), "decay": .number(0.01), "end": .integer(4000)])
            let arrays = Arrays([0.5, -1, 1.5, -1.25, 0.75, 1], method)
            method.prepare([arrays.memory], context(1))
            return steps.count { step in
                arrays.slots[1] = [1, 1, 1, 1, 1, 1]
                method.prepare([arrays.memory], context(step))
                return arrays.slots[1][0] == 0
            }
        }
        // (1 + 0.01 k)⁻¹: 100·ln 2 = 69 of the first hundred; of those from 901, 100·ln(11/10) = 9.5.
        #expect((55...82).contains(try looks(1..<101)))
        #expect((2...20).contains(try looks(901..<1001)))
    }

    // MARK: Top-KAST

    @Test func topKASTChoosesTwoSets() throws {
        var method = try made(
            "top-kast",
            ["extra": .number(1.0 / 3), "strength": .number(0.25), "every": .integer(2), "end": .integer(10)])
        let arrays = Arrays([0.5, -1, 1.5, 0.2, 0.75, -0.1], method)
        // Half of the weights compute, a third learns besides.
        method.prepare([arrays.memory], context(1, sparsity: 0.5))
        #expect(arrays.slots[1] == [1, 2, 2, 1, 2, 0])
        #expect(arrays.values == [0, -1, 1.5, 0, 0.75, 0])
        arrays.gradient = Self.slope
        method.pullBack([arrays.memory], context(1, sparsity: 0.5))
        // λθ in A, λθ / ½ in B alone, nothing outside.
        #expect(arrays.gradient == [0.75, -1.5, 2.375, -0.65, 1.6875, 0])
        // What an optimizer with momentum and decay does outside B is taken back.
        arrays.slots[0] = [2, -1, 1.5, 0.2, 0.75, 5]
        arrays.optimizer = [1, 1, 1, 1, 1, 1]
        method.project([arrays.memory], context(1, sparsity: 0.5))
        #expect(arrays.slots[0] == [2, -1, 1.5, 0.2, 0.75, -0.1] && arrays.optimizer == [1, 1, 1, 1, 1, 0])
        #expect(arrays.values == [0, -1, 1.5, 0, 0.75, 0])
        method.prepare([arrays.memory], context(2, sparsity: 0.5))
        #expect(arrays.slots[1] == [1, 2, 2, 1, 2, 0])
        method.prepare([arrays.memory], context(3, sparsity: 0.5))
        #expect(arrays.slots[1] == [2, 2, 2, 1, 1, 0])
    }

    // MARK: Storage

    /// A weight's numbers follow from the weight, wherever it lies: among sixteen, among the last few, beside places of none, which stay
    /// empty. What one weight's numbers are, the tests above say.
    @Test(arguments: [
        ("l0", "gate: weight"), ("l0", "gate: output"), ("variational-dropout", ""), ("str", ""),
        ("network-surgery", ""),
    ])
    func storageChangesNothing(name: String, gate: String) throws {
        let random = CounterRandom(seed: 5, purpose: .test)
        let latent = (0..<100).map { random.uniform($0) - 0.5 }, slope = (0..<100).map { random.uniform($0, 1) - 0.5 }
        func results(_ places: [UInt32], of count: Int) throws -> [[Float]] {
            var values: [String: Value] = ["end": .integer(10)]
            if gate != "" { values["gate"] = .text(String(gate.dropFirst(6))) }
            if name == "str" { values["initial"] = .number(-2) }
            var method = try made(name, values)
            let arrays = Arrays(latent, rows: 4, method, places: places, of: count)
            for step in 1...3 {
                method.prepare([arrays.memory], context(step))
                arrays.gradient = slope
                method.pullBack([arrays.memory], context(step))
                if step < 3 { method.project([arrays.memory], context(step)) }
            }
            #expect(arrays.gapsAreEmpty)
            return [arrays.values, arrays.gradient] + arrays.slots
        }
        let plain = try results((0..<100).map { $0 }, of: 100)
        let spread = try results((0..<100).map { 6 * ($0 % 20) + $0 / 20 }, of: 120)
        for (plain, spread) in zip(plain, spread) {
            #expect(plain.map(\.bitPattern) == spread.map(\.bitPattern))
        }
        #expect(Set(plain[0]).count > 10)
    }

    // MARK: The span

    @Test func outsideTheSpanWeightsAreThemselves() throws {
        var method = try made("str", ["initial": .number(-1), "begin": .integer(2), "end": .integer(4)])
        let arrays = Arrays([0.9, -0.8, 0.05, -0.1, 0.6, 0.4], method)
        arrays.slots[0] = [0.9, -0.8, 0.05, -0.1, 0.6, 0.4]
        let memory = [arrays.memory]
        func step(_ number: Int) {
            method.beginStep(memory, context(number))
            method.endPass(memory, context(number))
            for place in 0..<6 { arrays.slots[0][place] += 0.01 }
            method.endStep(memory, context(number))
        }
        step(1)
        #expect(arrays.values == arrays.slots[0])
        step(2)
        step(3)
        #expect(arrays.values[2] == 0 && arrays.slots[0][2] != 0)
        #expect(method.respond(to: context(3)) == [] && method.respond(to: context(4)) == [.dropZeros])
        step(4)
        #expect(arrays.values == arrays.slots[0] && arrays.values[2] == 0)
        let before = arrays.values
        step(5)
        // What is zero and still there stays zero.
        #expect(arrays.values[2] == 0 && arrays.slots[0][2] == 0 && arrays.values[0] == before[0] + 0.01)
        #expect(method.allSlots(of: 0.3, layer: 0, step: 5) == [0.3])
    }

    private func made(_ name: String, _ values: [String: Value]) throws -> any LatentMethod {
        try #require(try Methods.make(name, values) as? any LatentMethod)
    }

    private func context(_ step: Int, rate: Double = 0.1, sparsity: Double = 0.5) -> StepContext {
        StepContext(
            step: step, totalSteps: 100, learningRate: rate, seed: 7,
            schedule: try! Schedules.make("constant", ["final": .number(sparsity)]),
            masker: Masker(
                criterion: try! Criteria.make("magnitude"), granularity: try! Granularities.make("weight"),
                distribution: try! Distributions.make("global")), layers: [Arrays.layer(rows: 2, count: 6)], nnz: [6]
        ) { _ in preconditionFailure("all layers are latent") }
    }
}

extension Methods.SoftThreshold {
    static func threshold(_ method: any LatentMethod) -> Float { (method as! Methods.SoftThreshold).threshold(0) }
}

/// One layer, as a trainer holds it.
private final class Arrays {
    private let held: [UnsafeMutableBufferPointer<Float>]
    let memory: LayerMemory

    static func layer(rows: Int, count: Int) -> LiveWeights {
        LiveWeights(name: "fc", rows: rows, columns: count / rows, indices: [], values: [], mayVanish: true)
    }

    /// - Parameter latent: replaces what the method makes of them as values.
    init(
        _ latent: [Float], rows: Int = 2, _ method: any LatentMethod, places: [UInt32]? = nil,
        of storageCount: Int? = nil
    ) {
        let count = storageCount ?? latent.count, slots = type(of: method).weightSlots.count
        let places = places ?? (0..<UInt32(count)).map { $0 }
        held = (0..<3 + slots).map { _ in .allocate(capacity: count) }
        for buffer in held { buffer.initialize(repeating: 0) }
        memory = LayerMemory(
            number: 0, weights: Self.layer(rows: rows, count: latent.count),
            storage: StoragePlaces(positions: nil, places: places, count: count), values: held[0].baseAddress!,
            gradient: held[1].baseAddress!, slots: held[3...].map { $0.baseAddress! },
            optimizerSlots: [held[2].baseAddress!])
        for (live, value) in latent.enumerated() {
            let place = Int(places[live])
            held[0][place] = value
            for (slot, own) in method.slots(of: value, layer: 0, step: 0).enumerated() { held[3 + slot][place] = own }
            held[3][place] = value
        }
    }

    deinit { for buffer in held { buffer.deallocate() } }

    // Of the weights, by row and column.
    private func gathered(_ buffer: UnsafeMutableBufferPointer<Float>) -> [Float] {
        memory.places.map { buffer[Int($0)] }
    }
    private func scatter(_ values: [Float], to buffer: UnsafeMutableBufferPointer<Float>) {
        for (place, value) in zip(memory.places, values) { buffer[Int(place)] = value }
    }
    var gapsAreEmpty: Bool {
        let taken = Set(memory.places.map { Int($0) })
        return held.allSatisfy { buffer in buffer.indices.allSatisfy { taken.contains($0) || buffer[$0] == 0 } }
    }

    var values: [Float] { gathered(held[0]) }
    var gradient: [Float] {
        get { gathered(held[1]) }
        set { scatter(newValue, to: held[1]) }
    }
    var optimizer: [Float] {
        get { gathered(held[2]) }
        set { scatter(newValue, to: held[2]) }
    }
    var slots: [[Float]] {
        get { held[3...].map { gathered($0) } }
        set { for (buffer, values) in zip(held[3...], newValue) { scatter(values, to: buffer) } }
    }
}
