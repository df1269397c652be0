import ArgumentParser
import Training

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train by a recipe without a person, and print lines.")

    @Argument(help: "A recipe, or the name of one in Samples/recipes.")
    var recipe: String
    @OptionGroup var recipeOptions: RecipeOptions
    @OptionGroup var runOptions: RunOptions
    @Option(help: "Train a network of the same form that has this share of the weights, narrower throughout.")
    var narrow: Double?
    @Flag(help: "Print JSON lines.")
    var json = false

    func validate() throws {
        guard let narrow, !(0.0001...1).contains(narrow) else { return }
        throw ValidationError("--narrow is \(narrow); accepted: 0.0001 to 1")
    }

    func run() throws {
        do {
            let given = try recipeOptions.read(recipe)
            let read =
                try narrow.map { try given.narrowed(to: $0, given.locating { try TrainingPlan(given) }) } ?? given
            // What is wrong with network or data is said before a folder is made.
            let plan = try read.locating {
                let plan = try TrainingPlan(read, start: recipeOptions.start)
                try plan.requireTrainable()
                try plan.requireMemory()
                return plan
            }
            let folder = try recipeOptions.makeFolder(read)
            try Headless(json: json).run(
                read, folder, isNew: true, runOptions.sessionOptions(interactive: false), plan: plan)
        } catch {
            throw Exit.report(error)
        }
    }
}

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a run from its last checkpoint and journal, and print lines.")

    @Argument(help: "Folder of the run.")
    var folder: String
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var resumeOptions: ResumeOptions
    @OptionGroup var runOptions: RunOptions
    @Option(help: "Train a run that has made all its steps for so many more; a finished one is unsealed.")
    var steps: WholeNumber?
    @Flag(help: "Print JSON lines.")
    var json = false

    func validate() throws { _ = try steps?.value(of: "--steps", in: 1...1 << 40) }

    func run() throws {
        do {
            let (recipe, folder) = try RunFolder.reopen(folder)
            var options = runOptions.sessionOptions(interactive: false)
            options.moreSteps = try steps?.value(of: "--steps", in: 1...1 << 40)
            options.data = dataOptions.choice
            resumeOptions.apply(to: &options)
            try Headless(json: json).run(recipe, folder, isNew: false, options)
        } catch {
            throw Exit.report(error)
        }
    }
}
