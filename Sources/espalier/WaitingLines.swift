import CNcurses
import Foundation
import Training

/// Lines on their way to standard output or standard error, written by a thread of its own: a reader that stops reading
/// (a pager, a full pipe, a terminal that hangs) holds up neither training nor a signal that asks the program to end.
final class WaitingLines: @unchecked Sendable {
    // Unchecked: everything that changes is touched between `lock` and `unlock` of the condition alone.
    private let descriptor: Int32
    private let change = NSCondition()
    private var waiting: [UInt8] = []
    private var isWriting = false
    private var hasThread = false
    /// The reader was waited for in vain: until it has read everything, nobody waits for it again.
    private var isStuck = false
    private var isHurried = false
    /// The first reason why a line was lost.
    private var loss: Int32?

    /// A reader that keeps up has a line long before.
    private static let patience = 0.05
    /// Of a program that was asked to end: for its last lines.
    private static let lastPatience = 0.3
    /// With so many bytes waiting, who writes waits: memory is not endless.
    private static let most = 8 << 20

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func put(_ bytes: [UInt8]) {
        change.lock()
        defer { change.unlock() }
        while waiting.count > Self.most, !isHurried { change.wait() }
        guard waiting.count <= Self.most else { return }
        waiting += bytes
        start()
        change.broadcast()
    }

    /// Lines of both outputs keep their order: the one has what it was given before the other gets more, unless it is
    /// known that its reader does not keep up.
    func settle() {
        change.lock()
        defer { change.unlock() }
        if !isStuck, !finish(within: Self.patience) { isStuck = true }
    }

    /// Waits until everything is written; of a program that was asked to end, a moment only.
    func finish() {
        change.lock()
        defer { change.unlock() }
        while isBusy, !isHurried { change.wait() }
        _ = finish(within: Self.lastPatience)
    }

    /// The program was asked to end: nobody waits long for a reader any more.
    func hurry() {
        change.lock()
        isHurried = true
        change.broadcast()
        change.unlock()
    }

    /// The first reason why a line was lost.
    var lost: Int32? {
        change.lock()
        defer { change.unlock() }
        return loss
    }

    private var isBusy: Bool { isWriting || !waiting.isEmpty }

    /// - Precondition: the condition is locked.
    private func finish(within seconds: Double) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while isBusy { if !change.wait(until: deadline) { return !isBusy } }
        return true
    }

    private func start() {
        guard !hasThread else { return }
        hasThread = true
        EndingSignals.onThreadWithoutSignals { self.writeForEver() }
    }

    private func writeForEver() {
        change.lock()
        while true {
            while waiting.isEmpty { change.wait() }
            let bytes = waiting
            waiting = []
            isWriting = true
            change.unlock()
            let reason = write(bytes[...])
            change.lock()
            loss = loss ?? reason
            isWriting = false
            if waiting.isEmpty { isStuck = false }
            change.broadcast()
        }
    }

    /// - Returns: why the rest was lost, if it was; not that its reader went away.
    private func write(_ bytes: ArraySlice<UInt8>) -> Int32? {
        var bytes = bytes
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
            if written < 0, errno == EINTR { continue }
            // Someone else made the description one that does not wait.
            if written < 0, errno == EAGAIN {
                var sink = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&sink, 1, -1)
                continue
            }
            guard written > 0 else { return errno == EPIPE ? nil : errno }
            bytes = bytes.dropFirst(written)
        }
        return nil
    }
}
