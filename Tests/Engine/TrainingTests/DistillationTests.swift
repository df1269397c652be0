import Foundation
import Graph
import Interchange
import Kernels
import Testing
import Training

/// A network that learns from one that was trained before.
@Suite struct DistillationTests {
    /// Outputs of 2 inputs each, by a layer with these weights.
    private func network(_ graph: Graph, _ weights: [Float], bias: [Float], trains: Bool, capacity: Int = 1) -> Network
    {
        let network = Network(graph, capacity: capacity, team: Team(size: 1), trains: trains)
        network.layers[0].set(
            LayerArrays(indices: nil, values: weights, slots: [], bias: bias, biasSlots: []))
        return network
    }

    private func parent(_ graph: Graph, _ weights: [Float], bias: [Float]) -> ParentNetwork {
        var start = StartWeights()
        start.layers["fc"] = LayerArrays(indices: nil, values: weights, slots: [], bias: bias, biasSlots: [])
        return ParentNetwork(graph: graph, weights: start)
    }

    private func graph(_ outputs: Int) throws -> Graph {
        try Graph(input: Shape(channels: 2), [.init("fc", Linear(outputs: outputs))])
    }

    private func settings(_ temperature: Double, _ share: Double) -> DistillationChoice {
        DistillationChoice(from: "", temperature: temperature, share: share)
    }

    /// Outputs 0 and 0 beside 2 ln 3 and 0, at temperature 2: a half each beside three quarters and one.
    @Test func twoOutputsWrittenOut() throws {
        let graph = try graph(2)
        let student = network(graph, [0, 0, 0, 0], bias: [0, 0], trains: true)
        let distiller = Distiller(
            parent(graph, [2 * log(3), 0, 0, 0], bias: [0, 0]), settings(2, 0.9), network: student)
        student.input.values[student.input.layout.offset(0)] = 1
        distiller.answer(1)
        student.forward(samples: 1, step: 0)
        distiller.compare()
        var result = SoftmaxCrossEntropy().evaluate(
            student.output, targets: TargetBatch(labels: [1]), wantsGradient: true)
        distiller.mix(into: &result)
        let divergence = 0.75 * log(1.5) + 0.25 * log(0.5)
        #expect(abs(result.mean - (0.1 * log(2) + 0.9 * 4 * divergence)) < 1e-6)
        let slopes = (0..<2).map { student.output.gradient![student.output.gradientLayout.offset($0)] }
        // 0.1 · (0.5, −0.5) + 0.9 · 2 · (−0.25, 0.25)
        #expect(abs(slopes[0] + 0.4) < 1e-6 && abs(slopes[1] - 0.4) < 1e-6, "\(slopes)")
    }

    @Test func theGradientIsTheSlopeOfTheValue() throws {
        let graph = try graph(5), samples = 20
        let random = CounterRandom(seed: 3, purpose: .test)
        func draw(_ kind: Int, _ count: Int) -> [Float] { (0..<count).map { random.uniform(kind, $0) * 4 - 2 } }
        let student = network(graph, draw(1, 10), bias: draw(2, 5), trains: true, capacity: samples)
        let distiller = Distiller(
            parent(graph, draw(3, 10), bias: draw(4, 5)), settings(3, 0.7), network: student)
        for place in 0..<student.input.values.count { student.input.values[place] = random.uniform(5, place) * 2 - 1 }
        let labels = (0..<samples).map { Int32($0 % 5) }
        distiller.answer(samples)
        student.forward(samples: samples, step: 0)
        func loss() -> Double {
            distiller.compare()
            var result = SoftmaxCrossEntropy().evaluate(
                student.output, targets: TargetBatch(labels: labels), wantsGradient: true)
            distiller.mix(into: &result)
            return result.mean
        }
        _ = loss()
        let layout = student.output.layout, slopes = student.output.gradientLayout
        for (sample, output) in [(0, 0), (7, 3), (19, 4)] {
            let panel = sample / layout.lanes, lane = sample % layout.lanes
            let place = panel * layout.panelFloats + layout.offset(output) + lane
            _ = loss()
            let expected = Double(student.output.gradient![panel * slopes.panelFloats + slopes.offset(output) + lane])
            let held = student.output.values[place]
            var ends: [Double] = []
            for step: Float in [0.02, -0.02] {
                student.output.values[place] = held + step
                ends.append(loss())
            }
            student.output.values[place] = held
            #expect(abs((ends[0] - ends[1]) / 0.04 - expected) < 1e-5)
        }
    }

