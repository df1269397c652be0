import Training

extension WorkbenchState {
    mutating func select(_ name: String?, _ scene: Scene) {
        guard let name, name != layer else { return }
        layer = name
        drafts.follow(layer: name)
        let layer = scene.snapshot.layers.first { $0.name == name }
        changeStates { $0.enter(layer) }
    }

    /// A click on a row; a second one on a group opens it.
    mutating func select(_ row: LayerRow, _ scene: Scene) {
        if case .group = row, scene.selected.map(row.holds) == true { return fold(scene) }
        go(to: row, scene)
    }

    /// A group is gone to by its first layer. What is selected within it stays.
    private mutating func go(to row: LayerRow, _ scene: Scene) {
        guard scene.selected.map(row.holds) != true else { return }
        select(row.members.first.map { scene.snapshot.layers[$0].name }, scene)
    }

    /// The next layer of those that pass the filter, folded or not, or the one before; stays at the ends.
    mutating func moveLayer(by distance: Int, _ scene: Scene) {
        guard !scene.found.isEmpty else { return }
        let at = scene.found.firstIndex { $0 == scene.selected } ?? (distance > 0 ? -1 : scene.found.count)
        let next = scene.found[max(0, min(scene.found.count - 1, at + distance))]
        select(scene.snapshot.layers[next].name, scene)
    }

    /// The next row of the list, or the one before; stays at the ends.
    mutating func moveRow(by distance: Int, _ scene: Scene) {
        guard !scene.rows.isEmpty else { return }
        let at = scene.selectedRow ?? (distance > 0 ? -1 : scene.rows.count)
        go(to: scene.rows[max(0, min(scene.rows.count - 1, at + distance))], scene)
    }

    /// Folds the selected layer's group, or unfolds it.
    mutating func fold(_ scene: Scene) {
        guard let row = scene.selectedRow else { return }
        folded = scene.names.turned(folded, at: scene.rows[row], admitted: scene.found)
    }
}

extension Scene {
    /// There are names to fold by.
    var hasGroups: Bool { !names.groups.isEmpty }
}
