/// What a draft means for the weights at hand: which live weights stay and which cut ones come back. Exact, ties by
/// (layer, position).
package struct DraftCut: Sendable {
    package struct Layer: Sendable {
        /// One flag a live weight.
        package var keep: [Bool]
        /// Positions in `Candidates.lost`.
        package var returns: [Int]
        package var kept: Int
    }
    package var layers: [Layer]
    /// Smallest |w| that stays or returns in the scope.
    package var threshold: Float?
    package var notice: String?

    package var kept: Int { layers.reduce(0) { $0 + $1.kept } }
    package var returned: Int { layers.reduce(0) { $0 + $1.returns.count } }

    /// - Parameter scores: of a draft with a ranking, what it ranks by.
    package init(_ draft: Draft, _ candidates: [Candidates], scores: DraftScores? = nil) {
        layers = candidates.map {
            Layer(keep: [Bool](repeating: true, count: $0.values.count), returns: [], kept: $0.values.count)
        }
        let locked = Set(draft.locked ?? [])
        func isFixed(_ number: Int) -> Bool {
            candidates[number].isProtected || locked.contains(candidates[number].name)
        }
        let members = candidates.indices.filter { number in
            switch draft.scope {
            case .global: !isFixed(number)
            case .layer(let name): candidates[number].name == name && !isFixed(number)
            }
        }
        guard !members.isEmpty else {
            let named = candidates.filter { draft.scope == .global || draft.scope == .layer($0.name) }
            notice =
                named.contains { !$0.isProtected }
                ? "locked: it stays as it is"
                : named.isEmpty ? "no such layer" : "kept whole, as the recipe's 'prune' says"
            return
        }
        // Of all layers together, those that are kept whole or locked count, too.
        let whole =
            draft.scope == .global
            ? candidates.indices.reduce(0) { $0 + (isFixed($1) ? candidates[$1].values.count : 0) } : 0
        func cut(_ members: [Int], _ anchor: Draft.Anchor, whole: Int) {
            if let scores {
                rank(members, anchor, whole: whole, isOfAll: draft.scope == .global, scores)
            } else {
                self.cut(members, anchor, whole: whole, candidates)
            }
        }
        cut(members, draft.anchor, whole: whole)
        guard let total = draft.total, draft.scope != .global else { return }
        let others = candidates.indices.filter { !isFixed($0) && !members.contains($0) }
        guard !others.isEmpty else {
            notice = "no other layer may give way: the total does not stay"
            return
        }
        // The line that a person moves is that of the layer.
        let line = threshold
        let rest = kept - others.reduce(0) { $0 + layers[$1].kept }
        cut(others, .kept(max(others.count, total - rest)), whole: 0)
        threshold = line
    }

    /// Some layers together, by one line.
    private mutating func cut(_ members: [Int], _ anchor: Draft.Anchor, whole: Int, _ candidates: [Candidates]) {
        let live = members.map { candidates[$0].magnitudes }
        let lost = members.map { candidates[$0].lostMagnitudes }
        let liveCount = live.reduce(0) { $0 + $1.count }
        var keep = live.map { [Bool](repeating: true, count: $0.count) }
        var back = lost.map { [Bool](repeating: false, count: $0.count) }
        switch anchor {
        case .kept(let count) where count - whole <= liveCount:
            keep = Selection.keep(count: max(0, count - whole), scores: live).keep
        case .kept(let all):
            let count = all - whole
            let recoverable = lost.reduce(0) { $0 + $1.count }
            back = Selection.keep(count: min(count - liveCount, recoverable), scores: lost).keep
            if count - liveCount > recoverable {
                let total = members.reduce(0) { $0 + candidates[$1].total }
                notice =
                    recoverable == 0
                    ? "sparse from the start: nothing can come back"
                    : "only \(recoverable) of \(total - liveCount) cut weights can come back"
            }
        case .threshold(let threshold):
            keep = Selection.keep(atLeast: threshold, scores: live)
            back = Selection.keep(atLeast: threshold, scores: lost)
        }
        var smallest = Float.infinity
        for (slot, number) in members.enumerated() {
            var layer = Layer(keep: keep[slot], returns: [], kept: 0)
            for (index, stays) in keep[slot].enumerated() where stays {
                layer.kept += 1
                smallest = min(smallest, live[slot][index])
            }
            for (index, comes) in back[slot].enumerated() where comes {
                layer.returns.append(index)
                smallest = min(smallest, lost[slot][index])
            }
            layer.kept += layer.returns.count
            layers[number] = layer
        }
        threshold = smallest.isFinite ? smallest : nil
    }

    /// Some layers by their scores: what was cut has none, and does not come back.
    private mutating func rank(
        _ members: [Int], _ anchor: Draft.Anchor, whole: Int, isOfAll: Bool, _ scores: DraftScores
    ) {
        let live = members.reduce(0) { $0 + layers[$1].keep.count }
        let keep: [[Bool]]
        switch anchor {
        case .kept(let count) where count - whole >= live:
            keep = members.map { layers[$0].keep }
            if count - whole > live {
                notice = "what was cut has no score and does not come back, unless single weights are ranked by size"
            }
        case .kept(let count):
            do {
                keep = try scores.keep(count - whole, of: members, isOfAll: isOfAll)
            } catch {
                notice = "\(error)"
                return
            }
        case .threshold(let threshold): keep = members.map { scores.standing[$0].map { $0 >= threshold } }
        }
        var smallest = Float.infinity
        for (number, keep) in zip(members, keep) {
            layers[number] = Layer(keep: keep, returns: [], kept: keep.count { $0 })
            for (stays, score) in zip(keep, scores.standing[number]) where stays { smallest = min(smallest, score) }
        }
        threshold = smallest.isFinite ? smallest : nil
    }

    /// What is to happen to each layer: what returns has the value that it had when it was cut.
    package func changes(_ candidates: [Candidates]) -> [MaskChange] {
        layers.enumerated().compactMap { number, layer in
            let held = candidates[number]
            let change = MaskChange(
                layer: number, drop: layer.keep.indices.filter { !layer.keep[$0] }.map(held.position),
                grow: layer.returns.map { MaskChange.Weight(held.lost[$0].index, held.lost[$0].value) })
            return change.isEmpty ? nil : change
        }
    }
}
