import Foundation
import Graph
import Interchange
import Testing
import Training

/// A kept network from a stranger: what it says of itself is compared with what it holds and with what memory takes.
@Suite struct KeptFileTests {
    private let folder = TemporaryFolder()

    private func kept(_ network: String = "lenet-300-100") throws -> TensorFile {
        let recipe = try digits(network: network)
        let plan = try TrainingPlan(recipe)
        let trainer = Trainer(plan, team: .init(size: 1))
        if let flags = try trainer.changes(for: .cut(sparsity: 0.5)) { trainer.apply(flags, event: 1) }
        let state = trainer.state()
        try KeptNetwork(
            layers: state.layers, parameters: state.parameters, recipe: recipe, data: plan.data, classes: 10,
            input: plan.data.train.shape, step: 3
        ).write(to: folder("kept.safetensors"), graph: plan.graph)
        return try Safetensors.read(folder("kept.safetensors"))
    }
    private func refusal(_ file: TensorFile) throws -> FileProblem? {
        try Safetensors.write(
            TensorFile(sealing: file.tensors, metadata: file.metadata, path: file.path),
            to: folder("forged.safetensors"))
        do {
            let opened = try KeptNetwork.read(folder("forged.safetensors"))
            _ = MemoryNeed(running: opened.graph, capacity: 64, counts: nil).bytes
            return nil
        } catch let problem as FileProblem {
            #expect(problem.path == folder("forged.safetensors"))
            return problem
        }
    }
    private func with(_ file: TensorFile, _ key: String, _ value: String) -> TensorFile {
        var metadata = file.metadata
        metadata[key] = value
        return TensorFile(tensors: file.tensors, metadata: metadata)
    }

    @Test(arguments: [
        "classes", "input_channels", "input_height", "input_width", "step", "input_mean", "input_deviation",
    ])
    func everyNumberIsAskedWhatItMayBe(_ key: String) throws {
        let file = try kept()
        for value in [
            "0", "-1", "\(Int.min)", "\(Int.max)", "9007199254740992", "8388608", "4000", "nan", "inf", "1e300", "",
        ] {
            let problem = try refusal(with(file, key, value))
            if key == "step", ["0", "9007199254740992"].contains(value) == false, Int(value).map({ $0 > 0 }) != true {
                #expect(problem != nil, "\(key) \(value)")
            }
            if key.hasPrefix("input_"),
                !["input_mean", "input_deviation"].contains(key) || ["nan", "inf", ""].contains(value)
            {
                let found = try #require(problem, "\(key) \(value)")
                #expect(["metadata", "tensor", "fc1.weight"].contains { found.place.hasPrefix($0) }, "\(found)")
            }
        }
        // Their product is none that a word holds.
        var huge = file
        for key in ["input_channels", "input_height", "input_width"] { huge = with(huge, key, "8388608") }
        #expect(try #require(try refusal(huge)).place == "metadata 'input_height'")
    }

    /// Masks in the network's own file, as it was written before, and in the file beside.
    @Test(arguments: [true, false]) func aMaskIsReadOrRefused(_ isBeside: Bool) throws {
        let file = try kept()
        let masks = try Safetensors.read(folder("kept.masks.safetensors"))
        let name = "fc1.weight_mask"
        let mask = try #require(masks[name])
        func refusal(_ tensor: Tensor) throws -> FileProblem? {
            let changed = masks.tensors.filter { $0.name != name } + [tensor]
            if isBeside {
                try Safetensors.write(
                    TensorFile(sealing: changed, metadata: masks.metadata, path: masks.path),
                    to: folder("forged.masks.safetensors"))
            }
            try Safetensors.write(
                TensorFile(
                    sealing: file.tensors + (isBeside ? [] : changed), metadata: file.metadata, path: file.path),
                to: folder("forged.safetensors"))
            do {
                _ = try KeptNetwork.read(folder("forged.safetensors"))
                return nil
            } catch let problem as FileProblem {
                return problem
            }
        }
        #expect(try refusal(mask) == nil)
        #expect(try refusal(Tensor(name, .bool, shape: mask.shape, bytes: mask.bytes)) == nil)
        let wrong = [
            Tensor(name, .u8, shape: mask.shape, bytes: mask.bytes.map { $0 * 2 }),
            Tensor(name, mask.bytes.map { Float($0) }, shape: mask.shape),
            Tensor(name, mask.bytes.map { Int32($0) }, shape: mask.shape),
            Tensor(name, .u8, shape: mask.shape.reversed(), bytes: mask.bytes),
            Tensor(name, .u8, shape: [mask.bytes.count], bytes: mask.bytes), Tensor(name, .u8, shape: [0], bytes: []),
        ]
        for tensor in wrong {
            let problem = try #require(try refusal(tensor), "\(tensor.type) \(tensor.shape)")
            #expect(problem.place == "tensor \(name)", "\(problem)")
            #expect(problem.path == folder(isBeside ? "forged.masks.safetensors" : "forged.safetensors"))
        }
    }

