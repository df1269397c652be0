import Foundation

/// A program in a terminal of its own, seen from outside: keys in, bytes and a picture out. What whole-program tests
/// and `bench screen` look at the real binary with.
///
/// One thread owns it; bytes are taken only inside `read` and `wait`.
package final class PseudoTerminal {
    package struct TimedOut: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    package let process: pid_t
    private(set) package var picture: TerminalPicture
    /// All bytes so far, and when the latest came, in nanoseconds of the monotonic clock.
    private(set) package var bytes = 0
    private(set) package var latest: UInt64 = 0
    /// As `waitpid` gives it, once the program has ended.
    private(set) package var status: Int32?
    /// Nothing more can come: every process has closed the terminal.
    private(set) package var isHungUp = false
    private var file: Int32
    private let name: String
    /// Held from a terminal's opening to its program's start: between them another program would inherit it.
    private static let starting = NSLock()

    /// Starts a program as leader of a session with this terminal.
    package init(
        _ arguments: [String], environment: [String: String], width: Int, height: Int
    ) throws {
        picture = TerminalPicture(width: width, height: height)
        Self.starting.lock()
        defer { Self.starting.unlock() }
        var (outer, inner): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
        // Not `ttyname`: its buffer is one for all threads, and a test would open another's terminal.
        var name = [CChar](repeating: 0, count: 256)
        guard openpty(&outer, &inner, nil, nil, &size) == 0, ttyname_r(inner, &name, name.count) == 0 else {
            throw TimedOut(description: "no pseudo-terminal: \(String(cString: strerror(errno)))")
        }
        file = outer
        self.name = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        _ = fcntl(outer, F_SETFD, FD_CLOEXEC)
        _ = fcntl(outer, F_SETFL, O_NONBLOCK)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that a session's leader opens becomes the session's own.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        posix_spawn_file_actions_addclose(&actions, inner)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A test runner may ignore or block what the program is to be asked by.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // POSIX_SPAWN_SETSID, which Swift does not import.
        let newSession: Int16 = 0x80
        posix_spawnattr_setflags(
            &attributes, newSession | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, arguments[0], &actions, &attributes, &argv, &envp)
        close(inner)
        guard failure == 0 else {
            close(outer)
            throw TimedOut(description: "\(arguments[0]) does not start: \(String(cString: strerror(failure)))")
        }
        process = child
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            var ignored: Int32 = 0
            waitpid(process, &ignored, 0)
        }
        close(file)
    }

    /// The window is closed, or the line is cut: the program gets SIGHUP.
    package func hangUp() {
        isHungUp = true
        close(file)
        file = -1
    }

    /// Nobody reads here, and the terminal takes nothing more of its program.
    package var isFull: Bool {
        let end = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard end >= 0 else { return false }
        defer { close(end) }
        var sink = pollfd(fd: end, events: Int16(POLLOUT), revents: 0)
        return poll(&sink, 1, 0) == 0
    }

    package static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// - Parameter reads: takes what comes meanwhile where the program is slow to take the keys.
    package func send(_ keys: String, reads: Bool = true) { send(Array(keys.utf8), reads: reads) }

    package func send(_ bytes: [UInt8], reads: Bool = true) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN || errno == EINTR {
                guard reads else { return }
                _ = read(milliseconds: 10)
            } else {
                return
            }
        }
    }

    package func resize(width: Int, height: Int) {
        picture.resize(width: width, height: height)
        var size = winsize(ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
        // Linux sends SIGWINCH to the terminal's foreground processes.
        _ = ioctl(file, UInt(TIOCSWINSZ), &size)
    }

    /// Takes what comes within the time, so many bytes at once; true where something did.
    package func read(milliseconds: Int32, most: Int = 65536) -> Bool {
        guard !isHungUp else {
            usleep(UInt32(max(0, min(milliseconds, 5))) * 1000)
            return false
        }
        var source = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        guard poll(&source, 1, milliseconds) > 0 else { return false }
        let moment = Self.now
        var buffer = [UInt8](repeating: 0, count: most)
        let count = Foundation.read(file, &buffer, buffer.count)
        guard count > 0 else {
            // EIO: the last process has closed the other end.
            if count == 0 || errno == EIO { isHungUp = true }
            return false
        }
        latest = moment
        bytes += count
        picture.feed(buffer[..<count])
        return true
    }

    /// Whether a limit that only a hang is to reach lies ahead still. It is longer where more threads want the machine than it has
    /// cores, by as much as each of them gets less of it.
    package static func isWithin(_ seconds: Double, since start: UInt64) -> Bool {
        var load = 0.0
        _ = getloadavg(&load, 1)
        let share = max(1, load / Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
        return Double(now - start) < seconds * share * 1e9
    }

    /// Takes bytes until the picture shows a sign.
    ///
    /// - Throws: `TimedOut` with the last picture.
    package func wait(
        for sign: String, seconds: Double = 60, until holds: (TerminalPicture) -> Bool
    ) throws {
        let start = Self.now
        while !holds(picture) {
            if !read(milliseconds: 50), hasEnded(), !read(milliseconds: 0), !holds(picture) {
                throw TimedOut(description: "ended before '\(sign)' was seen:\n\(picture.text)")
            }
            guard Self.isWithin(seconds, since: start) else {
                throw TimedOut(description: "'\(sign)' was not seen within \(seconds) s:\n\(picture.text)")
            }
        }
    }

    package func wait(for text: String, seconds: Double = 60) throws {
        try wait(for: text, seconds: seconds) { $0.text.contains(text) }
    }

    /// Takes bytes until the program has ended.
    ///
    /// - Returns: its exit code, or 128 and the signal that ended it.
    @discardableResult
    package func waitForEnd(seconds: Double = 60) throws -> Int32 {
        let start = Self.now
        while !hasEnded() {
            _ = read(milliseconds: 5)
            guard Self.isWithin(seconds, since: start) else {
                throw TimedOut(description: "did not end within \(seconds) s:\n\(picture.text)")
            }
        }
        while read(milliseconds: 0) {}
        let status = status!
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    package func hasEnded() -> Bool {
        if status != nil { return true }
        var value: Int32 = 0
        guard waitpid(process, &value, WNOHANG) == process else { return false }
        status = value
        return true
    }
}
