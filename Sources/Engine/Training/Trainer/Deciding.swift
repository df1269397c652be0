import Graph
import Kernels
import Sparsity

/// What the recipe's method decides, and what it comes to with the guard of the path.
extension Trainer {
    /// What the guard did, so that a path from input to output stays.
    struct Sparing {
        /// Weights that were kept, or moved, for it.
        var weights = 0
        /// False where there was no path before either.
        var isJoined = true
    }

    /// What the method wants after the steps done so far. While a cut is held back it is asked nothing.
    package func decisions() -> [Decision] {
        if progress.heldSince != nil { return [] }
        memoryBefore = progress.methodMemory
        defer { keepMemory() }
        return method.respond(to: context())
    }

    /// The method is as it was before it was asked last.
    func forgetResponse() {
        progress.methodMemory = memoryBefore
        method = parts.method
        // It is what the method wrote.
        if let memoryBefore { try? method.setMemory(memoryBefore.text) }
    }

    /// Carries out what takes no weight away.
    package func transform(_ decision: Decision) {
        sparing = Sparing()
        switch decision {
        case .shrink(let amount, let divisor): shrink(by: amount, divisor: divisor)
        case .shrinkGroups(let amount): shrinkGroups(by: amount)
        case .densify: densify()
        case .remember: remember()
        case .rewind: rewind()
        case .cut, .dropZeros, .change: break
        }
    }

    /// What a decision takes away and brings, with the guard of the path; nil where it changes no mask.
    package func changes(for decision: Decision) throws -> [MaskChange]? {
        // What a transformation said of the path stays said.
        if decision.isTransformation { return nil }
        sparing = Sparing()
        switch decision {
        case .shrink, .shrinkGroups, .densify, .remember, .rewind: return nil
        case .dropZeros:
            let weights = liveWeights()
            var keep = weights.map { layer in layer.values.map { $0 != 0 || layer.isProtected } }
            guard keep.contains(where: { $0.contains(false) }) else { return nil }
            let spared = pathGuard.weightsToSpare(weights, stays: { keep[$0][$1] }) {
                (abs(weights[$0].values[$1]), $1)
            }
            switch spared {
            case nil: break
            case .impossible: sparing.isJoined = false
            case .path(let saved, let whole):
                sparing.isJoined = whole.allSatisfy { weights[$0.layer].values[$0.live] != 0 }
                for weight in saved { keep[weight.layer][weight.live] = true }
                sparing.weights = saved.count
            }
            return changes(keep)
        case .cut(let sparsity):
            let weights = liveWeights()
            let cut = try parts.masker.cut(
                sparsity: sparsity, final: parts.schedule.final, layers: weights, seed: plan.recipe.seed,
                step: progress.step, pathGuard: pathGuard,
                facts: parts.masker.needs.isEmpty ? nil : calibration())
            sparing = Sparing(weights: cut.spared, isJoined: cut.isJoined)
            let changes = weights.indices.compactMap {
                MaskChange(layer: $0, keep: cut.keep[$0], of: weights[$0], values: cut.values[$0])
            }
            return changes.isEmpty ? nil : changes
        case .change(let changes):
            let changes = joining(changes.filter { !$0.isEmpty })
            return changes.isEmpty ? nil : changes
        }
    }

    /// The same changes, but for weights of the strongest path that stay where none would be left.
    private func joining(_ changes: [MaskChange]) -> [MaskChange] {
        guard changes.contains(where: { !$0.drop.isEmpty }), !staysJoined(changes) else { return changes }
        let weights = liveWeights()
        var goes = [[Bool]?](repeating: nil, count: weights.count)
        for change in changes { goes[change.layer] = Self.flags(weights[change.layer], change.drop) }
        let spared = pathGuard.weightsToSpare(weights, stays: { goes[$0]?[$1] != true }) {
            (abs(weights[$0].values[$1]), $1)
        }
        guard case .path(let saved, _)? = spared else {
            if case .impossible? = spared { sparing.isJoined = false }
            return changes
        }
        sparing.weights = saved.count
        let kept = Dictionary(grouping: saved, by: \.layer)
        return changes.map { change in
            guard let saved = kept[change.layer] else { return change }
            let positions = Set(saved.map { weights[change.layer].position($0.live) })
            var change = change
            let isExchange = change.drop.count == change.grow.count
            change.drop.removeAll(where: positions.contains)
            // As many stay out as stay in.
            if isExchange { change.grow.removeLast(change.grow.count - change.drop.count) }
            return change
        }
    }

