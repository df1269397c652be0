import ArgumentParser
import Dispatch
import Foundation
import Graph
import Interchange
import Kernels
import Training

/// What `bench train` and `bench infer` share: a network on random images, dense and cut at random.
struct NetworkOptions: ParsableArguments {
    @Option(help: "A named network, mlp-784-1024-1024-10 of any sizes, or a recipe: a path, or a sample's name.")
    var network = "lenet-300-100"
    @Option(
        help:
            "Channels, height and width of an image, as 64x28x28. (default: those of a recipe's data, an mlp's first size, else 1x28x28)"
    )
    var input: String?
    @Option(help: "Images at once.") var batch = 128
    @Option(help: "Share of zeros.") var sparsity = 0.9
    @Option(help: "Threads.") var threads = 1
    @Option(help: "Timed calls.") var runs = 30
    @Flag(help: "Print one JSON line.") var json = false

    func validate() throws {
        try requirePositive([("batch", batch), ("threads", threads), ("runs", runs)])
        if let input, Self.shape(input) == nil {
            throw ValidationError(
                "--input is \(input); accepted: channels, height and width, as 64x28x28, up to 2^24 in all")
        }
        try requireSparsity(sparsity)
    }

    /// Three sizes, of at most 2²⁴ features together.
    private static func shape(_ text: String) -> Shape? {
        let sizes = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sizes.count == 3, sizes.allSatisfy({ (1...65_536).contains($0) }) else { return nil }
        let shape = Shape(channels: sizes[0], height: sizes[1], width: sizes[2])
        return shape.features <= 1 << 24 ? shape : nil
    }

    /// Random images of the network's input; without a shape those of a recipe's data, an mlp's first size, else 1×28×28.
    /// - Parameters:
    ///   - kernelTimes: by which the trainer chooses the kernels of a mask, and checks them in its steps.
    ///   - method: changes of the recipe.
    func trainer(
        team: Team? = nil, kernelTimes: KernelTimes? = nil, method: [String] = ["method=none"]
    ) throws -> Trainer {
        let network = RecipeOptions.sample(self.network) ?? HomeFolder.find(self.network)
        let isRecipe = Files.exists(network)
        // What is cut and when is the benchmark's own.
        let changes = ["batch=\(batch)", "validation=1", "audit=false"] + method
        let recipe =
            isRecipe
            ? try RecipeReader.read(network, changes: changes)
            : try RecipeReader.read("network: \(network)", file: "bench", name: "bench", changes: changes)
        let sizes = network.split(separator: "-").compactMap { Int($0) }
        let isMultilayer = !isRecipe && network.hasPrefix("mlp-") && sizes.count > 1
        let shape: Shape
        if let given = input.flatMap(Self.shape) {
            shape = given
        } else if isRecipe {
            // As large as the recipe's own images.
            shape = try DataSources.load(recipe.placingData(besideFile: network).data, recipe.dataChoice).train.shape
        } else {
            shape = isMultilayer ? Shape(channels: sizes[0]) : Shape(channels: 1, height: 28, width: 28)
        }
        if isMultilayer {
            try requireMemory(
                weights: zip(sizes, sizes.dropFirst()).reduce(0) { $0 + Double($1.0) * Double($1.1) },
                activations: sizes.reduce(0) { $0 + Double($1) } * heldSamples(batch))
        }
        let classes = isMultilayer ? max(1, min(sizes[sizes.count - 1], 256)) : 10
        // The images alone, one byte a value; what the network needs the plan checks.
        try requireMemory(weights: 0, activations: Double(shape.features) * Double(4 * batch + 1) / 8)
        let random = CounterRandom(seed: 3, purpose: .test)
        func plan(images count: Int) throws -> TrainingPlan {
            let images = Samples(
                shape: shape, pixels: (0..<count * shape.features).map { UInt8(truncatingIfNeeded: random.bits($0)) },
                labels: (0..<count).map { UInt8($0 % classes) })
            return try TrainingPlan(recipe, data: DataSet(name: "random", train: images, test: images))
        }
        // What is too large says so before all images are drawn.
        try plan(images: 2).requireMemory()
        // One of each class at least: the network has an output for each label that it finds.
        return Trainer(
            try plan(images: max(4 * batch, classes) + 1), team: team ?? Team(size: threads), kernelTimes: kernelTimes)
    }

