import CNcurses
import Foundation

/// The way that a copy takes.
package enum Clipboard: Sendable {
    /// There is none.
    case none
    /// OSC 52, which the terminal's description says it takes.
    case terminal
    /// tmux's own buffer: by default it passes nobody's OSC 52 on.
    case tmux(Tmux)

    package enum Outcome: Equatable, Sendable {
        /// On its way. Whether the terminal does it, it does not say.
        case sent
        case copied(to: String)
        case failed(String)
    }

    init(_ environment: [String: String]) {
        if environment["TMUX"]?.isEmpty == false {
            self = Tmux(environment).map(Clipboard.tmux) ?? .none
        } else if environment["STY"]?.isEmpty == false {
            // GNU screen keeps OSC 52 to itself.
            self = .none
        } else {
            self = espalier_has_clipboard() ? .terminal : .none
        }
    }

    package var isThere: Bool {
        if case .none = self { false } else { true }
    }

    /// OSC 52: `ESC ] 52 ; c ;` text in base64 `BEL`.
    package static func bytes(_ text: String) -> [UInt8] {
        Array("\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{07}".utf8)
    }
}
