import CNcurses
import Foundation

/// The tmux that the workbench stands in, told to take a copy into its buffer.
package struct Tmux: Sendable {
    private let program: String

    /// Longer than any tmux takes that still answers.
    private static let patienceSeconds = 2.0

    /// - Returns: `nil` where no program can be found.
    init?(_ environment: [String: String]) {
        // `TMUX` is socket, process and session. The server's own program speaks its language for certain.
        let parts = environment["TMUX"]?.split(separator: ",") ?? []
        let server = parts.count > 1 ? Int32(parts[1]).flatMap(Tmux.program(of:)) : nil
        let folders = environment["PATH"]?.split(separator: ":").filter { $0.hasPrefix("/") } ?? []
        let candidates = [server].compactMap(\.self) + folders.map { "\($0)/tmux" }
        guard let program = candidates.first(where: FileManager.default.isExecutableFile) else { return nil }
        self.program = program
    }

    private static func program(of process: Int32) -> String? {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")
        return path.flatMap { $0.hasSuffix("/tmux") ? $0 : nil }
    }

    /// Tells `told` on another thread: a tmux that hangs holds nothing up.
    func copy(_ text: String, _ told: @escaping @Sendable (Clipboard.Outcome) -> Void) {
        let program = program
        DispatchQueue.global(qos: .userInitiated).async {
            // `-w` gives it to the terminal's clipboard too, where tmux may. Before 3.2 it was not there.
            for arguments in [["load-buffer", "-w", "-"], ["load-buffer", "-"]]
            where Tmux.run(program, arguments, input: Array(text.utf8)) {
                return told(.copied(to: "tmux's buffer"))
            }
            told(.failed("tmux did not take it"))
        }
    }

    /// - Returns: whether it ended well in time.
    private static func run(_ program: String, _ arguments: [String], input: [UInt8]) -> Bool {
        // Not a pipe: writing to one that nobody reads would be a signal that ends the process.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return false
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of a queue block signals, and the program that is started would too.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in argv { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, program, &actions, &attributes, &argv, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard failure == 0 else { return false }
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        var rest = input[...]
        while !rest.isEmpty, .now < deadline {
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let sent = rest.withUnsafeBytes { send(ends[0], $0.baseAddress, $0.count, flags) }
            if sent > 0 { rest = rest.dropFirst(sent) } else if errno == EAGAIN { usleep(2000) } else { break }
        }
        shutdown(ends[0], Int32(SHUT_WR))
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            guard .now < deadline else {
                kill(child, SIGKILL)
                waitpid(child, &status, 0)
                return false
            }
            usleep(2000)
        }
        return status == 0 && rest.isEmpty
    }
}
