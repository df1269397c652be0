import Terminal
import Text
import Training

/// `d` in Compare: a question first, and never of what the network stands on or of the run that is open.
enum CompareDeletion {
    static let verb = Verb(
        "delete", .of("d"), "delete what is saved of an entry, or a run where those have the focus; asks first",
        hint: "delete", in: .compare, when: { $0.hasNetwork }
    ) { state, scene in
        if state.focusedPane == 1 {
            askAboutRun(&state, scene)
        } else {
            askAboutEntry(&state, scene)
        }
        return []
    }

    private static func askAboutRun(_ state: inout WorkbenchState, _ scene: Scene) {
        let runs = RunsPane.lettered(scene)
        guard runs.indices.contains(state.compare.run) else {
            state.notice = Notice("there is no other run")
            return
        }
        let name = runs[state.compare.run].run.name
        // The list follows: both are answered one after the other.
        state.prompt = .confirm(
            "Delete the run \(name.visible) from the disk? Nothing brings it back.",
            [.ask(.deleteRun(name)), .ask(.runs)])
    }

    private static func askAboutEntry(_ state: inout WorkbenchState, _ scene: Scene) {
        guard scene.isOpen else {
            state.notice = Notice("the run takes no changes now", .warning)
            return
        }
        guard let entry = scene.selectedEntry, let question = question(entry, scene) else {
            state.notice = Notice(
                scene.selectedEntry.map { "nothing is saved of #\($0.event) that could be deleted" }
                    ?? "there is no entry")
            return
        }
        state.prompt = .confirm(question, [.send(.forget(event: entry.event))])
    }

    private static func question(_ entry: ComparedEntry, _ scene: Scene) -> String? {
        let snapshot = scene.snapshot
        guard entry.isCurrent else {
            let newer = snapshot.history.count { !$0.isCurrent && $0.event > entry.event }
            let others = newer == 0 ? "" : " and \(newer) after it"
            return "Delete #\(entry.event)\(others)? What was undone cannot be redone then."
        }
        let byHand = Set(snapshot.cuts.filter(\.byHand).map(\.event))
        let standing = snapshot.history.count { $0.isCurrent && byHand.contains($0.event) && $0.event >= entry.event }
        guard byHand.contains(entry.event), standing <= snapshot.undoDepth else { return nil }
        let older = snapshot.undoDepth - standing
        let others = older == 0 ? "" : " and \(older) older"
        return "Delete the state before #\(entry.event)\(others)? Undo ends there then."
    }
}

extension WorkbenchState {
    /// What became of a run that was to be deleted.
    mutating func tell(_ deleted: DeletedRun) {
        compare.shown.removeAll { $0 == deleted.name }
        let stays = deleted.stays.prefix(3).map(\.visible).joined(separator: ", ")
        let more = deleted.stays.count > 3 ? " and \(deleted.stays.count - 3) more" : ""
        notice = Notice(
            "\(deleted.name.visible) is deleted" + (deleted.stays.isEmpty ? "" : "; \(stays)\(more) of its folder stay")
        )
    }
}
