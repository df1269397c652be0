import CNcurses
import Foundation

/// Bytes on their way to the terminal. A terminal that stops reading (a full pipe, a stopped multiplexer, a line that
/// broke) holds up nobody: what it does not take waits here, and the program goes on.
///
/// ncurses writes for itself and waits as long as that takes, so it is given a pipe in the terminal's place, which is
/// emptied after each update, on the same thread.
final class TerminalOutput {
    /// What ncurses takes for the terminal.
    let file: UnsafeMutablePointer<FILE>
    /// Cells that may change in one update. Nobody empties the pipe meanwhile, so its bytes must fit.
    let cellsAtOnce: Int
    /// All bytes that were handed over.
    private(set) var total: UInt64 = 0

    private let pipe: Int32
    private let terminal = TerminalGuard.terminal()
    private let isWanted = TerminalGuard.flag()
    private var waiting: [UInt8] = []
    private var isGone = false

    /// A cell in full colour takes both colours, its weight, a place and four bytes of text.
    private static let bytesOfCell = 80
    /// With this much waiting nothing is added that the terminal can do without.
    private static let most = 1 << 20

    /// - Throws: `TerminalError.modes` where the system has no pipe for it.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0, let file = fdopen(ends[1], "w") else { throw TerminalError.modes }
        pipe = ends[0]
        self.file = file
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(pipe, F_SETFL, O_NONBLOCK)
        // F_SETPIPE_SZ and F_GETPIPE_SZ, which Swift does not import. Larger, a whole picture is one update.
        _ = fcntl(ends[1], 1031, 1 << 20)
        cellsAtOnce = max(4096, Int(fcntl(ends[1], 1032))) / TerminalOutput.bytesOfCell
    }

    deinit {
        fclose(file)
        close(pipe)
    }

    /// Where `poll` sees that the terminal takes more; negative where nothing waits.
    var source: Int32 { !isWaiting ? -1 : terminal >= 0 ? terminal : STDOUT_FILENO }
    var isWaiting: Bool { !waiting.isEmpty }
    var isFull: Bool { waiting.count > TerminalOutput.most }

    /// Takes what ncurses wrote.
    func collect() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(pipe, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            append(buffer[..<count])
        }
    }

    func append(_ bytes: some Collection<UInt8>) {
        total += UInt64(bytes.count)
        if !isGone { waiting += bytes }
    }

    /// Hands over as much as the terminal takes now.
    func flush() { send(patience: 0, limit: 0) }

    /// Hands over everything, for as long as the terminal goes on taking. What it has not taken then, it never gets.
    ///
    /// - Parameters:
    ///   - patience: Milliseconds in which the terminal may take nothing.
    ///   - limit: Milliseconds of all: one that takes a little now and then would hold up the program for minutes.
    /// - Returns: whether it has everything.
    func drain(patience: Int32, limit: Int32) -> Bool {
        send(patience: patience, limit: limit)
        defer { waiting = [] }
        return !isWaiting && !isGone
    }

    private func send(patience: Int32, limit: Int32) {
        guard isWaiting else { return }
        let sent = waiting.withUnsafeBytes {
            espalier_write(
                terminal, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, patience, limit, isWanted)
        }
        // Why it took no more is asked only where it took nothing: a hung-up terminal says so at once.
        if sent == 0, errno != EAGAIN, errno != EINTR {
            isGone = true
            waiting = []
        } else {
            waiting.removeFirst(sent)
        }
    }
}
