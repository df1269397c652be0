import Descriptors

extension Methods {
    /// Sparse evolutionary training: after each epoch the weights nearest to zero go, as many come at random.
    ///
    /// Of the positive weights the share ζ that is smallest goes, of the negative ones the share that is largest, and with them
    /// every weight that is exactly zero; exactly as many come, at value zero, at places drawn outside the mask.
    ///
    /// Reference: Mocanu et al. 2018, arXiv:1707.04780
    package struct SET: LayerExchanging {
        package static let descriptor = Descriptor(
            name: "set",
            summary: "Sparse from the start; each epoch the weights nearest to zero go, others come at random",
            citation: "Mocanu et al. 2018, arXiv:1707.04780",
            parameters: [
                Parameter(
                    "drop", "ζ: share of the positive and of the negative weights that goes", .number(0...1),
                    default: .number(0.3)),
                Parameter(
                    "every", "Steps from one exchange to the next; 0: an epoch", .integer(0...Int.max),
                    default: .integer(0)),
            ])

        package let drop: Double
        package let every: Int

        package init(_ arguments: Arguments) {
            drop = arguments.number("drop")
            every = arguments.integer("every")
        }

        package func exchanges(_ context: StepContext) -> Bool {
            let step = context.scheduleStep
            // After the last step a change would never be trained.
            return step > 0 && step < context.totalSteps
                && step % (every == 0 ? context.stepsPerEpoch : every) == 0
        }

        package func exchange(_ layer: Int, _ context: StepContext) -> MaskChange? {
            let weights = context.weights(layer), values = weights.values
            let goes = Self.nearestToZero(values, share: drop)
            let free = weights.total - values.count
            var gone = values.indices.filter { goes[$0] }
            // Of a layer with few places left no more go than can come.
            if gone.count > free {
                let fewest = Exchange.smallest(free, of: gone.map { abs(values[$0]) })
                gone = gone.indices.filter { fewest[$0] }.map { gone[$0] }
            }
            let places = RandomPlaces.outside(
                weights.indices, total: weights.total, count: gone.count, seed: context.seed, layer: layer,
                step: context.step)
            return MaskChange(
                layer: layer, drop: gone.map(weights.position), grow: places.map { MaskChange.Weight($0) })
        }

        /// A flag for each weight. Ties: the earliest goes.
        package static func nearestToZero(_ values: [Float], share: Double) -> [Bool] {
            var goes = values.map { $0 == 0 }
            for isPositive in [true, false] {
                let members = values.indices.filter { isPositive ? values[$0] > 0 : values[$0] < 0 }
                let flags = Exchange.smallest(
                    whole(share, of: members.count), of: members.map { abs(values[$0]) })
                for (member, flag) in zip(members, flags) where flag { goes[member] = true }
            }
            return goes
        }
    }
}
