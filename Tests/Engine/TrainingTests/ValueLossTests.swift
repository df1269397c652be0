import Foundation
import Graph
import Kernels
import Testing
import Training

/// Every loss: literal values as PyTorch 2.13 gives them, a reference in doubles, and gradients that are the slope of the value.
@Suite struct ValueLossTests {
    // MARK: Literal values

    private static let outputs: [Float] = [1.5, -0.25, 0.75, -2, 0.5, 3, 0, 0, -1, 4, -3.5, 0.125]
    private static let classes: [Int32] = [0, 1, 1, 2]
    private static let numbers: [Float] = [1, -1, 0.5, 0, 0.5, 2, 0.25, -0.5, -1, 3, 0, 1]
    private static let shares: [Float] = [1, 0, 0.5, 0, 1, 0.25, 0, 1, 1, 1, 0, 0]

    private static let literal: [(name: String, loss: any Loss, targets: [Float]?, value: Double, gradient: [Double])] =
        [
            (
                "smoothed", SoftmaxCrossEntropy(smoothing: 0.1), nil, 1.9874856,
                [
                    -0.0814629, 0.0180578, 0.0634052, -0.0067863, -0.2144862, 0.2212724, 0.0972464, -0.1277536,
                    0.0305073,
                    0.2364509, -0.0081979, -0.228253,
                ]
            ),
            (
                "weighted", SoftmaxCrossEntropy(weights: [0.5, 2, 3]), nil, 2.5108869,
                [
                    -0.0261679, 0.0070376, 0.0191303, 0.0016502, -0.246563, 0.2449128, 0.1126184, -0.1540483, 0.04143,
                    0.3916548, 0.0002166, -0.3918715,
                ]
            ),
            (
                "both", SoftmaxCrossEntropy(smoothing: 0.1, weights: [0.5, 2, 3]), nil, 2.4862041,
                [
                    -0.0109238, 2.54e-05, 0.0108983, -0.0005858, -0.2289528, 0.2295385, 0.1094576, -0.137209, 0.0277514,
                    0.3742016, -0.0086807, -0.3655209,
                ]
            ),
            (
                "plain", SoftmaxCrossEntropy(), nil, 1.9604024,
                [
                    -0.0981296, 0.0263911, 0.0717385, 0.0015471, -0.2311528, 0.2296057, 0.1055797, -0.1444203,
                    0.0388406,
                    0.2447843, 0.0001354, -0.2449197,
                ]
            ),
            (
                "binary", BinaryCrossEntropy(), shares, 0.6619893,
                [
                    -0.0152021, 0.0364853, 0.0149316, 0.0099336, -0.0314617, 0.0585478, 0.0416667, -0.0416667,
                    -0.0609215,
                    -0.0014989, 0.0024427, 0.0442674,
                ]
            ),
            (
                "squared", MeanSquaredError(), numbers, 1.6835938,
                [
                    0.0833333, 0.125, 0.0416667, -0.3333333, 0, 0.1666667, -0.0416667, 0.0833333, 0, 0.1666667,
                    -0.5833334,
                    -0.1458333,
                ]
            ),
            (
                "absolute", MeanAbsoluteError(), numbers, 0.8854167,
                [
                    0.0833333, 0.0833333, 0.0833333, -0.0833333, 0, 0.0833333, -0.0833333, 0.0833333, 0, 0.0833333,
                    -0.0833333, -0.0833333,
                ]
            ),
        ]

    @Test func valuesAndGradientsArePyTorchs() throws {
        for (name, loss, targets, value, gradient) in Self.literal {
            let bench = try LossBench(Shape(channels: 3), samples: 4, lanes: 16)
            bench.outputs = Self.outputs
            let batch = targets.map { bench.batch($0) } ?? TargetBatch(labels: Self.classes)
            let result = loss.evaluate(bench.tensor, targets: batch, wantsGradient: true)
            #expect(abs(result.mean - value) < 2e-6, "\(name): \(result.mean)")
            for (found, expected) in zip(bench.gradient, gradient) {
                #expect(abs(Double(found) - expected) < 2e-7, "\(name): \(found) \(expected)")
            }
        }
    }

    // MARK: Borders, lanes, any shape

