import ArgumentParser
import CNcurses
import Foundation
import Interchange
import Kernels
import Text
import Training

/// The command. A new subcommand is a file in this folder and a line here.
@main
struct Espalier: ParsableCommand {
    static func main() {
        // Closed ones would be the first that files of the run are opened as, and lines would go into these.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
        // A reader that went away (`espalier train … | head`) must not end a run that nobody asked to stop.
        signal(SIGPIPE, SIG_IGN)
        // A file over the limit (ulimit -f) is a write that fails, and is said as such.
        signal(SIGXFSZ, SIG_IGN)
        // Swift's backtracer would take Ctrl-\ for a crash, report it and go on.
        if !espalier_is_ignored(SIGQUIT) { signal(SIGQUIT, SIG_DFL) }
        do {
            try requireCaches()
            try requirePlainNumbers(Array(arguments.dropFirst()))
            var command = try parseAsRoot(joiningNegativeNumbers(Array(arguments.dropFirst())))
            try command.run()
            // A run is in its folder, whatever became of its lines; of the others the lines are the result.
            if !(command is TrainCommand || command is ResumeCommand || command is WorkbenchCommand) {
                try Output.requireWritten()
            }
            Output.finish()
        } catch {
            BenchFolder.leaveToSignal()
            leave(with: error)
        }
    }

    /// Refuses what the environment says of the caches, where that cannot be read: kernels would go by others.
    private static func requireCaches() throws {
        do {
            _ = try Caches.asked(ProcessInfo.processInfo.environment)
        } catch {
            Output.error("espalier: \(error)")
            throw ExitCode.validationFailure
        }
    }

    /// As ArgumentParser's `exit(withError:)`, but what the command line holds is shown, not sent.
    private static func leave(with error: any Error) -> Never {
        let code = exitCode(for: error)
        var message = fullMessage(for: error)
        if arguments.contains(where: { $0.visible != $0 }), code == .validationFailure {
            // It names arguments among text of several lines: it is made again from arguments that may be shown.
            do {
                _ = try parseAsRoot(joiningNegativeNumbers(arguments.dropFirst().map(\.visible)))
                message = message.visibleLines
            } catch { message = fullMessage(for: error) }
        }
        if !message.isEmpty { code == .success ? Output.lines(message) : Output.errorLines(message) }
        Output.finish()
        Foundation.exit(code.rawValue)
    }

    /// As they were given, whatever bytes a path among them has.
    static let arguments = (0..<Int(CommandLine.argc)).compactMap {
        CommandLine.unsafeArgv[$0].map { String(pathPointer: $0) }
    }

    static let configuration = CommandConfiguration(
        commandName: "espalier",
        abstract: "Trains, prunes and retrains neural networks in a terminal, by hand and by schedule.",
        version: "0.1.0",
        subcommands: [
            WorkbenchCommand.self,
            TrainCommand.self,
            ResumeCommand.self,
            InspectCommand.self,
            EvaluateCommand.self,
            ActivationsCommand.self,
            SensitivityCommand.self,
            SearchCommand.self,
            FrontCommand.self,
            ForecastCommand.self,
            ControlsCommand.self,
            ImportCommand.self,
            PruneCommand.self,
            RunCommand.self,
            ExportCommand.self,
            ShrinkCommand.self,
            QuantizeCommand.self,
            DataCommand.self,
            ListCommand.self,
            BenchCommand.self,
        ],
        defaultSubcommand: WorkbenchCommand.self)
}

/// What the process says when it ends, beyond 0 and ArgumentParser's 64 for wrong usage.
enum Exit {
    static let failure = ExitCode(1)
    /// A recipe, data file or run that cannot be read.
    static let badInput = ExitCode(65)
    /// A file that cannot be written.
    static let cannotSave = ExitCode(74)

    /// Prints one sentence and gives the status that fits.
    static func report(_ error: any Error, isSaid: Bool = false) -> ExitCode {
        if let code = error as? ExitCode { return code }
        if let wrong = error as? ValidationError {
            Output.error("espalier: \(wrong.message)")
            return .validationFailure
        }
        if !isSaid { Output.error("espalier: \(error)") }
        let cause = (error as? ReplayFailure)?.cause ?? error
        if let problem = cause as? FileProblem, problem.isOfWriting { return cannotSave }
        if cause is SaveFailure { return cannotSave }
        switch "\(type(of: error))" {
        case "NotANumber", "AuditError": return failure
        default: return badInput
        }
    }
}

extension FileProblem {
    /// The disk refused what was written, and not: a file said what is wrong.
    fileprivate var isOfWriting: Bool {
        ["writing", "creating", "flushing", "renaming", "cutting"].contains { place.hasPrefix($0) }
    }
}
