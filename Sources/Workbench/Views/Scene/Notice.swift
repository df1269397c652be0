import Terminal
import Training

/// How far the help was scrolled.
package struct HelpState: Sendable, Equatable {
    package var offset = 0
    /// What is shown in place of the keys.
    package var rows: [HelpRow]?
}

/// A row of the help; a heading where it has no keys.
package struct HelpRow: Sendable, Equatable {
    package var keys: String
    package var title: String

    package init(keys: String, title: String) {
        self.keys = keys
        self.title = title
    }
}

/// One sentence, and how much it matters.
package struct Notice: Sendable, Equatable {
    package var text: String
    package var kind: Message.Kind

    init(_ text: String, _ kind: Message.Kind = .note) {
        self.text = text
        self.kind = kind
    }
}

extension Message.Kind {
    /// A sign and a style: colour alone would not be seen everywhere.
    var sign: String {
        switch self {
        case .note: ""
        case .warning: "⚠ "
        case .error: "✗ "
        }
    }

    var style: Style {
        switch self {
        case .note: Style(.text)
        case .warning: Style(.warn)
        case .error: Style(.bad, bold: true)
        }
    }
}
