import ArgumentParser
import Foundation
import Interchange
import Terminal
import Text
import Training
import Views

struct WorkbenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workbench", abstract: "Open the workbench on a recipe or a run (the default subcommand).",
        discussion: "Without RECIPE or RUN it starts a dense LeNet-300-100 on Fashion-MNIST.")

    @Argument(help: "A recipe, the name of one in Samples/recipes, or the folder of a run.")
    var target: String?
    @OptionGroup var recipeOptions: RecipeOptions
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var resumeOptions: ResumeOptions
    @OptionGroup var runOptions: RunOptions
    @Flag(help: "Draw with ASCII only.")
    var ascii = false
    @Flag(help: "Use 24-bit colour.")
    var truecolor = false
    @Option(help: "Print one view of a run and end: session, heat or threshold.")
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

    private static func contents(_ path: String) -> Data? { (try? FileBytes.read(path)).map { Data($0) } }

    private func openRun() throws -> (Recipe, RunFolder, isNew: Bool) {
        if let target = target.map(HomeFolder.find), try RunFolder.isRun(target) {
            let (recipe, folder) = try RunFolder.reopen(target)
            return (recipe, folder, false)
        }
        guard !resumeOptions.isUsed else {
            throw ValidationError("--without-command and --restart need the folder of a run")
        }
        var options = recipeOptions
        // A run that begins here is one on that data.
        if let data = dataOptions.data { options.changes.append("data=\(data)") }
        let recipe = try options.read(target)
        return (recipe, try options.makeFolder(recipe), true)
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
        let (recipe, folder, isNew) = try openRun()
        let screen: TerminalScreen
        do {
            screen = try TerminalScreen(screenOptions)
        } catch TerminalError.interrupted(let number) {
            leaveUnbegun(folder, isNew: isNew, number)
        }
        var options = runOptions.sessionOptions(interactive: true)
        if !isNew { options.data = dataOptions.choice }
        options.start = recipeOptions.start
        resumeOptions.apply(to: &options)
        let session = Session(recipe: recipe, run: folder, options: options)
        let layout = folder.layout
        let workbench = Workbench(
            port: session, screen: screen, options: WorkbenchOptions(configuration),
            restoring: Self.contents(layout)
        ) { data in try? AtomicFile.write(Array(data), to: layout) }
        session.start()
        let lastWord = LastWord()
        TerminalGuard.watch { number in
            // The loop takes a signal within a frame and leaves within a second or two. Where something holds it, the
            // session can still be saved.
            Thread.sleep(forTimeInterval: 2)
            let isUnbegun = session.neverBegan
            if !isUnbegun {
                session.send(.stop)
                _ = session.wait()
                Thread.sleep(forTimeInterval: 1)
            }
            guard lastWord.take() else { return }
            TerminalGuard.restore()
            if isUnbegun { leaveUnbegun(folder, isNew: isNew, number) }
            Output.hurry()
            report(session, folder)
            Output.finish()
            _exit(128 + number)
        }
        let outcome: Workbench.Outcome
        do {
            outcome = try workbench.run()
        } catch {
            screen.close()
            session.send(.stop)
            throw error
        }
        screen.close()
        // Its last lines go to a terminal that may have stopped reading.
        Output.hurry()
        if case .signal(let number) = outcome, session.neverBegan, !session.hasEnded, lastWord.take() {
            leaveUnbegun(folder, isNew: isNew, number)
        }
        let ending = session.wait()
        lastWord.takeOrStay()
        if case .failed(let error) = ending, isNew, session.neverBegan {
            // Data or network cannot be had: nothing was made that anyone could go on with.
            folder.discard()
            throw Exit.report(error)
        }
        report(session, folder)
        if case .signal(let number) = outcome { throw ExitCode(128 + number) }
        if case .failed(let error) = ending { throw Exit.report(error) }
    }

    private func report(_ session: Session, _ folder: RunFolder) {
        if let snapshot = session.latestSnapshot(), snapshot.phase == .finished, let test = snapshot.test {
            Output.line(
                "finished: test \(snapshot.figure.named(test.value)) of \(test.count), "
                    + String(format: "%.1f %% zeros; validation was looked at ", 100 * snapshot.sparsity)
                    + (snapshot.validationLooks == 1 ? "once" : "\(snapshot.validationLooks) times"))
            Output.line("network: \(folder.final)")
            if let missed = snapshot.missedFloor { Output.line(missed) }
        }
        for message in session.latestSnapshot()?.messages.suffix(3) ?? [] where message.kind == .error {
            Output.line("step \(message.step): \(message.text)")
        }
        // Scripts/workbench says how it was called.
        let script = ProcessInfo.processInfo.environment["ESPALIER_COMMAND"]
        let command = shellCommand(script.map { [$0] } ?? [Output.program, "workbench"], on: [folder.path])
        let isSealed = session.latestSnapshot()?.phase == .finished
        Output.line("\(isSealed ? "look at it with" : "go on with"): \(command)")
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
        let layout = Self.contents(folder.layout)
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
