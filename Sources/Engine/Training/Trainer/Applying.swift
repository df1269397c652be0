import Graph
import Sparsity

/// The one place where masks change, whoever decided it.
extension Trainer {
    /// Carries out changes, at most one a layer.
    /// - Parameters:
    ///   - event: number in the history.
    ///   - threshold: what a person cut at; nil: the smallest weight that stays.
    package func apply(_ changes: [MaskChange], event: Int, threshold: Float? = nil) {
        kernels?.maskWillChange()
        let slots = slotsOfGrown
        for change in changes where !change.isEmpty {
            let layer = network.layers[change.layer]
            if change.values == nil, slots == nil || !layer.isLatent {
                let count = layer.nnz - change.drop.count + change.grow.count
                maskIsSet(change.layer, nonzeros: count == layer.map.weights ? nil : count)
                layer.change(
                    drop: change.drop, grow: change.grow.map(\.position), values: change.grow.map(\.value),
                    team: network.team)
            } else {
                set(
                    change.layer,
                    layer.live().applying(
                        change, total: layer.map.weights,
                        slots: layer.isLatent ? slots.map { slots in { slots(change.layer, $0) } } : nil))
            }
            explore(change)
            auditor?.allow([
                LayerState(name: layer.name, arrays: layer.live(), total: layer.map.weights, rows: layer.map.rows)
            ])
            if change.drop.isEmpty, threshold == nil { continue }
            let smallest = threshold ?? layer.leastMagnitude()
            progress.lastCuts[layer.name] = LayerStatus.LastCut(
                threshold: smallest.isFinite ? smallest : 0, event: event)
        }
        kernels?.times.save()
        progress.maskVersion += 1
        changesApplied(changes, event)
    }

    private func changesApplied(_ changes: [MaskChange], _ event: Int) {
        self.changes.note(changes, step: progress.step, event: event)
    }

    /// Drops the live weights whose flag is not set.
    package func drop(_ keep: [[Bool]], event: Int) {
        apply(changes(keep), event: event)
    }

    /// Of flags of the live weights of each layer.
    func changes(_ keep: [[Bool]]) -> [MaskChange] {
        keep.enumerated().compactMap { number, keep in
            keep.contains(false) ? MaskChange(layer: number, keep: keep, of: liveWeights(number)) : nil
        }
    }

    /// Live weights that changes take away, with their values: what a person may bring back.
    package func removal(_ changes: [MaskChange], event: Int, id: Int) -> Removal {
        var removal = Removal(id: id, event: event, step: progress.step, layers: [])
        for change in changes where !change.drop.isEmpty {
            let layer = network.layers[change.layer], live = layer.live(withSlots: false)
            var values: [Float] = []
            var dropped = change.drop[...]
            for place in live.values.indices where dropped.first == live.indices?[place] ?? place {
                values.append(live.values[place])
                dropped.removeFirst()
            }
            removal.layers.append(Removal.Layer(name: layer.name, indices: change.drop, values: values))
        }
        return removal
    }

    /// Every weight of the layers that may be cut, those that come with value zero; the optimizer forgets.
    func densify() {
        kernels?.maskWillChange()
        for (number, layer) in network.layers.enumerated() where layer.isPrunable && layer.nnz < layer.map.weights {
            var arrays = layer.live()
            func spread(_ array: [Float]) -> [Float] {
                var all = [Float](repeating: 0, count: layer.map.weights)
                for (index, value) in zip(arrays.indices ?? [], array) { all[index] = value }
                return all
            }
            arrays.values = spread(arrays.values)
            arrays.slots = arrays.slots.map(spread)
            arrays.indices = nil
            set(number, arrays)
            auditor?.allow([
                LayerState(name: layer.name, arrays: arrays, total: layer.map.weights, rows: layer.map.rows)
            ])
        }
        kernels?.times.save()
        forget()
        // All that was cut is there: nothing could come back.
        progress.removals = []
        progress.maskVersion += 1
    }

    /// Clears the optimizer's state of all that is trained, and its count of steps: a mean that begins at zero is corrected as one that
    /// began there.
    package func forget() {
        progress.forgotAt = progress.step
        let own = type(of: plan.parts.optimizer).slots
        for layer in network.layers {
            for slot in layer.slots[..<own] + layer.biasSlots { slot.zero() }
        }
        for parameter in network.trained { for slot in parameter.slots { slot.zero() } }
    }
}
