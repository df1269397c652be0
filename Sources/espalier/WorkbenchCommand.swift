import ArgumentParser
import Foundation
import Interchange
import Terminal
import Text
import Training
import Views

struct WorkbenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workbench",
        abstract: "Open the workbench on a recipe, a run or a model (the default subcommand).",
        discussion: """
            Without a target a page lists what there is to open: runs, recipes, models and data in the working folder, \
            and samples. Nothing is made before something is chosen.
            A model needs --data, a folder, a file or a name; without it the page asks for that.
            """)

    @Argument(
        help: "A recipe, the name of one in Samples/recipes, the folder of a run, or a model (.onnx, .safetensors).")
    var target: String?
    @OptionGroup var recipeOptions: RecipeOptions
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var resumeOptions: ResumeOptions
    @OptionGroup var runOptions: RunOptions
    @Flag(help: "Draw with ASCII only.")
    var ascii = false
    @Flag(help: "Use 24-bit colour.")
    var truecolor = false
    @Option(help: "Print one view of a run and end: session, heat, threshold, schedule, compare or size.")
    var render: String?
    @Option(help: "Size of what --render prints, as in 120x40.")
    var size = "80x24"
    @Option(help: "What --render prints: text, ansi or svg.")
    var format = "text"

    func run() throws {
        do {
            if let render { return try print(view: render) }
            try open()
        } catch {
            throw Exit.report(error)
        }
    }

    private func open() throws {
        // Before anything is made on disk: is there a terminal at all?
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            Output.error("espalier: no terminal: the workbench needs one; 'espalier train RECIPE' trains without.")
            throw ExitCode(69)
        }
        // Some editors' shells, and terminals that print: nothing can be placed on them.
        let environment = ProcessInfo.processInfo.environment
        guard TerminalKind(environment).placesCursor else {
            Output.error(
                "espalier: the terminal is '\((environment["TERM"] ?? "").visible)': the workbench needs one that "
                    + "places its cursor; 'espalier train RECIPE' trains without.")
            throw ExitCode(69)
        }
        let configuration = try Configuration.read(Files.environment(["XDG_CONFIG_HOME", "HOME"]))
        var screenOptions = ScreenOptions(configuration)
        if ascii { screenOptions.ascii = true }
        if truecolor { screenOptions.depth = .trueColour }
        let desk = WorkbenchDesk(command: self, configuration: configuration, screenOptions: screenOptions)
        guard let target = target.map(HomeFolder.find) else {
            return try desk.choose(dataOptions.data.map { StartState(data: $0, DataGlance($0)) } ?? StartState())
        }
        if OwnRecipe.isModel(target), dataOptions.data == nil {
            return try desk.choose(StartState(model: target))
        }
        // What is wrong with it is said on the terminal as it is.
        try desk.work(on: openRun(target))
    }

    /// What a path or a name leads to: the run of that folder, or a new one.
    func openRun(_ target: String?) throws -> OpenedRun {
        if let target, try RunFolder.isRun(target) {
            let (recipe, folder) = try RunFolder.reopen(target)
            return OpenedRun(recipe: recipe, folder: folder, isNew: false)
        }
        return try begin { options in
            guard let target, OwnRecipe.isModel(target) else { return try options.read(target) }
            return try options.read { try OwnRecipe.ofModel(target, changes: $0) }
        }
    }

    /// A new run, on the data of the command line or on this.
    func begin(on data: String? = nil, _ read: (RecipeOptions) throws -> Recipe) throws -> OpenedRun {
        guard !resumeOptions.isUsed else {
            throw ValidationError("--without-command and --restart need the folder of a run")
        }
        var options = recipeOptions
        if let data = data ?? dataOptions.data { options.changes.append("data=\(data)") }
        let recipe = try read(options)
        return OpenedRun(recipe: recipe, folder: try options.makeFolder(recipe), isNew: true)
    }

    private func print(view name: String) throws {
        guard let view = ViewID(rawValue: name) else {
            throw ValidationError(
                "--render is \(name); accepted: \(ViewID.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        // Nothing is passed over: of `80xWx24` or `8,0x24` no part is a size.
        let parts = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard parts.count == 2, (20...1000).contains(parts[0]), (5...1000).contains(parts[1]) else {
            throw ValidationError("--size is \(size); accepted: WIDTHxHEIGHT, as in 120x40")
        }
        guard ["text", "ansi", "svg"].contains(format) else {
            throw ValidationError("--format is \(format); accepted: text, ansi, svg")
        }
        guard let target = target.map(HomeFolder.find), try RunFolder.isRun(target) else {
            throw ValidationError("--render needs the folder of a run")
        }
        let configuration = try Configuration.read(Files.environment(["XDG_CONFIG_HOME", "HOME"]))
        // Nothing is written or executed, and a run that is open elsewhere may be looked at.
        let folder = try RunFolder.look(at: target)
        let recipe = try RecipeReader.read(folder.recipe)
        var options = runOptions.sessionOptions(interactive: true)
        options.data = dataOptions.choice
        options.kernelTimes = nil
        options.onMessage = { Output.error("espalier: \($0.text)") }
        let session = Session(recipe: recipe, run: folder, options: options)
        session.start()
        let layout = WorkbenchDesk.contents(folder.layout)
        if let layout, WorkbenchState(restoring: layout) == nil { Output.error("espalier: \(SavedLayout.unreadable)") }
        let grid = Workbench.render(
            view, size: Size(parts[0], parts[1]), port: session, restoring: layout, hasColour: format != "text",
            options: WorkbenchOptions(configuration))
        let shown = ascii || configuration.ascii ? grid.asciiOnly() : grid
        let palette = Palette(
            theme: configuration.theme ?? .dark, map: configuration.palette ?? .cividis,
            depth: truecolor || configuration.truecolor || format == "svg" ? .trueColour : .indexed)
        switch format {
        case "ansi": Output.lines(shown.ansi(palette: palette))
        case "svg": Output.lines(shown.svg(palette: palette))
        default: Output.lines(shown.text)
        }
        // What failed is shown before it has ended.
        if case .failed? = session.latestSnapshot()?.phase, case .failed(let error) = session.wait() {
            throw Exit.report(error, isSaid: true)
        }
        try Output.requireWritten()
        Foundation.exit(0)
    }
}

/// A run that is about to be worked on.
struct OpenedRun: Sendable {
    let recipe: Recipe
    let folder: RunFolder
    let isNew: Bool
}