    @Test(arguments: [
        "[{operator: flatten}, {operator: relu}]", "[{operator: convolution, channels: 4, kernel: 3, groups: 3}]",
        "[{operator: convolution, channels: 4, kernel: 63}]", "[{operator: add, input: [input, input]}]",
    ])
    func aNetworkThatDoesNotFitIsNamed(_ network: String) throws {
        let file = try kept()
        let text = "network: \(network)\ndata: digits\n"
        let problem = try #require(try refusal(with(file, "recipe", text)))
        #expect(problem.place == "metadata 'recipe'", "\(problem)")
    }

    /// Depthwise, of an input without channels: a division by none.
    @Test func groupsOfNothingAreRefused() throws {
        let file = try kept()
        let recipe =
            "network: [{operator: convolution, channels: 4, kernel: 3, groups: 0}, {operator: global-average-pool}]\ndata: digits\n"
        for channels in ["0", "3"] {
            let problem = try refusal(with(with(file, "recipe", recipe), "input_channels", channels))
            #expect(problem != nil)
        }
    }

    /// What a network needs is known before it is taken, and said with its parts.
    @Test func whatMemoryDoesNotTakeIsRefusedWithItsParts() throws {
        let small = FreeMemory(bytes: 3e9, holder: "left by ulimit -v")
        let image = Shape(channels: 1, height: 4095, width: 4095)
        let relus = (0..<40).map { Graph.Entry("relu\($0)", Dropout(rate: 0)) }
        let graph = try Graph(
            input: image, relus + [.init("pool", GlobalAveragePool()), .init("fc", Linear(outputs: 10))])
        let need = MemoryNeed(running: graph, capacity: 64, counts: nil)
        #expect(need.bytes > 40 * 4095 * 4095 * 64 * 4)
        do {
            try need.require("forty", to: "run", free: small)
            Issue.record("taken")
        } catch {
            let text = "\(error)"
            #expect(
                text.hasPrefix("network 'forty' needs about 176 GB to run (weights 0.1, activations 176), more than"))
            #expect(text.hasSuffix("3.0 GB are left by ulimit -v"))
        }
        let wide = try Graph(
            input: Shape(channels: 30_000), [.init("a", Linear(outputs: 25_000)), .init("b", Linear(outputs: 10))])
        let training = MemoryNeed(training: wide, batch: 64, slots: 1, counts: nil)
        // 750 million weights: value, gradient and momentum; value and momentum three times more.
        #expect((27e9...28e9).contains(training.bytes) && (9e9...9.1e9).contains(training.network.total))
        #expect(throws: MemoryError.self) { try training.require("wide", to: "train", free: small) }
        // Sparse from the start its nonzeros alone count.
        #expect(MemoryNeed(training: wide, batch: 64, slots: 1, counts: [750_000, 250_000]).bytes < 2e8)
        try training.require("wide", to: "train", free: FreeMemory(bytes: 28e9, holder: ""))
    }
}
