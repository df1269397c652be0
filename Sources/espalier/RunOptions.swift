import ArgumentParser
import Descriptors
import Foundation
import Graph
import Interchange
import Training

/// How a recipe or a run is named on the command line, and the options that change one.
struct RunOptions: ParsableArguments {
    @Option(name: .customLong("threads"), help: "Threads that train (default: all cores).")
    var givenThreads: WholeNumber?
    @Option(
        name: .customLong("undo-megabytes"),
        help: "Megabytes on the disk that undo may take before its oldest steps go (default: 512).")
    var givenMegabytes: WholeNumber?

    func validate() throws {
        _ = try threads()
        _ = try undoMegabytes()
    }

    private func threads() throws -> Int? { try givenThreads?.value(of: "--threads", in: 1...256) }
    private func undoMegabytes() throws -> Int? {
        try givenMegabytes?.value(of: "--undo-megabytes", in: 1...1_000_000)
    }

    func sessionOptions(interactive: Bool) -> Session.Options {
        var options = Session.Options()
        options.isInteractive = interactive
        options.kernelTimes = .cached()
        if let threads = try? threads() { options.threads = threads }
        if let megabytes = try? undoMegabytes() { options.undoBytes = megabytes * 1_000_000 }
        return options
    }
}

/// For what computes and trains no run.
struct ThreadOptions: ParsableArguments {
    @Option(name: .customLong("threads"), help: "Threads that compute (default: all cores).")
    var given: WholeNumber?

    func validate() throws { _ = try asked() }

    private func asked() throws -> Int? { try given?.value(of: "--threads", in: 1...256) }

    var count: Int { (try? asked()) ?? Session.Options().threads }
}

/// Options of going on with a run.
struct ResumeOptions: ParsableArguments {
    @Option(
        name: .customLong("without-command"),
        help: "Leave out line N of the run's journal, which cannot be repeated; may be repeated.",
        transform: WholeNumber.read)
    var without: [Int] = []
    @Flag(help: "Begin at step 0 where the checkpoint is gone or damaged, and go through the journal again.")
    var restart = false

    var isUsed: Bool { restart || !without.isEmpty }

    func apply(to options: inout Session.Options) {
        options.without = without
        options.restarts = restart
    }
}

/// Options that change a recipe before it runs.
struct RecipeOptions: ParsableArguments {
    @Option(help: "Folder of the run; new or empty (default: runs/NAME-N).")
    var run: String?
    @Option(
        help: "Begin with the weights of a run, of a kept network, or of a .safetensors or .onnx file, by name.")
    var from: String?
    @Flag(help: "With --from: without the masks of those weights, so that everything may be pruned anew.")
    var unmask = false
    @Option(help: "Seed of weights, split, order and random choices.")
    var seed: WholeNumber?
    @Option(help: "Finish the run after this many steps, whatever the schedules.")
    var steps: WholeNumber?
    @Option(
        name: .customLong("early-stop"),
        help: "End the run at its best after so many looks at validation without a better figure, after the last cut.")
    var earlyStop: WholeNumber?
    @Option(
        name: .customLong("set"), help: "Change a value of the recipe, as in optimizer.momentum=0.8; may be repeated.")
    var changes: [String] = []

    func validate() throws {
        _ = try numbers()
        _ = try earlyStop?.value(of: "--early-stop", in: 1...Int.max)
        guard from != nil || !unmask else { throw ValidationError("--unmask is for the weights of --from") }
    }

    /// What a new run begins with.
    var start: StartChoice? { from.map { StartChoice(path: HomeFolder.find($0), isUnmasked: unmask) } }

    private func numbers() throws -> (seed: Int?, steps: Int?) {
        (
            try seed?.value(of: "--seed", in: 0...Int.max),
            try steps?.value(of: "--steps", in: 1...Int.max)
        )
    }

    /// The recipe, changed as the options say.
    func read(_ recipe: String?) throws -> Recipe {
        let recipe = recipe.map(HomeFolder.find)
        return try read(besideFile: recipe.flatMap { Self.sample($0) ?? $0 }) { try Self.read(recipe, $0) }
    }

    /// One that is made here, changed in the same way.
    func read(besideFile file: String? = nil, _ make: (_ changes: [String]) throws -> Recipe) throws -> Recipe {
        var changes = self.changes
        let (seed, steps) = try numbers()
        if let seed { changes.append("seed=\(seed)") }
        if let steps { changes.append("stop-after=\(steps)") }
        if let looks = try earlyStop?.value(of: "--early-stop", in: 1...Int.max) {
            changes.append("balance.early-stop=\(looks)")
        }
        return try make(changes).placingData(besideFile: file).placingNetwork(besideFile: file).placingParent(
            besideFile: file)
    }

    /// A new run of the recipe. What starts from given weights is none before these are kept in it: its recipe does not name them.
    func makeFolder(_ recipe: Recipe) throws -> RunFolder {
        let own = start == nil ? recipe : nil
        if let run { return try RunFolder.create(HomeFolder.expand(run), recipe: own) }
        return try RunFolder.createNext(for: recipe.name, recipe: own)
    }

    private static var samples: String? {
        DataSources.samples.map { Files.folder(of: $0) + "/recipes" }
    }

    /// The path of a sample recipe, where one has that name and no file here has.
    static func sample(_ name: String) -> String? {
        guard !Files.exists(name), !name.contains("/"), let samples else { return nil }
        let path = "\(samples)/\(name)" + (name.hasSuffix(".yaml") ? "" : ".yaml")
        return Files.exists(path) ? path : nil
    }

    /// A recipe by path, or by the name of one in Samples/recipes; none: the default.
    private static func read(_ name: String?, _ changes: [String]) throws -> Recipe {
        guard let name else {
            return try RecipeReader.read(
                Recipe.standard, file: "the default recipe", name: "lenet-300-100-dense", changes: changes)
        }
        if let sample = sample(name) { return try RecipeReader.read(sample, changes: changes) }
        if !Files.exists(name), !name.contains("/"), let samples {
            let known = (Files.names(in: samples) ?? []).filter { $0.hasSuffix(".yaml") }
            throw FileProblem(
                path: name, place: "recipe", found: "no such file",
                expected: "a recipe, or one of the samples: \(known.joined(separator: ", "))"
                    + didYouMean(Files.withoutEnding(name), among: known.map(Files.withoutEnding)))
        }
        if Files.isFolder(name) {
            throw FileProblem(path: name, place: "recipe", found: "a folder", expected: "a YAML file")
        }
        return try RecipeReader.read(name, changes: changes)
    }
}

/// How the data of an ONNX model is to be taken, which no recipe says.
struct ModelDataOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: "Of an ONNX model: how the data is to be taken, as in data.normalize=none; may be repeated.")
    var changes: [String] = []
}

/// Where the data of a run is now.
struct DataOptions: ParsableArguments {
    @Option(help: "Path (or name) of the run's data, where it lies elsewhere now.")
    var data: String?
    @Flag(help: "Take the data as it is, though the run was begun on other data.")
    var newData = false

    var choice: RunData.Choice { RunData.Choice(folder: data, acceptsOther: newData) }
}

extension RunFolder {
    /// The run of that folder, with the recipe it was started with.
    static func reopen(_ path: String) throws -> (Recipe, RunFolder) {
        let folder = try RunFolder.open(HomeFolder.find(path))
        return (try RecipeReader.read(folder.recipe), folder)
    }
}