    /// Whether a path stays without what is dropped. One that was found is held, and looked at first.
    private func staysJoined(_ changes: [MaskChange]) -> Bool {
        var drops = [[Int]](repeating: [], count: network.layers.count)
        for change in changes { drops[change.layer] = change.drop }
        let layers = network.layers.map { (indices: $0.liveIndices(), order: $0.rowMajorOrder(), values: $0.values) }
        func value(_ number: Int, _ live: Int) -> Float { layers[number].values[Int(layers[number].order[live])] }
        func stays(_ number: Int, _ position: Int) -> Bool {
            let drop = drops[number], place = drop.firstPlace(notBelow: position)
            return place == drop.count || drop[place] != position
        }
        let isHeld = heldPath?.allSatisfy { number, position in
            guard number < layers.count, stays(number, position) else { return false }
            guard let indices = layers[number].indices else { return value(number, position) != 0 }
            let live = indices.firstPlace(notBelow: position)
            return live < indices.count && indices[live] == position && value(number, live) != 0
        }
        if isHeld == true { return true }
        // One of large weights, as twice the mean, lasts longest.
        let large = layers.map { layer in
            2 * layer.order.reduce(0) { $0 + abs(layer.values[Int($1)]) } / Float(max(1, layer.order.count))
        }
        let masks = layers.map { PathLayer(indices: $0.indices) }
        func path(_ isEnough: (_ layer: Int, _ value: Float) -> Bool) -> [(layer: Int, live: Int)]? {
            pathGuard.path(masks) { number, live in
                isEnough(number, value(number, live)) && stays(number, layers[number].indices?[live] ?? live)
            }
        }
        let found = path { abs($1) > large[$0] } ?? path { $1 != 0 }
        heldPath = found?.map { ($0.layer, layers[$0.layer].indices?[$0.live] ?? $0.live) }
        return found != nil
    }

    /// A flag for each live weight: whether its position is among these, which ascend.
    private static func flags(_ weights: LiveWeights, _ positions: [Int]) -> [Bool] {
        var flags = [Bool](repeating: false, count: weights.values.count)
        var next = 0
        for live in flags.indices where next < positions.count && weights.position(live) == positions[next] {
            flags[live] = true
            next += 1
        }
        return flags
    }

    package func liveWeights() -> [LiveWeights] { network.layers.indices.map(liveWeights) }

    func liveWeights(_ number: Int) -> LiveWeights {
        let live = network.layers[number].live(withSlots: false), layer = plan.layers[number]
        return LiveWeights(layer, indices: live.indices, values: live.values)
    }

    // MARK: Targets

    /// Zeros that a target asks for and that are not there, by ranking.
    func missing(_ target: Double) -> [(asked: Asked, missing: Int)] {
        let live = network.layers.map(\.nnz)
        // The plan has made sure that the distribution's layers exist.
        let asked = try? parts.masker.asked(target, final: parts.schedule.final, layers: plan.layers)
        return (asked ?? []).map { ($0, $0.missing(live)) }.filter { $0.missing > 0 }
    }

    /// The sparsity of the whole network that a target asks for.
    func askedSparsity(_ target: Double) -> Double {
        (try? parts.masker.askedSparsity(target, final: parts.schedule.final, layers: plan.layers)) ?? target
    }

    /// A hold that an earlier version wrote down: its clock ran on. The schedule goes on at the first update that asks for
    /// more than there is.
    func stopClock() {
        guard progress.heldTarget != nil, progress.heldSince == nil else { return }
        let schedule = parts.schedule
        var update = method.nextCut(after: -1, schedule: schedule)
        while let step = update, step < progress.step,
            missing(method.target(at: step, schedule: schedule) ?? 0).isEmpty
        {
            update = method.nextCut(after: step, schedule: schedule)
        }
        guard let update, update <= progress.step, let target = method.target(at: update, schedule: schedule) else {
            progress.heldTarget = nil
            return
        }
        progress.hold(target)
        progress.scheduleDelay = progress.step - update
    }
}
