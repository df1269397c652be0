import Terminal
import Training

/// What a key on the start page leads to, beyond the page itself.
package enum StartEffect: Sendable, Equatable {
    case leave
    case choose(Opening)
    case redraw
    case suspend
}

/// One key of the page: dispatch, the footer and the help read the same table.
struct StartCommand: Sendable {
    var keys: [Key]
    var title: String
    /// For the footer, behind the keys.
    var hint: String?
    /// It is typed into the filter once that has letters.
    var isLetter = false
    var run: @Sendable (inout StartState, StartLayout) -> StartEffect?

    static let all: [StartCommand] = [
        StartCommand(keys: [.down, .control("n"), .tab], title: "next", hint: "choose") { state, _ in
            state.move(by: 1)
            return nil
        },
        StartCommand(keys: [.up, .control("p"), .backTab], title: "the one before") { state, _ in
            state.move(by: -1)
            return nil
        },
        StartCommand(keys: [.pageDown], title: "a page down") { state, layout in
            state.move(by: layout.rows)
            return nil
        },
        StartCommand(keys: [.pageUp], title: "a page up") { state, layout in
            state.move(by: -layout.rows)
            return nil
        },
        StartCommand(keys: [.enter], title: "open it; a model asks for data, data asks for a network", hint: "open") {
            state, _ in
            guard let entry = state.entry else { return nil }
            switch entry.action {
            case .choose(let choice): return .choose(choice)
            case .askForData(let model): state.go(to: .data(model: model))
            case .askForNetwork(let data, let glance): state.go(to: .network(data: data, glance))
            }
            return nil
        },
        StartCommand(keys: [.escape], title: "back: all entries, the first list, then leave", hint: "back") {
            state, _ in
            if !state.editor.text.isEmpty || state.isTyping {
                state.editor = LineEditor()
                state.isTyping = false
                state.filterChanged()
            } else if state.stage != .first {
                state.go(to: .first)
            } else {
                return .leave
            }
            return nil
        },
        StartCommand(
            keys: [.character("/")], title: "type to filter; any other letter begins it as well",
            hint: "or letters filter",
            isLetter: true
        ) { state, _ in
            state.isTyping = true
            return nil
        },
        StartCommand(keys: [.character("?")], title: "these keys", isLetter: true) { state, _ in
            state.help = true
            return nil
        },
        StartCommand(keys: [.character("q")], title: "leave; nothing was made", isLetter: true) { _, _ in .leave },
        StartCommand(keys: [.control("l")], title: "draw every cell again") { _, _ in .redraw },
        StartCommand(keys: [.control("z")], title: "to the shell; fg comes back") { _, _ in .suspend },
    ]
}

extension StartState {
    /// A key in, a new state and what is to be done.
    package mutating func handle(_ key: Key, size: Size) -> StartEffect? {
        let layout = StartLayout(self, size)
        switch key {
        case .resize, .interrupted: return nil
        case .mouse(let event): return size.isEnough ? mouse(event, layout) : nil
        default: break
        }
        guard size.isEnough else { return key == .character("q") || key == .escape ? .leave : nil }
        problem = nil
        if help {
            help = false
            return nil
        }
        let isFiltering = isTyping || !editor.text.isEmpty
        if let command = StartCommand.all.first(where: { $0.keys.contains(key) && !($0.isLetter && isFiltering) }) {
            return command.run(&self, layout)
        }
        // A blank before all would be seen by nobody.
        if key == .character(" "), editor.text.isEmpty { return nil }
        let before = editor.text
        if key == .backspace, before.isEmpty { isTyping = false }
        if case .editing = editor.handle(key), editor.text != before { filterChanged() }
        return nil
    }

    private mutating func mouse(_ event: MouseEvent, _ layout: StartLayout) -> StartEffect? {
        switch event.kind {
        case .wheelDown: move(by: 1)
        case .wheelUp: move(by: -1)
        case .press:
            guard let row = layout.entry(at: event.x, event.y) else { break }
            // A second click opens.
            if row == layout.selected { return handle(.enter, size: layout.size) }
            select(row)
        default: break
        }
        return nil
    }
}
