import Descriptors

extension Methods {
    /// Memory-economic sparse training: weights of the smallest |w| + λ·|g| go, others come at random, fewer as training
    /// goes on (elastic mutation). With a soft memory bound there are some more weights than the target between two exchanges:
    /// an exchange drops to the target and grows beyond it; the surplus halves on the way, and at the end it goes.
    ///
    /// Reference: Yuan et al. 2021, arXiv:2110.14032
    package struct MEST: LayerExchanging {
        package static let descriptor = Descriptor(
            name: "mest",
            summary: "Sparse from the start; weights of small value and gradient go, others come at random, ever fewer",
            citation: "Yuan et al. 2021, arXiv:2110.14032",
            parameters: [
                Parameter(
                    "drop", "Share of a layer's weights that goes; half of it from 'half' on", .number(0...1),
                    default: .number(0.3)),
                Parameter(
                    "gradient", "λ: what |gradient| counts beside |weight|", .number(0...1e6), default: .number(0.01)),
                Parameter(
                    "surplus", "Soft bound: density beyond the target between exchanges; half of it from 'half' on",
                    .number(0...0.5), default: .number(0)),
                Parameter(
                    "every", "Steps from one exchange to the next; 0: an epoch", .integer(0...Int.max),
                    default: .integer(0)),
                Parameter(
                    "half", "Share of the run's steps after which half as many are exchanged", .number(0...1),
                    default: .number(0.5)),
                Parameter(
                    "until", "Share of the run's steps after which nothing is exchanged", .number(0...1),
                    default: .number(0.75)),
            ])

        package let drop: Double
        package let gradient: Double
        package let surplus: Double
        package let every: Int
        package let half: Double
        package let until: Double

        package init(_ arguments: Arguments) {
            drop = arguments.number("drop")
            gradient = arguments.number("gradient")
            surplus = arguments.number("surplus")
            every = arguments.integer("every")
            half = arguments.number("half")
            until = arguments.number("until")
        }

        private func end(_ context: StepContext) -> Int { Int((until * Double(context.totalSteps)).rounded()) }

        package func exchanges(_ context: StepContext) -> Bool {
            let step = context.scheduleStep, end = end(context)
            if step <= 0 || step > end { return false }
            // The surplus goes at the end, whether `every` divides the way or not.
            if step == end { return surplus > 0 }
            return step % (every == 0 ? context.stepsPerEpoch : every) == 0
        }

        /// What is left of the drop and of the surplus, from this step on.
        private func factor(_ context: StepContext) -> Double {
            let step = Double(context.scheduleStep)
            if context.scheduleStep >= end(context) { return 0 }
            return step < half * Double(context.totalSteps) ? 1 : 0.5
        }

        package func exchange(_ layer: Int, _ context: StepContext) -> MaskChange? {
            let weights = context.weights(layer), live = weights.values.count
            let target = count(layer, context.schedule.final, context)
            let bound = count(layer, start(context.schedule.final, factor(context)), context)
            let free = weights.total - live
            let factor = factor(context)
            // Without a surplus as many go as come; with one what is beyond the target goes, and what the bound leaves room for comes.
            let gone = surplus > 0 ? max(0, live - target) : min(free, whole(drop * factor, of: live))
            let grown = surplus > 0 ? min(free, max(0, bound - (live - gone))) : gone
            let gradients = context.gradient(layer)
            let scores = weights.values.indices.map {
                abs(weights.values[$0]) + Float(gradient) * abs(gradients[$0])
            }
            let goes = Exchange.smallest(gone, of: scores)
            let places = RandomPlaces.outside(
                weights.indices, total: weights.total, count: grown, seed: context.seed, layer: layer,
                step: context.step)
            return MaskChange(
                layer: layer, drop: goes.indices.filter { goes[$0] }.map(weights.position),
                grow: places.map { MaskChange.Weight($0) })
        }

        /// Weights of a layer at a sparsity of the network, as a random start counts them.
        private func count(_ layer: Int, _ sparsity: Double, _ context: StepContext) -> Int {
            let counts = try? context.masker.drawnCounts(sparsity: sparsity, layers: context.layers, isRandom: true)
            return counts?[layer] ?? context.nnz[layer]
        }

        private func start(_ final: Double, _ factor: Double) -> Double { max(0, final - surplus * factor) }

        package func initialSparsity(_ schedule: any Schedule) -> Double? { start(schedule.final, 1) }
    }
}
