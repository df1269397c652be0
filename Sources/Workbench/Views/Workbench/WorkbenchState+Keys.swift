import Terminal
import Training

extension WorkbenchState {
    /// A key in, a new state and what is to be done.
    package mutating func handle(
        _ key: Key, _ snapshot: Snapshot, size: Size, hasColour: Bool = false,
        options: WorkbenchOptions = WorkbenchOptions()
    ) -> [Effect] {
        switch key {
        case .resize, .interrupted: return []
        default: break
        }
        let scene = Scene(self, snapshot, size, hasColour: hasColour, options: options)
        // The picture says that the terminal is too small: what cannot be seen is not done, but leaving is.
        guard size.isEnough else {
            switch key {
            case .character("q"): return [.quit]
            case .control("z"): return [.suspend]
            case .control("l"): return [.redraw]
            default: return []
            }
        }
        // What was pasted is text for a line, and never a command.
        if case .paste = key, prompt?.isLine != true { return [] }
        // Alt with a letter is not that letter, nor an answer: it does what the configuration gives it, or nothing.
        if case .alt = key, prompt != nil || help != nil || scene.commands.on(key, in: scene) == nil { return [] }
        // Help that was asked for while a line is typed stands above it.
        if help != nil { return turnHelp(key, scene) }
        if prompt != nil { return answerPrompt(key, scene) }
        if case .mouse(let event) = key {
            // Moving the mouse is no sign that an error was read.
            if notice?.kind != .error { notice = nil }
            return mouse(event, scene)
        }
        notice = nil
        return scene.commands.on(key, in: scene)?.run(&self, scene) ?? []
    }

    private mutating func mouse(_ event: MouseEvent, _ scene: Scene) -> [Effect] {
        if event.y == 0, event.kind == .press {
            if let view = Header.tab(at: event.x, scene) { self.view = view }
            return []
        }
        return view.view.mouse(event, &self, scene)
    }
}
