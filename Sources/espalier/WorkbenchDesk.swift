import ArgumentParser
import Foundation
import Interchange
import Terminal
import Text
import Training
import Views

/// The screen and what is worked on at it: first the start page, where nothing was named, then a session.
final class WorkbenchDesk {
    /// What a signal has to look after.
    private struct Work: Sendable {
        let session: Session
        let run: OpenedRun
    }

    private let command: WorkbenchCommand
    private let configuration: Configuration
    private let screenOptions: ScreenOptions
    private let lastWord = LastWord()
    private let work = Locked<Work?>(nil)

    init(command: WorkbenchCommand, configuration: Configuration, screenOptions: ScreenOptions) {
        self.command = command
        self.configuration = configuration
        self.screenOptions = screenOptions
    }

    static func contents(_ path: String) -> Data? { (try? FileBytes.read(path)).map { Data($0) } }

    // MARK: The start page

    /// Shows the page until something that was chosen is worked on, or the person leaves.
    func choose(_ begin: StartState) throws {
        let screen: TerminalScreen
        do {
            screen = try TerminalScreen(screenOptions)
        } catch TerminalError.interrupted(let number) {
            throw ExitCode(128 + number)
        }
        watch()
        let inbox = StartPage.Inbox(screen.waker)
        let isLeft = Locked(false)
        Thread.detachNewThread {
            let found = FolderSearch().run(isCancelled: { isLeft.withLock { $0 } }) { inbox.put($0, isLast: false) }
            inbox.put(found, isLast: true)
        }
        var state = begin
        state.folder = Files.workingFolder
        while true {
            // What was chosen before may have taken a while.
            state.now = Date().timeIntervalSince1970
            let page = StartPage(state, screen: screen, inbox: inbox)
            let outcome = page.run()
            state = page.state
            switch outcome {
            case .left:
                isLeft.withLock { $0 = true }
                return screen.close()
            case .signal(let number):
                screen.close()
                throw ExitCode(128 + number)
            case .chosen(.open(let path)) where OwnRecipe.isModel(HomeFolder.find(path)):
                state.go(to: .data(model: HomeFolder.find(path)))
            case .chosen(let choice):
                let run: OpenedRun
                do {
                    run = try opened(choice)
                } catch {
                    state.problem = Self.sentence(error)
                    continue
                }
                guard let problem = try workOn(run, screen, comesBack: true) else { return }
                state.problem = problem
            }
        }
    }

    private func opened(_ choice: Opening) throws -> OpenedRun {
        switch choice {
        case .open(let path): return try command.openRun(HomeFolder.find(path))
        case .standard: return try command.openRun(nil)
        case .model(let model, let data):
            return try command.begin(on: data) { try $0.read { try OwnRecipe.ofModel(model, changes: $0) } }
        case .network(let name, let data):
            return try command.begin(on: data) { try $0.read { try OwnRecipe.ofNetwork(name, changes: $0) } }
        }
    }

    private static func sentence(_ error: any Error) -> String { (error as? ValidationError)?.message ?? "\(error)" }

    // MARK: A session

    func work(on run: OpenedRun) throws {
        let screen: TerminalScreen
        do {
            screen = try TerminalScreen(screenOptions)
        } catch TerminalError.interrupted(let number) {
            leaveUnbegun(run.folder, isNew: run.isNew, number)
        }
        watch()
        _ = try workOn(run, screen, comesBack: false)
    }

    /// - Parameter comesBack: to the start page, where the data or the network cannot be had.
    /// - Returns: why they cannot; nil after work.
    private func workOn(_ run: OpenedRun, _ screen: TerminalScreen, comesBack: Bool) throws -> String? {
        let folder = run.folder
        var options = command.runOptions.sessionOptions(interactive: true)
        if !run.isNew { options.data = command.dataOptions.choice }
        options.start = command.recipeOptions.start
        command.resumeOptions.apply(to: &options)
        let session = Session(recipe: run.recipe, run: folder, options: options)
        let layout = folder.layout
        let workbench = Workbench(
            port: session, screen: screen, options: WorkbenchOptions(configuration),
            restoring: Self.contents(layout)
        ) { data in try? AtomicFile.write(Array(data), to: layout) }
        work.withLock { $0 = Work(session: session, run: run) }
        session.start()
        let outcome: Workbench.Outcome
        do {
            outcome = try workbench.run()
        } catch {
            screen.close()
            session.send(.stop)
            throw error
        }
        if outcome == .failed, comesBack, case .failed(let error) = session.wait() {
            work.withLock { $0 = nil }
            // Nothing was made that anyone could go on with.
            if run.isNew, session.neverBegan { folder.discard() }
            return Self.sentence(error)
        }
        screen.close()
        // Its last lines go to a terminal that may have stopped reading.
        Output.hurry()
        // Before its first step there is nothing to wait for.
        if outcome != .failed, session.neverBegan, !session.hasEnded, lastWord.take() {
            if case .signal(let number) = outcome { leaveUnbegun(folder, isNew: run.isNew, number) }
            leaveUnbegun(folder, isNew: run.isNew)
        }
        let ending = session.wait()
        lastWord.takeOrStay()
        if case .failed(let error) = ending, run.isNew, session.neverBegan {
            // Data or network cannot be had: nothing was made that anyone could go on with.
            folder.discard()
            throw Exit.report(error)
        }
        Self.report(session, folder)
        if case .signal(let number) = outcome { throw ExitCode(128 + number) }
        if case .failed(let error) = ending { throw Exit.report(error) }
        return nil
    }

    /// The loop takes a signal within a frame and leaves within a second or two. Where something holds it, the session
    /// can still be saved.
    private func watch() {
        let (work, lastWord) = (work, lastWord)
        TerminalGuard.watch { number in
            Thread.sleep(forTimeInterval: 2)
            let now = work.withLock { $0 }
            let isUnbegun = now?.session.neverBegan ?? true
            if let now, !isUnbegun {
                now.session.send(.stop)
                _ = now.session.wait()
                Thread.sleep(forTimeInterval: 1)
            }
            guard lastWord.take() else { return }
            TerminalGuard.restore()
            if let now {
                if isUnbegun { leaveUnbegun(now.run.folder, isNew: now.run.isNew, number) }
                Output.hurry()
                Self.report(now.session, now.run.folder)
            }
            Output.finish()
            _exit(128 + number)
        }
    }

    private static func report(_ session: Session, _ folder: RunFolder) {
        if let snapshot = session.latestSnapshot(), snapshot.phase == .finished, let test = snapshot.test {
            Output.line(
                "finished: test \(snapshot.figure.named(test.value)) of \(test.count), "
                    + "\(Percent.named(snapshot.sparsity)) zeros; validation was looked at "
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
}
