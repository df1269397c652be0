import Graph
import Interchange
import Kernels
import Sparsity
import Testing
import Training

/// Facts of calibration samples against a second implementation in double precision; what is asked about does not change.
@Suite struct CalibrationTests {
    private func trained(_ lines: String = "", network: String = "mlp-64-24-16-10", threads: Int = 2, steps: Int = 5)
        throws -> Trainer
    {
        let trainer = Trainer(try plan(lines, network: network), team: Team(size: threads))
        for _ in 0..<steps { _ = try trainer.step() }
        return trainer
    }

    @Test func gradients() throws {
        let trainer = try trained()
        let model = DoubleMultilayer(trainer), samples = CalibrationSamples(trainer.plan, 150)
        let facts = try trainer.calibration().facts([.gradient, .squaredGradient], keeping: nil, samples: 150)
        let mean = model.meanGradient(samples.inputs, labels: samples.labels)
        var squares = mean.map { $0.map { _ in 0.0 } }
        for (input, label) in zip(samples.inputs, samples.labels) {
            for (layer, gradient) in model.gradient(input, label: label).enumerated() {
                for place in gradient.indices { squares[layer][place] += gradient[place] * gradient[place] / 150 }
            }
        }
        for layer in facts.indices {
            #expect(relativeError(facts[layer].gradient!, mean[layer]) < 1e-5)
            #expect(relativeError(facts[layer].squaredGradient!, squares[layer]) < 1e-5)
        }
    }

    @Test func inputsOfLinearLayers() throws {
        let trainer = try trained()
        let model = DoubleMultilayer(trainer), samples = CalibrationSamples(trainer.plan, 150)
        let facts = try trainer.calibration().facts([.inputNorms, .inputGram], keeping: nil, samples: 150)
        let all = samples.inputs.map(model.activations)
        for (number, layer) in model.layers.enumerated() {
            let columns = layer.columns
            var gram = [Double](repeating: 0, count: columns * columns)
            for sample in all {
                for row in 0..<columns {
                    for column in 0..<columns {
                        gram[row * columns + column] += sample[number][row] * sample[number][column]
                    }
                }
            }
            #expect(facts[number].gramCount == 150)
            #expect(relativeError(facts[number].inputGram!, gram) < 1e-5)
            let norms = (0..<columns).map { gram[$0 * columns + $0].squareRoot() }
            #expect(relativeError(facts[number].inputNorms!, norms) < 1e-5)
        }
    }

    /// A strided convolution with a border, a grouped one behind it, and one that uses the weights of another.
    @Test func inputsOfConvolutions() throws {
        let trainer = try trained(
            network: """
                [
                 {name: a, operator: convolution, channels: 4, kernel: 3, stride: 2, padding: 1},
                 {name: b, operator: convolution, channels: 6, kernel: [2, 3], groups: 2, padding: [0, 1, 1, 0]},
                 {operator: flatten}, {name: out, operator: linear, outputs: 10}]
                """, steps: 1)
        let network = trainer.network
        let chosen = CalibrationSamples(trainer.plan, 70)
        let facts = try trainer.calibration().facts([.inputNorms, .inputGram], keeping: nil, samples: 70)
        // What the first convolution reads is the picture itself.
        var first = [Double](repeating: 0, count: 81)
        var points: [[[Double]]] = []
        let state = trainer.state().layers[0].arrays
        for image in chosen.inputs {
            func pixel(_ y: Int, _ x: Int) -> Double {
                (0..<8).contains(y) && (0..<8).contains(x) ? image[y * 8 + x] : 0
            }
            var map = [[Double]](repeating: [Double](repeating: 0, count: 16), count: 4)
            for y in 0..<4 {
                for x in 0..<4 {
                    let window = (0..<9).map { pixel(2 * y - 1 + $0 / 3, 2 * x - 1 + $0 % 3) }
                    for i in 0..<9 { for j in 0..<9 { first[i * 9 + j] += window[i] * window[j] } }
                    for channel in 0..<4 {
                        map[channel][y * 4 + x] =
                            Double(state.bias[channel])
                            + (0..<9).reduce(0.0) { $0 + Double(state.values[channel * 9 + $1]) * window[$1] }
                    }
                }
            }
            points.append(map)
        }
        #expect(facts[0].gramCount == 70 * 16)
        #expect(relativeError(facts[0].inputGram!, first) < 1e-5)
        var second = [Double](repeating: 0, count: 2 * 12 * 12)
        // Padding is top, left, bottom, right.
        for map in points {
            for group in 0..<2 {
                for y in 0..<network.layers[1].map.output.height {
                    for x in 0..<network.layers[1].map.output.width {
                        let window = (0..<12).map { column in
                            let channel = group * 2 + column / 6, tap = column % 6
                            let (py, px) = (y + tap / 3, x - 1 + tap % 3)
                            return (0..<4).contains(py) && (0..<4).contains(px) ? map[channel][py * 4 + px] : 0
                        }
                        for i in 0..<12 {
                            for j in 0..<12 { second[(group * 12 + i) * 12 + j] += window[i] * window[j] }
                        }
                    }
                }
            }
        }
        #expect(relativeError(facts[1].inputGram!, second) < 1e-5)
        let norms = (0..<24).map { second[($0 / 12 * 12 + $0 % 12) * 12 + $0 % 12].squareRoot() }
        #expect(relativeError(facts[1].inputNorms!, norms) < 1e-5)
    }

