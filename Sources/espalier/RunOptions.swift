import ArgumentParser
import Foundation
import Graph
import Interchange
import Training

/// How a recipe or a run is named on the command line, and the options that change one.
struct RunOptions: ParsableArguments {
    @Option(help: "Threads that train (default: all cores).")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads); accepted: a whole number from 1 to 256")
        }
    }

    func sessionOptions(interactive: Bool) -> Session.Options {
        var options = Session.Options()
        options.isInteractive = interactive
        options.kernelTimes = .cached()
        if let threads { options.threads = threads }
        return options
    }
}

/// Options that change a recipe before it runs.
struct RecipeOptions: ParsableArguments {
    @Option(help: "Folder of the run; new or empty (default: runs/NAME-N).")
    var run: String?
    @Option(help: "Seed of weights, split, order and random choices.")
    var seed: Int?
    @Option(help: "Finish the run after this many steps, whatever the schedules.")
    var steps: Int?
    @Option(
        name: .customLong("set"), help: "Change a value of the recipe, as in optimizer.momentum=0.8; may be repeated.")
    var changes: [String] = []

    func validate() throws {
        if let steps, steps < 1 {
            throw ValidationError("--steps is \(steps); accepted: a whole number, 1 or more; without it, all")
        }
    }

    /// The recipe, changed as the options say.
    func read(_ recipe: String?) throws -> Recipe {
        var changes = self.changes
        if let seed { changes.append("seed=\(seed)") }
        if let steps { changes.append("stop-after=\(steps)") }
        return try Self.read(recipe, changes)
    }

    /// A new run of the recipe.
    func makeFolder(_ recipe: Recipe) throws -> RunFolder {
        try RunFolder.create(run ?? RunFolder.unused(for: recipe.name), recipe: recipe)
    }

    /// The plan of a recipe; what is wrong with its network or data names the recipe and the line of the key.
    func plan(_ recipe: Recipe, of name: String?) throws -> TrainingPlan {
        do {
            return try TrainingPlan(recipe)
        } catch let error as GraphError {
            throw Self.located("\(error)", "network", name)
        } catch let error as DataError {
            throw Self.located("\(error)", "data", name)
        }
    }

    private static func located(_ message: String, _ key: String, _ name: String?) -> RecipeError {
        let path = name.flatMap { sample($0) ?? $0 }
        let text = path.flatMap { FileManager.default.contents(atPath: $0) }.map { String(decoding: $0, as: UTF8.self) }
        let lines = text?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
        return RecipeError(
            file: path ?? "the default recipe", line: lines.firstIndex { $0.hasPrefix(key + ":") }.map { $0 + 1 },
            message: message)
    }

    private static var samples: String? {
        DataSources.samples.map { ($0 as NSString).deletingLastPathComponent + "/recipes" }
    }

    /// The path of a sample recipe, where one has that name and no file here has.
    static func sample(_ name: String) -> String? {
        guard !FileManager.default.fileExists(atPath: name), !name.contains("/"), let samples else { return nil }
        let path = "\(samples)/\(name)" + (name.hasSuffix(".yaml") ? "" : ".yaml")
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// A recipe by path, or by the name of one in Samples/recipes; none: the default.
    private static func read(_ name: String?, _ changes: [String]) throws -> Recipe {
        guard let name else {
            return try RecipeReader.read(
                Recipe.standard, file: "the default recipe", name: "lenet-300-100-dense", changes: changes)
        }
        if let sample = sample(name) { return try RecipeReader.read(sample, changes: changes) }
        let files = FileManager.default
        var isFolder: ObjCBool = false
        if !files.fileExists(atPath: name, isDirectory: &isFolder), !name.contains("/"), let samples {
            let known = ((try? files.contentsOfDirectory(atPath: samples)) ?? []).filter { $0.hasSuffix(".yaml") }
                .sorted()
            throw FileProblem(
                path: name, place: "recipe", found: "no such file",
                expected: "a recipe, or one of the samples: \(known.joined(separator: ", "))")
        }
        if isFolder.boolValue {
            throw FileProblem(path: name, place: "recipe", found: "a folder", expected: "a YAML file")
        }
        return try RecipeReader.read(name, changes: changes)
    }
}

extension RunFolder {
    /// The run of that folder, with the recipe it was started with.
    static func reopen(_ path: String) throws -> (Recipe, RunFolder) {
        let folder = try RunFolder.open(path)
        return (try RecipeReader.read(folder.recipe), folder)
    }

    static func isRun(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path + "/recipe.yaml") }
}
