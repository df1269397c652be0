import Descriptors

extension Methods {
    /// The smallest |weights| of a layer go, as many come where the |gradient| of this step is largest.
    ///
    /// f = α / 2 · (1 + cos(π·t / T_end)); k = ⌊f · nnz⌋ of each layer. Such a step changes the masks in place of the weights.
    /// What was just dropped may grow again, and then keeps value and momentum; what is new begins at zero with empty slots.
    /// The dense gradient exists for a few rows at a time.
    ///
    /// Reference: Evci et al. 2020, arXiv:1911.11134
    package struct RigL: LayerExchanging {
        package static let descriptor = Descriptor(
            name: "rigl",
            summary: "Sparse from the start; the smallest weights go, others come where gradients are largest",
            citation: "Evci et al. 2020, arXiv:1911.11134",
            parameters: ExchangeClock.parameters(drop: 0.3, every: 100, until: 0.75))
        package static let watchesSteps = true

        package let clock: ExchangeClock

        package init(_ arguments: Arguments) { clock = ExchangeClock(arguments) }

        package func exchanges(_ context: StepContext) -> Bool { clock.exchanges(context) }

        package func replacesUpdate(_ context: StepContext) -> Bool { exchanges(context) }

        package func needs(of context: StepContext) -> [Need] {
            guard exchanges(context) else { return [] }
            return context.exchangeable.map { .growth(layer: $0, count: count($0, context)) }
        }

        /// k
        private func count(_ layer: Int, _ context: StepContext) -> Int {
            whole(clock.share(context), of: context.nnz[layer])
        }

        package func exchange(_ layer: Int, _ context: StepContext) -> MaskChange? {
            let weights = context.weights(layer), count = count(layer, context)
            let gone = Exchange.smallest(count, of: weights)
            return Exchange.change(
                layer: layer, drop: gone.map(weights.position), gradient: context.gradient(layer, of: gone),
                found: context.found[layer] ?? [], count: count)
        }
    }
}