    /// Shapes with the border that a convolution's gradient has, and the 64 lanes of a network without one.
    @Test(arguments: [16, 64], ["softmax", "binary", "binary classes", "squared", "absolute"])
    func gradientsAreSlopes(_ lanes: Int, _ name: String) throws {
        let random = CounterRandom(seed: 9, purpose: .test)
        let shape =
            name == "softmax" || name == "binary classes" ? Shape(channels: 5) : Shape(channels: 3, height: 2, width: 4)
        let samples = 70
        let bench = try LossBench(shape, samples: samples, lanes: lanes)
        bench.outputs = (0..<samples * shape.features).map { random.uniform($0) * 6 - 3 }
        let labels = (0..<samples).map { Int32(random.integer(below: 5, 7, $0)) }
        let values = (0..<samples * shape.features).map { random.uniform(1, $0) }
        let (loss, batch): (any Loss, TargetBatch) =
            switch name {
            case "softmax":
                (SoftmaxCrossEntropy(smoothing: 0.2, weights: [1, 0.5, 2, 3, 0.25]), TargetBatch(labels: labels))
            case "binary classes": (BinaryCrossEntropy(), TargetBatch(labels: labels))
            case "binary": (BinaryCrossEntropy(), bench.batch(values))
            case "squared": (MeanSquaredError(), bench.batch(values))
            // Far from the kink, which no difference sees.
            default:
                (MeanAbsoluteError(), bench.batch(values.enumerated().map { $0 % 3 == 0 ? $1 - 4 : $1 + 4 }))
            }
        // What lies in the gradient, and in lanes without a sample, is none of the loss's business.
        for place in 0..<bench.tensor.gradient!.count { bench.tensor.gradient![place] = 7 }
        bench.fillEmptyLanes(.nan)
        let whole = loss.evaluate(bench.tensor, targets: batch, wantsGradient: true)
        let gradient = bench.gradient
        #expect(whole.mean.isFinite && bench.emptyLanesHaveNoGradient)
        let outputs = bench.outputs
        for place in [0, 1, shape.features + 2, 33 * shape.features - 1, 64 * shape.features, outputs.count - 1] {
            var ends: [Double] = []
            for step: Float in [0.02, -0.02] {
                var moved = outputs
                moved[place] += step
                bench.outputs = moved
                ends.append(loss.evaluate(bench.tensor, targets: batch, wantsGradient: false).mean)
            }
            let slope = (ends[0] - ends[1]) / 0.04
            #expect(abs(slope - Double(gradient[place])) < 4e-5, "\(name) \(lanes) \(place)")
        }
    }

    @Test func oneOutputTellsTwoClassesApart() throws {
        let bench = try LossBench(Shape(channels: 1), samples: 3, lanes: 16)
        bench.outputs = [2, -1, 0]
        let result = BinaryCrossEntropy().evaluate(
            bench.tensor, targets: TargetBatch(labels: [1, 1, 0]), wantsGradient: true)
        #expect(result.correct == [true, false, true])
        let expected = log(1 + exp(-2.0)) + log(1 + exp(1.0)) + log(2.0)
        #expect(abs(result.sum - expected) < 1e-6)
        #expect(abs(Double(bench.gradient[2]) - 0.5 / 3) < 1e-7)
    }

    @Test func largeLogitsOverflowNothing() throws {
        let bench = try LossBench(Shape(channels: 2), samples: 2, lanes: 16)
        bench.outputs = [200, -200, 1e30, -1e30]
        let result = BinaryCrossEntropy().evaluate(
            bench.tensor, targets: bench.batch([0, 0, 1, 0]), wantsGradient: true)
        #expect(result.sum == 100)
        #expect(bench.gradient == [0.25, 0, 0, 0])
        bench.outputs = [.nan, 0, 0, 0]
        #expect(
            !BinaryCrossEntropy().evaluate(bench.tensor, targets: bench.batch([0, 0, 1, 0]), wantsGradient: true).sum
                .isFinite)
    }

    // MARK: What does not fit

    @Test func whatDoesNotFitIsRefusedInOneSentence() {
        let flat = Shape(channels: 3)
        let numbers = TargetFacts(.numbers(each: 3, least: -1, most: 4), inputFeatures: 8)
        let classes = TargetFacts(.classes(3), inputFeatures: 8, training: [10, 20, 0], validation: [1, 1, 1])
        func refusal(_ loss: any Loss, _ facts: TargetFacts, _ output: Shape) -> String? {
            do {
                _ = try loss.fitted(to: facts, output: output)
                return nil
            } catch { return "\(error)" }
        }
        #expect(refusal(SoftmaxCrossEntropy(), classes, flat) == nil)
        #expect(refusal(MeanSquaredError(), numbers, flat) == nil)
        #expect(refusal(MeanSquaredError(comparesInput: true), classes, Shape(channels: 8)) == nil)
        #expect(
            refusal(SoftmaxCrossEntropy(), numbers, flat)
                == "loss 'softmax-cross-entropy' needs classes, and the data has 3 numbers a sample; "
                + "loss 'mean-squared-error' or 'mean-absolute-error' compares values")
        #expect(
            refusal(BinaryCrossEntropy(), classes, Shape(channels: 1))
                == "loss 'binary-cross-entropy' tells two classes apart on one output, and the data has 3 classes; "
                + "a network with 3 outputs has one for each")
        #expect(
            refusal(BinaryCrossEntropy(), numbers, flat)?.contains("the data has numbers from -1.0 to 4.0") == true)
        #expect(
            refusal(MeanAbsoluteError(), classes, flat)
                == "loss 'mean-absolute-error' compares numbers, and the data has 3 classes; loss 'softmax-cross-entropy' "
                + "is for those, and 'against: input' compares with the input itself")
        #expect(
            refusal(MeanSquaredError(comparesInput: true), classes, flat)
                == "the network gives 3 outputs, and loss 'mean-squared-error' compares them with the input of 8 values; "
                + "as many outputs make an autoencoder")
        #expect(
            refusal(MeanSquaredError(), numbers, Shape(channels: 2))
                == "the network gives 2 outputs, and the data has 3 numbers a sample")
        #expect(
            refusal(SoftmaxCrossEntropy(weights: [1, 2]), classes, flat)
                == "'class-weights' of loss 'softmax-cross-entropy' has 2 numbers; the data has 3 classes, one number for each"
        )
    }

    /// n / (classes · n of the class), of the classes that there are; one that is missing counts as one.
    @Test func balancedWeightsAreInverseToTheCounts() throws {
        let loss = try Losses.make("softmax-cross-entropy", ["class-weights": .text("balanced")]).fitted(
            to: TargetFacts(.classes(3), training: [10, 30, 0], validation: [1, 1, 1]), output: Shape(channels: 3))
        let bench = try LossBench(Shape(channels: 3), samples: 2, lanes: 16)
        bench.outputs = [0, 0, 0, 0, 0, 0]
        let result = loss.evaluate(bench.tensor, targets: TargetBatch(labels: [0, 1]), wantsGradient: false)
        #expect(abs(result.weight - (2 + 2.0 / 3)) < 1e-6 && abs(result.mean - log(3)) < 1e-6)
    }
}