    /// Cuts at random, every layer to the sparsity asked for.
    func cut(_ trainer: Trainer) {
        for (layer, keep) in zip(trainer.network.layers, keeps(trainer, sparsity)) where keep.contains(false) {
            BenchCut.cut(layer, keep, samples: batch)
        }
    }

    /// The same in a trainer that chooses its kernels itself, and the steps after which it has chosen.
    func cutAndSettle(_ trainer: Trainer) throws {
        trainer.drop(keeps(trainer, sparsity), event: 0)
        for _ in 0..<BenchCut.mostSteps where !trainer.knowsKernels { _ = try trainer.step() }
    }

    /// Of each layer the weights that stay.
    func keeps(_ trainer: Trainer, _ sparsity: Double) -> [[Bool]] {
        let random = CounterRandom(seed: 4, purpose: .test)
        return trainer.network.layers.enumerated().map { number, layer in
            (0..<layer.map.weights).map { Double(random.uniform(number, $0)) >= sparsity || $0 == 0 }
        }
    }

    /// - Parameters:
    ///   - cut: cuts the network between the dense calls and the sparse ones.
    ///   - profiles: whether to print where the time of a sparse call goes, from calls of their own.
    ///   - extra: further fields, from the seconds of a sparse call.
    func report(
        _ name: String, _ trainer: Trainer, passes: Double, cut: () throws -> Void, profiles: Bool = false,
        extra: (Double) -> [(String, Any)] = { _ in [] }, once: () -> Void
    ) rethrows {
        let dense = timed(runs: runs, once)
        try cut()
        let sparse = timed(runs: runs, once)
        let ran = passes == 1 ? [WeightPass.forward] : WeightPass.allCases
        let shares = profiles ? shares(trainer, once: once) : []
        let adds = trainer.network.multiplyAdds()
        func gigaflops(_ adds: Int, _ seconds: Double) -> Double {
            passes * 2e-9 * Double(adds) * Double(batch) / seconds
        }
        printResult(
            [
                ("case", name), ("network", network), ("batch", batch), ("threads", threads), ("sparsity", sparsity),
                ("nnz", trainer.nnz),
                ("layers_with_dense_passes", trainer.network.layers.count { !BenchCut.dense(ran, of: $0).isEmpty }),
                ("seconds", sparse.median), ("seconds_min", sparse.minimum),
                ("dense_seconds", dense.median), ("dense_seconds_min", dense.minimum),
                ("gflops", gigaflops(adds.sparse, sparse.median)),
                ("effective_gflops", gigaflops(adds.dense, sparse.median)),
                ("dense_gflops", gigaflops(adds.dense, dense.median)),
                ("peak_gflops", peakGigaflops(threads: threads)),
                ("samples_per_second", Double(batch) / sparse.median), ("speedup", dense.median / sparse.median),
            ] + extra(sparse.median)
                + openblasField(
                    trainer.network.layers.map(\.map), samples: batch, trains: passes > 1, threads: threads, runs: runs)
                + shares, json: json)
    }

    /// Shares of threads × wall time: of the weight kernels by pass, and of everything around them.
    private func shares(_ trainer: Trainer, once: () -> Void) -> [(String, Any)] {
        let profile = StepProfile()
        trainer.network.team.profile = profile
        for _ in 0..<runs { once() }
        trainer.network.team.profile = nil
        let shares = profile.shares(threads: threads)
        return [("outside_share", shares.outside)]
            + shares.kernels.map { ("kernel_share_\($0.0)", $0.1) } + shares.around.map { ("share_\($0.0)", $0.1) }
    }
}
