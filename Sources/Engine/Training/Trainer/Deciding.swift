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
        return plan.parts.method.decisions(
            after: progress.scheduleStep, learningRate: rate(after: max(0, progress.step - 1)),
            schedule: plan.parts.schedule)
    }

    /// The flags of the live weights that a decision keeps, or nil where it changes no mask.
    package func masks(for decision: Decision) throws -> [[Bool]]? {
        sparing = Sparing()
        switch decision {
        case .shrink(let amount):
            shrink(by: amount)
            return nil
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
            return keep
        case .cut(let sparsity):
            let cut = try plan.parts.masker.cut(
                sparsity: sparsity, final: plan.parts.schedule.final, layers: liveWeights(), seed: plan.recipe.seed,
                step: progress.step, pathGuard: pathGuard)
            sparing = Sparing(weights: cut.spared, isJoined: cut.isJoined)
            return cut.keep.contains { $0.contains(false) } ? cut.keep : nil
        }
    }

    private func liveWeights() -> [LiveWeights] {
        zip(network.layers, plan.layers).map { layer, planned in
            let live = layer.live(withSlots: false)
            return LiveWeights(
                name: layer.name, rows: layer.map.rows, columns: layer.map.columns,
                kernelArea: layer.map.taps, indices: live.indices, values: live.values,
                mayVanish: layer.mayVanish, isOutput: layer.isOutput,
                isProtected: !layer.isPrunable, heads: planned.heads)
        }
    }

    // MARK: Targets

    /// Zeros that a target asks for and that are not there, by ranking.
    func missing(_ target: Double) -> [(asked: Asked, missing: Int)] {
        let live = network.layers.map(\.nnz)
        // The plan has made sure that the distribution's layers exist.
        let asked = try? plan.parts.masker.asked(target, final: plan.parts.schedule.final, layers: plan.layers)
        return (asked ?? []).map { ($0, $0.missing(live)) }.filter { $0.missing > 0 }
    }

    /// The sparsity of the whole network that a target asks for.
    func askedSparsity(_ target: Double) -> Double {
        (try? plan.parts.masker.askedSparsity(target, final: plan.parts.schedule.final, layers: plan.layers)) ?? target
    }

    /// A hold that an earlier version wrote down: its clock ran on. The schedule goes on at the first update that asks for
    /// more than there is.
    func stopClock() {
        guard progress.heldTarget != nil, progress.heldSince == nil else { return }
        let method = plan.parts.method, schedule = plan.parts.schedule
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