/// A network's output that is filled by hand: sample after sample, features in row-major order.
final class LossBench {
    let tensor: PanelTensor
    private let network: Network
    private let samples: Int

    init(_ shape: Shape, samples: Int, lanes: Int) throws {
        // A convolution as the output puts a border around the gradient, and has sixteen lanes.
        let isPicture = shape.height > 1 || lanes == 16
        let graph =
            isPicture
            ? try Graph(
                input: Shape(channels: 2, height: shape.height, width: shape.width),
                [.init("a", Convolution(channels: shape.channels, kernel: 3, padding: 1))])
            : try Graph(input: Shape(channels: 2), [.init("a", Linear(outputs: shape.channels))])
        network = Network(graph, capacity: max(samples, lanes), team: Team(size: 1), trains: true)
        tensor = network.output
        self.samples = samples
    }

    private func place(_ layout: ImageLayout, _ sample: Int, _ feature: Int) -> Int {
        let (channel, point) = feature.quotientAndRemainder(dividingBy: layout.height * layout.width)
        return sample / layout.lanes * layout.panelFloats + sample % layout.lanes
            + layout.offset(channel, point / layout.width, point % layout.width)
    }
    private var features: Int { tensor.layout.features }

    var outputs: [Float] {
        get {
            (0..<samples * features).map { tensor.values[place(tensor.layout, $0 / features, $0 % features)] }
        }
        set {
            for (index, value) in newValue.enumerated() {
                tensor.values[place(tensor.layout, index / features, index % features)] = value
            }
        }
    }
    var gradient: [Float] {
        (0..<samples * features).map { tensor.gradient![place(tensor.gradientLayout, $0 / features, $0 % features)] }
    }

    func batch(_ values: [Float], labels: [Int32] = []) -> TargetBatch {
        let lanes = tensor.layout.lanes
        let buffer = FloatBuffer(count: (samples + lanes - 1) / lanes * lanes * features)
        for (index, value) in values.enumerated() {
            let (sample, feature) = index.quotientAndRemainder(dividingBy: features)
            buffer[(sample / lanes * features + feature) * lanes + sample % lanes] = value
        }
        return TargetBatch(count: samples, labels: labels, values: buffer)
    }

    private var emptyLanes: Range<Int> {
        samples..<(samples + tensor.layout.lanes - 1) / tensor.layout.lanes * tensor.layout.lanes
    }
    func fillEmptyLanes(_ value: Float) {
        for sample in emptyLanes {
            for feature in 0..<features { tensor.values[place(tensor.layout, sample, feature)] = value }
        }
    }
    var emptyLanesHaveNoGradient: Bool {
        emptyLanes.allSatisfy { sample in
            (0..<features).allSatisfy { tensor.gradient![place(tensor.gradientLayout, sample, $0)] == 0 }
        }
    }
}
