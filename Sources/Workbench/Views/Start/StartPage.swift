import Foundation
import Terminal
import Training

/// The page that the workbench opens with where nothing was named: the screen's loop until something is chosen.
package final class StartPage {
    package enum Outcome: Sendable, Equatable {
        case left
        case signal(Int32)
        case chosen(Opening)
    }

    /// Where the search leaves what it found, on whatever thread it runs.
    package final class Inbox: Sendable {
        private let contents = Locked<(findings: Findings, isLast: Bool)?>(nil)
        private let waker: Waker

        package init(_ waker: Waker) { self.waker = waker }

        package func put(_ findings: Findings, isLast: Bool) {
            contents.withLock { $0 = (findings, isLast) }
            waker.wake()
        }

        func take() -> (findings: Findings, isLast: Bool)? {
            contents.withLock { contents in
                defer { contents = nil }
                return contents
            }
        }
    }

    private let inbox: Inbox
    private(set) package var state: StartState
    private let screen: TerminalScreen

    package init(_ state: StartState, screen: TerminalScreen, inbox: Inbox) {
        self.state = state
        self.screen = screen
        self.inbox = inbox
    }

    private var size: Size { Size(screen.width, screen.height) }

    /// Shows the page until something is chosen, the person leaves, or a signal comes.
    package func run() -> Outcome {
        while true {
            if let signal = screen.pendingSignal { return .signal(signal) }
            if let (findings, isLast) = inbox.take() { state.take(findings, isLast: isLast) }
            screen.show(state.draw(size))
            guard let key = screen.nextKey(timeoutMilliseconds: -1) else { continue }
            switch state.handle(key, size: size) {
            case .leave: return .left
            case .choose(let choice): return .chosen(choice)
            case .redraw: screen.redraw()
            case .suspend: screen.suspend()
            case nil: break
            }
        }
    }
}
