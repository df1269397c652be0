import Foundation
import Terminal
import Training

extension Workbench {
    /// One picture without a terminal, for `--render VIEW --size WxH`: asks what the view needs, waits, draws.
    ///
    /// - Parameter patienceSeconds: After this it draws what it has.
    package static func render(
        _ view: ViewID, size: Size, port: any SessionPort, restoring: Data? = nil, hasColour: Bool = false,
        options: WorkbenchOptions = WorkbenchOptions(), patienceSeconds: Double = 30
    ) -> CellGrid {
        var state = WorkbenchState(restoringIfAny: restoring)
        state.view = view
        let inbox = Inbox()
        let bell = DispatchSemaphore(value: 0)
        port.onSnapshot { if inbox.noteSnapshot() { bell.signal() } }
        let start = ContinuousClock.now
        func left() -> Double { patienceSeconds - (ContinuousClock.now - start) / .seconds(1) }
        // Before the first snapshot there is nothing to draw. Looked at now and then, in case nobody rings.
        while port.latestSnapshot()?.layers.isEmpty != false, left() > 0 {
            // It will not come: the session cannot go on, and the caller says why.
            if case .failed? = port.latestSnapshot()?.phase { break }
            inbox.takeSnapshotNote()
            _ = bell.wait(timeout: .now() + 0.05)
        }
        let snapshot = port.latestSnapshot() ?? .blank
        state.observe(snapshot)
        state.notice = nil
        var inquiry = Inquiry()
        while left() > 0 {
            // One moment for all: nothing is asked twice, however long the answers take.
            let wants = state.wants(snapshot, size: size, hasColour: hasColour, options: options)
            let turn = inquiry.next(wants, state.answers, stamp: snapshot.weightsStamp, now: 0)
            for query in turn.ask {
                port.ask(query) { answer in
                    inbox.put(answer, to: query)
                    bell.signal()
                }
            }
            guard inquiry.isWaiting else { break }
            _ = bell.wait(timeout: .now() + max(0.01, min(1, left())))
            for (answer, query) in inbox.takeAnswers() {
                inquiry.received(answer, to: query, now: 0)
                state.receive(answer, to: query)
            }
        }
        return draw(state, snapshot, size: size, hasColour: hasColour, options: options)
    }

    /// The pure picture of a state.
    package static func draw(
        _ state: WorkbenchState, _ snapshot: Snapshot, size: Size, hasColour: Bool = false,
        options: WorkbenchOptions = WorkbenchOptions()
    ) -> CellGrid {
        Scene(state, snapshot, size, hasColour: hasColour, options: options).draw()
    }
}

extension WorkbenchState {
    /// What the open view would like to know.
    package func wants(
        _ snapshot: Snapshot, size: Size, hasColour: Bool = false, options: WorkbenchOptions = WorkbenchOptions()
    ) -> [Query] {
        guard size.isEnough else { return [] }
        let scene = Scene(self, snapshot, size, hasColour: hasColour, options: options)
        guard scene.hasNetwork else { return [] }
        return view.view.wants(scene)
    }
}
