import CNcurses
import Foundation

extension TerminalScreen {
    /// Whether the terminal takes a copy by OSC 52: its description says so, or tmux stands between and sees to it.
    static func findsClipboard(_ environment: [String: String]) -> Bool {
        espalier_has_clipboard() || environment["TMUX"]?.isEmpty == false
    }

    /// OSC 52: `ESC ] 52 ; c ;` text in base64 `BEL`.
    package static func clipboardBytes(_ text: String) -> [UInt8] {
        Array("\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{07}".utf8)
    }
}
