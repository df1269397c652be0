import Foundation
import Terminal
import Text
import Training

/// The event loop, on the one thread that owns the screen: keys, snapshots and answers in, pictures out.
package final class Workbench {
    package enum Outcome: Equatable, Sendable {
        /// The person left; the session was told to stop.
        case left
        /// INT, TERM or HUP; the session was told to stop.
        case signal(Int32)
        /// The session ended before there was a network to show: its data or network cannot be had.
        case failed
    }

    private let port: any SessionPort
    private let screen: TerminalScreen
    private let options: WorkbenchOptions
    private var budget: ByteBudget
    private let save: (Data) -> Void
    private let inbox = Inbox()
    private let start = ContinuousClock.now

    private var state: WorkbenchState
    private var snapshot = Snapshot.blank
    private var inquiry = Inquiry()
    private var savedLayout: SavedLayout?
    private var savedAt = -1.0
    private var dataPaintedAt = -1.0
    private var bytesCounted: UInt64 = 0
    private var keyAt = -10.0
    /// When what takes long was asked for, until it is answered.
    private var askedAt: [Query.Kind: Double] = [:]
    /// A picture would differ: since a key or an answer to one (at once), or since data came (in its time).
    private var isDirty = true
    private var isDataDirty = false

    /// - Parameters:
    ///   - restoring: What `save` was given last, to go on as it was left.
    ///   - save: Is given the layout at most once a second, when it changed, and on leaving.
    package init(
        port: any SessionPort, screen: TerminalScreen, options: WorkbenchOptions = WorkbenchOptions(),
        restoring: Data? = nil, save: @escaping (Data) -> Void = { _ in }
    ) {
        self.port = port
        self.screen = screen
        var options = options
        options.canCopy = screen.clipboard.isThere
        self.options = options
        budget = ByteBudget(ProcessInfo.processInfo.environment)
        self.save = save
        state = WorkbenchState(restoringIfAny: restoring)
        savedLayout = state.saved
    }

    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }
    private var size: Size { Size(screen.width, screen.height) }
    private var hasColour: Bool { screen.palette.showsLevels && !screen.usesASCII }

    /// Shows the session until the person leaves or a signal comes.
    package func run() throws -> Outcome {
        let waker = screen.waker
        let inbox = inbox
        port.onSnapshot { if inbox.noteSnapshot() { waker.wake() } }
        _ = inbox.noteSnapshot()
        while true {
            if let signal = screen.pendingSignal { return leave(.signal(signal)) }
            takeAnswers()
            takeSnapshot()
            let waits = countWaiting()
            // Data or network cannot be had: the command says why, on the terminal as it was.
            if case .failed = snapshot.phase, snapshot.layers.isEmpty { return leave(.failed) }
            paint()
            let due = ask()
            let timeout = wait(until: [due, dataDue, saveIfDue(), waits])
            guard let key = screen.nextKey(timeoutMilliseconds: timeout) else { continue }
            if handle(key) { return leave(.left) }
        }
    }

    private func leave(_ outcome: Outcome) -> Outcome {
        port.send(.stop)
        write(state.saved)
        return outcome
    }

    // MARK: In

    private func takeAnswers() {
        if let notice = inbox.takeNotice() {
            state.notice = notice
            isDirty = true
        }
        let answers = inbox.takeAnswers()
        guard !answers.isEmpty else { return }
        for (answer, query) in answers {
            inquiry.received(answer, to: query, now: now)
            if answer.isLast { askedAt[query.kind] = nil }
            state.receive(answer, to: query)
        }
        // What a key asked for shows at once; what only follows training has time.
        if now - keyAt < 1 { isDirty = true } else { isDataDirty = true }
    }

    private func takeSnapshot() {
        let isTime = now >= dataPaintedAt + budget.dataInterval || snapshot.layers.isEmpty
        guard inbox.hasNewSnapshot, isTime else { return }
        // Cleared first: a snapshot that comes in between is told of again.
        inbox.takeSnapshotNote()
        guard let latest = port.latestSnapshot() else { return }
        snapshot = latest
        state.observe(latest)
        if state.frozen == nil || state.notice != nil { isDataDirty = true }
    }

    /// What takes longer than a second shows that time passes: the session's preparation, an answer.
    /// - Returns: when the next second is over.
    private func countWaiting() -> Double? {
        let asked = askedAt.mapValues { Int(now - $0) }.filter { $0.value > 0 }
        if asked != state.askedSeconds {
            state.askedSeconds = asked
            isDirty = true
        }
        let next = askedAt.values.map { $0 + (now - $0).rounded(.down) + 1 }.min()
        guard snapshot.layers.isEmpty else { return next }
        if state.waitedSeconds != Int(now) {
            state.waitedSeconds = Int(now)
            isDirty = true
        }
        return now.rounded(.down) + 1
    }

    private func handle(_ key: Key) -> Bool {
        if key == .interrupted { return false }
        isDirty = true
        keyAt = now
        for effect in state.handle(key, snapshot, size: size, hasColour: hasColour, options: options) {
            switch effect {
            case .send(let command): port.send(command)
            case .ask(let query): put(query)
            case .cancel(let kind): cancel(kind)
            case .copy(let text): copy(text.visibleLines)
            case .export(let export): state.told(export.write(), of: export)
            case .nextPalette:
                let maps = Palette.Map.allCases
                let at = maps.firstIndex(of: screen.palette.map) ?? 0
                screen.palette.map = maps[(at + 1) % maps.count]
            case .redraw: screen.redraw()
            case .suspend: screen.suspend()
            case .quit: return true
            }
        }
        return false
    }

    private func copy(_ text: String) {
        let waker = screen.waker
        let inbox = inbox
        screen.copy(text) { outcome in
            inbox.put(Notice(text, outcome))
            waker.wake()
        }
    }

    // MARK: Out

    private func paint() {
        guard isDirty || (isDataDirty && now >= dataPaintedAt + budget.dataInterval) else { return }
        screen.show(Scene(state, snapshot, size, hasColour: hasColour, options: options).draw())
        // A picture that waited for the terminal was written since the last one.
        let written = screen.bytesWritten
        budget.wrote(Int(written - bytesCounted), now: now)
        bytesCounted = written
        dataPaintedAt = now
        isDirty = false
        isDataDirty = false
    }

    private func ask() -> Double? {
        let wants = state.wants(snapshot, size: size, hasColour: hasColour, options: options)
        // A frozen picture asks for what a key opened, not again for what training moved.
        let turn = inquiry.next(
            wants, state.answers, stamp: (state.frozen ?? snapshot).weightsStamp, now: now,
            mapInterval: budget.mapInterval)
        for kind in turn.cancel { cancel(kind) }
        for query in turn.ask { put(query) }
        return turn.due
    }

    private func cancel(_ kind: Query.Kind) {
        askedAt[kind] = nil
        port.cancel(kind)
    }

    private func put(_ query: Query) {
        if query.manner.isCostly { askedAt[query.kind] = now }
        let waker = screen.waker
        let inbox = inbox
        port.ask(query) { answer in
            inbox.put(answer, to: query)
            waker.wake()
        }
    }

    /// When data that waits may be taken or painted.
    private var dataDue: Double? { isDataDirty || inbox.hasNewSnapshot ? dataPaintedAt + budget.dataInterval : nil }

    private func wait(until dues: [Double?]) -> Int {
        guard let due = dues.compactMap({ $0 }).min() else { return -1 }
        return max(1, Int(((due - now) * 1000).rounded(.up)))
    }

    // MARK: Layout

    /// Saves what changed, once a second at most; returns when it would be time.
    private func saveIfDue() -> Double? {
        let layout = state.saved
        guard layout != savedLayout else { return nil }
        guard now >= savedAt + 1 else { return savedAt + 1 }
        write(layout)
        return nil
    }

    private func write(_ layout: SavedLayout) {
        guard let data = try? SavedLayout.encoder.encode(layout) else { return }
        savedLayout = layout
        savedAt = now
        save(data)
    }
}
