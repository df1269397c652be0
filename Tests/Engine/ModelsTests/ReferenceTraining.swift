import Foundation
import Graph
import Interchange
import Kernels
import Models
import Testing

/// The same networks in training: gradients of PyTorch, and its loss over two hundred steps.
extension ReferenceTests {
    @Test(.enabled(if: !python.isEmpty, "ESPALIER_TORCH_PYTHON names no Python with torch, onnx and onnxruntime"))
    func trainingOfPyTorch() throws {
        try run("train")
        let names = String(decoding: try #require(contents(folder("training.txt"))), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        #expect(names.count == 12)
        for name in names {
            let imported = try Models.importModel(path: folder("\(name)-train.onnx"))
            let graph = try #require(imported.graph, "\(name): \(imported.problems)")
            let labels = try floats("\(name).ty").map { Int($0) }
            let network = Network(graph, capacity: labels.count, team: Team(size: 2), trains: true)
            imported.fill(network, sparseFrom: 2)
            let training = ReferenceTraining(network, samples: try floats("\(name).tx"), labels: labels)
            _ = training.step()
            let off = try gradients(training, name)
            print("\(name): gradients \(off) off")
            if name.hasSuffix("-smooth") { continue }
            let curve = try floats("\(name).curve")
            var found: [Float] = []
            for _ in curve {
                found.append(training.step())
                training.update(rate: 0.001, momentum: 0.9)
            }
            // Where a loss is nearly nothing a hundredth of it is rounding. Kinks make a curve of hundreds of layers depend on the
            // order of adding: PyTorch's own two differ, too, and may be three times nearer to each other than to a third.
            func distance(_ curve: [Float], _ other: [Float]) -> Float {
                zip(curve, other).map { abs($0 - $1) / max($0, 0.05 * curve[0]) }.max() ?? .infinity
            }
            let worst = distance(curve, found), own = distance(curve, try floats("\(name).curve2"))
            print("\(name): loss \(curve[0]) to \(curve.last!), \(worst) off, PyTorch's own orders \(own)")
            #expect(found.count == 200 && worst <= max(0.01, 3 * own), "\(name): \(worst)")
        }
    }

    /// How far the gradient of an array is off at most, by its largest. Behind a batch norm a sum that is nearly zero lies on
    /// this or that side of a kink by its rounding: there PyTorch's own floats are off, too, and its worst array says how much.
    /// The smooth networks have no kinks.
    private func gradients(_ training: ReferenceTraining, _ name: String) throws -> Float {
        let all = try floats("\(name).gradients")
        let lines = String(decoding: try #require(contents(folder("\(name).arrays"))), as: UTF8.self)
        let largest = all.map(abs).max() ?? 0
        let own = lines.split(separator: "\n").compactMap { Float($0.split(separator: " ")[2]) }.max() ?? 0
        let bound = name.hasSuffix("-smooth") ? 1e-3 : max(1e-3, 3 * own)
        var first = 0, worst: Float = 0, missing: [String] = []
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            let key = String(words[0]), count = try #require(Int(words[1]))
            let wanted = Array(all[first..<first + count])
            first += count
            guard let found = training.gradient(key), found.count == count else {
                missing.append(key)
                continue
            }
            let scale = max(wanted.map(abs).max() ?? 0, 1e-3 * largest)
            let off = zip(found, wanted).map { abs($0 - $1) }.max() ?? 0
            worst = max(worst, off / scale)
            #expect(off <= bound * scale, "\(name) \(key): \(off) of \(scale)")
        }
        // The places of tokens have no name of a layer.
        #expect(missing.count <= 1, "\(name): \(missing)")
        return worst
    }
}

/// Stochastic gradient descent with momentum on one batch, by the softmax cross-entropy.
final class ReferenceTraining {
    private let network: Network
    private let labels: [Int]
    private var momenta: [String: [Float]] = [:]
    private var steps = 0

    init(_ network: Network, samples: [Float], labels: [Int]) {
        self.network = network
        self.labels = labels
        let input = network.input, features = input.layout.features
        for sample in labels.indices {
            let start = Self.start(input.layout, sample)
            ModelRunner.eachPoint(input.layout) { feature, offset in
                input.values[start + offset] = samples[sample * features + feature]
            }
        }
    }

    private static func start(_ layout: ImageLayout, _ sample: Int) -> Int {
        sample / layout.lanes * layout.panelFloats + sample % layout.lanes
    }

    /// - Returns: the loss before the step.
    func step() -> Float {
        network.forward(samples: labels.count, step: steps, seed: 1)
        steps += 1
        let output = network.output
        var total = 0.0
        for (sample, label) in labels.enumerated() {
            let start = Self.start(output.layout, sample)
            let gradientStart = Self.start(output.gradientLayout, sample)
            let logits = (0..<output.shape.channels).map { Double(output.values[start + output.layout.offset($0)]) }
            let top = logits.max()!
            let sum = logits.reduce(0) { $0 + exp($1 - top) }
            total += log(sum) + top - logits[label]
            for (place, logit) in logits.enumerated() {
                let share = exp(logit - top) / sum - (place == label ? 1 : 0)
                output.gradient![gradientStart + output.gradientLayout.offset(place)] = Float(
                    share / Double(labels.count))
            }
        }
        network.backward(samples: labels.count)
        return Float(total / Double(labels.count))
    }

    /// Of an array of PyTorch's `state_dict`.
    func gradient(_ key: String) -> [Float]? {
        if let parameter = network.trained.first(where: { $0.name == key }) { return parameter.gradient.array }
        for (ending, isBias) in [(".weight", false), ("_weight", false), (".bias", true), ("_bias", true)]
        where key.hasSuffix(ending) {
            guard let layer = network.layers.first(where: { $0.name == String(key.dropLast(ending.count)) }) else {
                continue
            }
            return isBias ? layer.biasGradient.array : layer.liveGradient()
        }
        return nil
    }

    func update(rate: Float, momentum: Float) {
        func update(_ name: String, _ values: FloatBuffer, _ gradient: FloatBuffer) {
            var held = momenta[name] ?? [Float](repeating: 0, count: values.count)
            for index in 0..<values.count {
                held[index] = momentum * held[index] + gradient[index]
                values[index] -= rate * held[index]
            }
            momenta[name] = held
        }
        for layer in network.layers {
            update(layer.name + ".w", layer.values, layer.gradient)
            update(layer.name + ".b", layer.bias, layer.biasGradient)
            layer.valuesChanged()
        }
        for parameter in network.trained { update(parameter.name, parameter.values, parameter.gradient) }
    }
}
