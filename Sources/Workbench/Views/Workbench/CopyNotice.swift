import Terminal
import Training

extension Notice {
    /// What became of a copy. The text stands here too, for a mouse where there is no clipboard.
    package init(_ text: String, _ outcome: Clipboard.Outcome) {
        switch outcome {
        case .sent: self.init("given to the terminal to copy (OSC 52): \(text)")
        case .copied(let place): self.init("copied to \(place): \(text)")
        case .failed(let reason): self.init("not copied, \(reason): \(text)", .warning)
        }
    }
}
