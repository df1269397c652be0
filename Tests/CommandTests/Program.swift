import Foundation
import Terminal
import Testing

/// The real binary, from the build that these tests belong to.
enum Program {
    /// The repository, from where this file was compiled.
    static let repository: String = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder.path
    }()

    /// It lies beside the test bundle.
    static let path: String = {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        repeat {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("espalier").path
            if FileManager.default.isExecutableFile(atPath: candidate), candidate != repository { return candidate }
        } while folder.path != "/"
        return repository + "/.build/release/espalier"
    }()

    static func environment(_ changes: [String: String?] = [:]) -> [String: String] {
        var environment: [String: String] = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "ESPALIER_SAMPLES": repository + "/Samples",
        ]
        for (name, value) in changes { environment[name] = value }
        return environment
    }

    struct Result {
        /// Exit code, or 128 and the signal.
        let code: Int32
        let output: String
        let errors: String
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs to the end, with no terminal.
    static func run(_ arguments: String..., environment: [String: String?] = [:]) throws -> Result {
        try run(arguments, environment: environment)
    }

    static func run(_ arguments: [String], environment: [String: String?] = [:], program: String = path) throws
        -> Result
    {
        let running = try Running(arguments, environment: environment, program: program)
        return try running.wait()
    }
}

/// A program without a terminal, while it runs. What it prints goes to files, so that no full pipe holds it up.
final class Running {
    let process: pid_t
    private var status: Int32?
    private let name: String
    private let folder: TemporaryFolder

    // Not Foundation's Process: it waits for whoever holds a pipe of its own, as a server of tmux does.
    init(_ arguments: [String], environment: [String: String?] = [:], program: String = Program.path) throws {
        folder = try TemporaryFolder()
        name = ([program] + arguments).joined(separator: " ")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let new = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder("output"), new, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder("errors"), new, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The runner may ignore or block what the program is to be asked by.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] =
            Program.environment(environment).map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, program, &actions, &attributes, &argv, &envp)
        process = child
        try #require(failure == 0, "\(program) does not start")
    }

    deinit {
        if isRunning {
            signal(SIGKILL)
            var ignored: Int32 = 0
            waitpid(process, &ignored, 0)
        }
    }

    var isRunning: Bool {
        guard status == nil else { return false }
        var value: Int32 = 0
        if waitpid(process, &value, WNOHANG) == process { status = value }
        return status == nil
    }

    /// - Parameter seconds: a limit that only a hang reaches.
    func wait(seconds: Double = 240) throws -> Program.Result {
        try waitUntil("the end of \(name)", seconds: seconds) { !isRunning }
        let ended = status!
        return Program.Result(
            code: ended & 0x7F == 0 ? ended >> 8 & 0xFF : 128 + ended & 0x7F, output: folder.text("output"),
            errors: folder.text("errors"))
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// What it has printed so far.
    var printed: String { folder.text("output") }
}

/// Looks until something holds; fails after a time that only a hang takes.
func waitUntil(_ sign: String, seconds: Double = 60, _ holds: () throws -> Bool) throws {
    let start = PseudoTerminal.now
    while try !holds() {
        guard PseudoTerminal.isWithin(seconds, since: start) else {
            throw PseudoTerminal.TimedOut(description: "'\(sign)' did not come within \(seconds) s")
        }
        usleep(2000)
    }
}

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
    func text(_ name: String) -> String { String(decoding: bytes(name), as: UTF8.self) }
    func bytes(_ name: String) -> Data { FileManager.default.contents(atPath: self(name)) ?? Data() }
    /// The step of a run's last checkpoint. The first is written before the first step.
    func step(_ run: String) throws -> Int {
        let output = try Program.run("inspect", self(run)).output
        return try Int(#require(output.firstMatch(of: /, step (\d+)/)).1)!
    }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
    }
    func handle(_ name: String) throws -> FileHandle {
        try write("", to: name)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: self(name)))
    }
}