    private static let gradual = """
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.9, begin: 10, end: 40, every: 10}
        """

    @Test func aRunLearnsFromItsParentAndNeedsItsFileNoMore() throws {
        let folder = TemporaryFolder()
        try Play(digits(epochs: 3), in: folder("parent"), interactive: false).end()
        let recipe = try digits(
            Self.gradual
                + "\naugment: [{name: noise, deviation: 0.1}]\ndistill: {from: \(folder("parent")), temperature: 3}")
        #expect(try RecipeReader.read(recipe.yaml, file: "r", name: "r") == recipe)
        let whole = try Play(recipe, in: folder("whole"), interactive: false, copies: [(33, folder("copy"))])
        try whole.end()
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("threads"))
        // It is another training than that by the labels alone.
        let alone = try digits(Self.gradual + "\naugment: [{name: noise, deviation: 0.1}]")
        try Play(alone, in: folder("alone"), interactive: false).end()
        let learned = try KeptNetwork.read(folder("whole/final.safetensors"))
        #expect(try learned.layers != KeptNetwork.read(folder("alone/final.safetensors")).layers)
        try FileManager.default.removeItem(atPath: folder("parent"))
        try Play(in: folder("copy"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("copy"), "killed")
    }

    /// What it was before the cut teaches a network that has lost most of its weights.
    @Test func aCutIsMadeUpForByWhatWasThere() throws {
        let trainer = Trainer(try plan(epochs: 3), team: Team(size: 1))
        for _ in 0..<60 { _ = try trainer.step() }
        let state = trainer.state()
        func recovered(_ threads: Int, _ steps: Int?) throws -> CutNetwork {
            let network = CutNetwork(
                trainer.plan, layers: state.layers, parameters: state.parameters, normalization: nil,
                team: Team(size: threads))
            try network.cut(trainer.plan.parts.masker, sparsity: 0.9)
            if let steps {
                for recovery in try Recoveries.make(["distillation"], steps: steps) { try recovery.recover(network) }
            }
            return network
        }
        let cut = try recovered(1, nil), one = try recovered(1, 40), two = try recovered(2, 40)
        #expect(one.layers == two.layers)
        #expect(one.layers.map(\.arrays.indices) == cut.layers.map(\.arrays.indices))
        func figure(_ network: CutNetwork) throws -> Double {
            try trainer.plan.measure(network.network(capacity: 64), onTest: false).value
        }
        #expect(try figure(one) > figure(cut) + 3)
        #expect(throws: (any Error).self) { try Recoveries.make(["distillation"]) }
    }

    @Test func whatCannotTeachIsRefusedInOneSentence() throws {
        let folder = TemporaryFolder()
        try Play(
            digits("stop-after: 2", network: "mlp-64-12"), in: folder("wide"), interactive: false
        ).end()
        try Play(digits(), in: folder("young"), interactive: false, [.init(3, .stop)]).end()
        func refusal(_ lines: String) -> String {
            do {
                let recipe = try digits(lines)
                _ = try recipe.locating { try TrainingPlan(recipe.placingParent(besideFile: nil)) }
                return "taken"
            } catch { return "\(error)" }
        }
        #expect(
            refusal("distill: {from: \(folder("wide"))}").hasPrefix(
                "digits:10: 'distill' compares outputs one by one: the parent \(folder("wide"))/final.safetensors gives "
                    + "12 outputs, the recipe's network 10 outputs"))
        #expect(refusal("distill: \(folder("young"))").contains("a run that is not finished"))
        #expect(refusal("distill: nowhere").hasPrefix("digits:10: 'distill' is nowhere, which is not there"))
        #expect(refusal("distill: {from: \(folder("wide")), temperature: 0}").contains("'temperature' of"))
        #expect(refusal("distill: {temperature: 2}").contains("from"))
        #expect(
            refusal("distill: {from: \(folder("wide"))}\nloss: binary-cross-entropy").contains("softens the scores"))
    }
}
