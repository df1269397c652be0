import Foundation
import Terminal

/// The workbench at work, in a folder that goes with it.
final class BenchDesk {
    private let held: BenchFolder
    var folder: String { held.path }
    let terminal: PseudoTerminal

    /// - Parameter network: lines of the recipe.
    init(_ network: String, _ width: Int, _ height: Int) throws {
        held = try BenchFolder()
        let folder = held.path
        let recipe = folder + "/bench.yaml"
        try Data("\(network)\nepochs: 1000\nlearning-rate: constant\n".utf8)
            .write(to: URL(fileURLWithPath: recipe))
        var environment = ProcessInfo.processInfo.environment
        for name in ["TMUX", "NO_COLOR"] { environment[name] = nil }
        environment["TERM"] = "xterm-256color"
        environment["LC_ALL"] = "C.UTF-8"
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        terminal = try PseudoTerminal(
            [program, "workbench", recipe, "--run", folder + "/run"], environment: environment, width: width,
            height: height)
        held.finishSetup()
    }

    /// Takes bytes for so long.
    func settle(seconds: Double) {
        let end = PseudoTerminal.now + UInt64(seconds * 1e9)
        while true {
            let now = PseudoTerminal.now
            guard now < end else { return }
            _ = terminal.read(milliseconds: Int32(min(1000, (end - now) / 1_000_000 + 1)))
        }
    }

    /// Processor time of the thread that owns the screen, which is the process's first; by the scheduler's own clock.
    var processorSeconds: Double {
        let path = "/proc/\(terminal.process)/task/\(terminal.process)/schedstat"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: " ").first.flatMap { Double($0) }.map { $0 / 1e9 } ?? 0
    }
}