    @Test func unitsThatAreNotZero() throws {
        let trainer = try trained()
        let model = DoubleMultilayer(trainer), samples = CalibrationSamples(trainer.plan, 100)
        let rates = try trainer.calibration().facts([.activationRates], keeping: nil, samples: 100)
        let all = samples.inputs.map(model.activations)
        for layer in 0..<3 {
            for unit in 0..<model.layers[layer].rows {
                let share = Double(all.count { $0[layer + 1][unit] != 0 }) / 100
                #expect(abs(Double(rates[layer].activationRates![unit]) - share) < 1e-6)
            }
        }
    }

    private static let normed = """
        [{operator: flatten}, {name: a, operator: linear, outputs: 16}, {name: n, operator: batch-norm},
         {operator: relu}, {operator: dropout, rate: 0.2}, {name: out, operator: linear, outputs: 10}]
        """

    @Test func scalesOfNorms() throws {
        let trainer = try trained(network: Self.normed)
        let scale = try #require(trainer.network.parameters.first { $0.name == "n.weight" })
        scale.values[3] = -7
        let facts = try trainer.calibration().facts([.normScales], keeping: nil, samples: 1)
        #expect(facts[0].normScales == scale.values.array.map(abs) && facts[0].normScales![3] == 7)
        #expect(facts[1].normScales == nil)
    }

    /// Training passes on the copy leave weights, statistics, gradients and slots of the trainer as they were, whatever the
    /// number of threads, and give the same bytes.
    @Test func nothingChanges() throws {
        var seen: [[UInt32]] = []
        for threads in [1, 2, 3] {
            let trainer = try trained(network: Self.normed, threads: threads)
            let before = trainer.state(), gradients = trainer.network.layers.map { $0.liveGradient() }
            let facts = try trainer.calibration().facts(
                [.gradient, .squaredGradient, .inputNorms, .inputGram, .activationRates], keeping: nil, samples: 130)
            let after = trainer.state()
            #expect(before.layers == after.layers && before.parameters == after.parameters)
            #expect(gradients == trainer.network.layers.map { $0.liveGradient() })
            let all = facts.flatMap {
                $0.gradient! + $0.squaredGradient! + $0.inputNorms! + $0.inputGram! + $0.activationRates!
            }
            seen.append(all.map(\.bitPattern))
        }
        #expect(seen[0] == seen[1] && seen[0] == seen[2])
    }

    @Test func whatIsLeftOutIsTakenAsZero() throws {
        let trainer = try trained()
        var keep = trainer.network.layers.map { [Bool](repeating: true, count: $0.nnz) }
        for place in stride(from: 0, to: keep[0].count, by: 2) { keep[0][place] = false }
        let found = try trainer.calibration().facts([.gradient], keeping: keep, samples: 60)
        let cut = try trained()
        cut.drop(keep, event: 1)
        let expected = try cut.calibration().facts([.gradient], keeping: nil, samples: 60)
        #expect(zip(found[0].gradient!, keep[0]).filter(\.1).map(\.0) == expected[0].gradient!)
        #expect(found[1].gradient == expected[1].gradient)
    }

    @Test func aGramMatrixThatDoesNotFitIsRefused() throws {
        let trainer = try trained()
        let state = trainer.state()
        let calibration = Calibration(
            trainer.plan, layers: state.layers, parameters: state.parameters, team: Team(size: 1),
            free: FreeMemory(bytes: 1000, holder: "free on this machine"))
        let error = #expect(throws: MemoryError.self) {
            try calibration.facts([.inputGram], keeping: nil, samples: 10)
        }
        #expect(error?.description.contains("layer 'fc1' with 64 inputs") == true)
    }

    /// The method's own array goes into the criterion, and with the weights.
    @Test func movementFollowsItsFormula() throws {
        let lines = """
            criterion: movement
            method: {name: movement, rate: 0.5}
            schedule: {name: one-shot, final: 0.5, at: 1000}
            """
        let trainer = try trained(lines, steps: 0)
        var expected = trainer.network.layers.map { [Float](repeating: 0, count: $0.nnz) }
        for _ in 0..<4 {
            let before = trainer.state().layers.map(\.arrays.values)
            _ = try trainer.step()
            for (number, layer) in trainer.network.layers.enumerated() {
                for (live, gradient) in layer.liveGradient().enumerated() {
                    expected[number][live] -= 0.5 * before[number][live] * gradient
                }
            }
        }
        let facts = try trainer.calibration().facts([.kept("movement")], keeping: nil, samples: 0)
        for number in facts.indices {
            #expect(relativeError(facts[number].kept["movement"]!, expected[number].map(Double.init)) < 1e-6)
        }
        let changes = try #require(try trainer.changes(for: .cut(sparsity: 0.5)))
        trainer.apply(changes, event: 1)
        #expect(trainer.nnz == 1040)
        #expect(trainer.network.layers.allSatisfy { $0.slots[1].count == $0.values.count })
    }

    @Test func movementNeedsItsMethodAndTheMethodItsCriterion() throws {
        let other = try plan("criterion: movement\nmethod: one-shot\nschedule: {name: one-shot, final: 0.5, at: 10}")
        #expect(throws: SparsityError.needsMethod(criterion: "movement", method: "movement", found: "one-shot")) {
            try other.requireTrainable()
        }
        let plain = try plan("method: movement\nschedule: {name: one-shot, final: 0.5, at: 10}")
        #expect(throws: (any Error).self) { try plain.requireTrainable() }
    }
}
