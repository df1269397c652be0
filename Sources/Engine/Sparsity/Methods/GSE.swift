import Descriptors

extension Methods {
    /// Guided stochastic exploration: candidates are drawn at random outside the mask, gradients exist at these alone, and the
    /// largest of them come. As many of the smallest |weights| go, none that just came.
    ///
    /// Time and memory follow from the weights that are there, whatever the size of the layer.
    ///
    /// Reference: Heddes et al. 2024, arXiv:2401.06898
    package struct GSE: LayerExchanging {
        package static let descriptor = Descriptor(
            name: "gse",
            summary: "Sparse from the start; of places drawn at random those of the largest gradients come",
            citation: "Heddes et al. 2024, arXiv:2401.06898",
            parameters: ExchangeClock.parameters(drop: 0.2, every: 1000, until: 0.6) + [
                Parameter(
                    "subset", "γ: candidates drawn for each weight that is there", .number(0.001...100),
                    default: .number(1))
            ])
        package static let watchesSteps = true

        package let clock: ExchangeClock
        package let subset: Double

        package init(_ arguments: Arguments) {
            clock = ExchangeClock(arguments)
            subset = arguments.number("subset")
        }

        package func exchanges(_ context: StepContext) -> Bool { clock.exchanges(context) }

        package func needs(of context: StepContext) -> [Need] {
            guard exchanges(context) else { return [] }
            return context.exchangeable.map { layer in
                let weights = context.weights(layer)
                // In floating point: more candidates than there are places are all of them.
                let count = min(Double(weights.total), subset * Double(weights.values.count))
                return .gradients(
                    layer: layer,
                    at: RandomPlaces.outside(
                        weights.indices, total: weights.total, count: Int(count), seed: context.seed, layer: layer,
                        step: context.step))
            }
        }

        package func exchange(_ layer: Int, _ context: StepContext) -> MaskChange? {
            let weights = context.weights(layer), found = context.found[layer] ?? []
            let share = clock.share(context)
            let count = min(found.count, whole(share, of: weights.values.count))
            return Exchange.change(
                layer: layer, drop: Exchange.smallest(count, of: weights).map(weights.position),
                grow: Exchange.largest(count, of: found))
        }
    }
}
