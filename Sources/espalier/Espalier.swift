import ArgumentParser
import Foundation
import Interchange

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
        do {
            var command = try parseAsRoot()
            try command.run()
            // A run is in its folder, whatever became of its lines; of the others the lines are the result.
            if !(command is TrainCommand || command is ResumeCommand || command is WorkbenchCommand) {
                try Output.requireWritten()
            }
        } catch {
            BenchFolder.leaveToSignal()
            exit(withError: error)
        }
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
        if let problem = error as? FileProblem, problem.isOfWriting { return cannotSave }
        switch "\(type(of: error))" {
        case "SaveFailure": return cannotSave
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
