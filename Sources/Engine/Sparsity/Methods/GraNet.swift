import Descriptors

extension Methods {
    /// Gradual pruning with zero-cost neuroregeneration: at each update of the schedule masks are cut to its target, and then of
    /// what is left the share `drop` of each layer that is smallest goes and as many come where the gradient of this step is largest.
    ///
    /// What was just cut may come back, and then keeps value and momentum. Weights are counted, never compared with a threshold,
    /// so a threshold of zero keeps no zeros. It starts sparse where the schedule does at step 0, else dense; the share falls
    /// along half a cosine over the whole run.
    ///
    /// Reference: Liu et al. 2021, arXiv:2106.10404
    package struct GraNet: Exchanging {
        package static let descriptor = Descriptor(
            name: "granet",
            summary:
                "Cut gradually, and at each update exchange the smallest weights for those of the largest gradients",
            citation: "Liu et al. 2021, arXiv:2106.10404",
            parameters: [
                Parameter(
                    "drop", "Share of a layer's weights that the first update exchanges", .number(0...1),
                    default: .number(0.5)),
                Parameter(
                    "until", "Share of the run's steps over which the share falls to nothing", .number(0.01...1),
                    default: .number(1)),
            ])
        package static let watchesSteps = true

        package let clock: ExchangeClock

        package init(_ arguments: Arguments) {
            clock = ExchangeClock(
                drop: arguments.number("drop"), every: 1, until: arguments.number("until"))
        }

        package func exchanges(_ context: StepContext) -> Bool {
            context.scheduleStep > 0 && context.schedule.updates(at: context.scheduleStep)
        }

        package func needs(of context: StepContext) -> [Need] {
            guard exchanges(context) else { return [] }
            // Of fewer weights it will be fewer.
            return context.exchangeable.compactMap { layer in
                let count = whole(share(context), of: context.nnz[layer])
                return count > 0 ? .growth(layer: layer, count: count) : nil
            }
        }

        private func share(_ context: StepContext) -> Double {
            context.scheduleStep < clock.end(of: context.totalSteps) ? clock.share(context) : 0
        }

        package mutating func respond(to context: StepContext) -> [Decision] {
            if context.scheduleStep == 0 {
                return initialSparsity(context.schedule).map { [.cut(sparsity: $0)] } ?? []
            }
            guard exchanges(context) else { return [] }
            let weights = context.layers.indices.map(context.weights)
            let target = context.schedule.sparsity(at: context.scheduleStep)
            // `require` has seen to it that the criterion needs nothing and the distribution's layers exist.
            let keep = try! context.masker.masks(
                sparsity: target, final: context.schedule.final, layers: weights, seed: context.seed,
                step: context.step)
            let changes = weights.indices.map { layer in
                change(layer, weights[layer], keep: keep[layer], context)
            }.filter { !$0.isEmpty }
            return changes.isEmpty ? [] : [.change(changes)]
        }

        private func change(
            _ layer: Int, _ weights: LiveWeights, keep: [Bool], _ context: StepContext
        ) -> MaskChange {
            var goes = keep.map { !$0 }
            var grown: [MaskChange.Weight] = []
            if !weights.isProtected, !weights.isFrozen {
                let kept = keep.indices.filter { keep[$0] }
                let count = whole(share(context), of: kept.count)
                let smallest = Exchange.smallest(count, of: kept.map { abs(weights.values[$0]) })
                for (live, isSmall) in zip(kept, smallest) where isSmall { goes[live] = true }
                let gone = Exchange.flagged(goes, weights, gradient: context.gradient(layer))
                grown = Exchange.largest(count, of: Exchange.merged(gone, context.found[layer] ?? []))
            }
            return Exchange.change(
                layer: layer, drop: goes.indices.filter { goes[$0] }.map(weights.position), grow: grown)
        }

        package func exchange(_ layers: [Int], _ context: StepContext) -> [MaskChange] { [] }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { schedule.nextUpdate(after: step) }

        package func target(at step: Int, schedule: any Schedule) -> Double? { schedule.sparsity(at: step) }

        package func lastCut(_ schedule: any Schedule) -> Int? { schedule.lastUpdate }

        package func initialSparsity(_ schedule: any Schedule) -> Double? {
            let sparsity = schedule.sparsity(at: 0)
            return sparsity > 0 ? sparsity : nil
        }

        package func require(_ layers: [LiveWeights], masker: Masker) throws {
            try requireSingleWeights(masker)
            guard masker.criterion.needs.isEmpty else {
                throw ArgumentError.outOfRange(
                    name: "criterion", of: "method \(Self.descriptor.name)",
                    value: type(of: masker.criterion).descriptor.name,
                    accepted: "one that looks at weights alone, as magnitude does")
            }
        }
    }
}
