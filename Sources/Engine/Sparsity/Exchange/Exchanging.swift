import Descriptors

/// A method that starts sparse at the schedule's final figure and exchanges weights for others on the way, layer by layer.
///
/// Its clock is the schedule's, which stands while the floor holds. It remembers nothing: what is exchanged follows from the
/// step and the weights, so that a resume in the middle gives the same bytes.
package protocol Exchanging: Method {
    /// Whether weights are exchanged once the steps that the context counts are done.
    func exchanges(_ context: StepContext) -> Bool
    /// What is exchanged in these layers, at most one change each. It must leave out weights that it would drop and grow: they keep
    /// value and momentum.
    func exchange(_ layers: [Int], _ context: StepContext) -> [MaskChange]
}

/// A method that looks at one layer at a time.
package protocol LayerExchanging: Exchanging {
    /// What is exchanged in one layer, as `Exchanging` says.
    func exchange(_ layer: Int, _ context: StepContext) -> MaskChange?
}

extension LayerExchanging {
    package func exchange(_ layers: [Int], _ context: StepContext) -> [MaskChange] {
        layers.compactMap { exchange($0, context) }
    }
}

extension Exchanging {
    package static var usesSchedule: Bool { true }
    package static var startsRandom: Bool { true }

    package mutating func respond(to context: StepContext) -> [Decision] {
        // A network that was given its weights is cut; one whose masks were drawn has nothing to cut.
        if context.scheduleStep == 0 { return [.cut(sparsity: initialSparsity(context.schedule)!)] }
        guard exchanges(context) else { return [] }
        let changes = exchange(context.exchangeable, context).filter { !$0.isEmpty }
        return changes.isEmpty ? [] : [.change(changes)]
    }

    package func nextCut(after step: Int, schedule: any Schedule) -> Int? { step < 0 ? 0 : nil }

    package func target(at step: Int, schedule: any Schedule) -> Double? { schedule.final }

    package func lastCut(_ schedule: any Schedule) -> Int? { 0 }

    package func initialSparsity(_ schedule: any Schedule) -> Double? { schedule.final }

    package func require(_ layers: [LiveWeights], masker: Masker) throws { try requireSingleWeights(masker) }

    func requireSingleWeights(_ masker: Masker) throws {
        let granularity = type(of: masker.granularity)
        guard !granularity.isSingleWeights else { return }
        let accepted = Granularities.all.filter { $0.isSingleWeights }.map { $0.descriptor.name }
        throw ArgumentError.outOfRange(
            name: "granularity", of: "method \(Self.descriptor.name)", value: granularity.descriptor.name,
            accepted: accepted.joined(separator: ", ") + ": it drops and grows single weights")
    }
}

extension StepContext {
    /// Layers whose masks may change and whose weights are trained.
    var exchangeable: [Int] {
        layers.indices.filter { !layers[$0].isProtected && !layers[$0].isFrozen && nnz[$0] > 0 }
    }
}
