import Descriptors

extension Methods {
    /// RigL with as many weights in every row of a layer (constant fan-in), and with neurons that go.
    ///
    /// The K smallest |weights| of a layer go, and the K largest |gradients| outside are its candidates. A weight that stays and
    /// a candidate are salient; a neuron with fewer than γ · fan-in of them is ablated, and the others share what the layer
    /// may have. Then each row grows where its gradients are largest until it has its fan-in. At most half of the neurons go at
    /// once; those of the output never do, and one without weights stays without.
    ///
    /// Reference: Lasby et al. 2023, arXiv:2305.02299
    package struct SRigL: LayerExchanging {
        package static let descriptor = Descriptor(
            name: "srigl", summary: "RigL with equally many weights in every row; neurons with few salient ones go",
            citation: "Lasby et al. 2023, arXiv:2305.02299",
            parameters: ExchangeClock.parameters(drop: 0.3, every: 100, until: 0.75) + [
                Parameter(
                    "ablate", "γ: salient weights, as a share of the fan-in, that a neuron needs; 0: all stay",
                    .number(0...1), default: .number(0.3))
            ])
        package static let watchesSteps = true

        package let clock: ExchangeClock
        package let ablate: Double

        package init(_ arguments: Arguments) {
            clock = ExchangeClock(arguments)
            ablate = arguments.number("ablate")
        }

        package func exchanges(_ context: StepContext) -> Bool { clock.exchanges(context) }

        package func replacesUpdate(_ context: StepContext) -> Bool { exchanges(context) }

        package func needs(of context: StepContext) -> [Need] {
            guard exchanges(context) else { return [] }
            return context.exchangeable.map { layer in
                let rows = Rows(context.weights(layer))
                let fanIn = self.fanIn(layer, active: rows.active, context)
                return .rowGrowth(
                    layer: layer, count: whole(clock.share(context), of: context.nnz[layer]),
                    // Half of the neurons at most go, so a row gets no more than twice as many.
                    each: min(context.layers[layer].columns, 2 * fanIn + 1))
            }
        }

        /// Where each row's live weights begin and end.
        private struct Rows {
            let ranges: [Range<Int>]

            init(_ weights: LiveWeights) {
                var ranges: [Range<Int>] = [], live = 0
                for row in 0..<weights.rows {
                    let start = live
                    while live < weights.values.count, weights.position(live) < (row + 1) * weights.columns {
                        live += 1
                    }
                    ranges.append(start..<live)
                }
                self.ranges = ranges
            }

            var active: Int { ranges.count { !$0.isEmpty } }
        }

        /// Of each of the rows that share what the distribution gives the layer.
        private func fanIn(_ layer: Int, active: Int, _ context: StepContext) -> Int {
            let counts = try? context.masker.drawnCounts(
                sparsity: context.schedule.final, layers: context.layers, isRandom: true)
            let count = counts?[layer] ?? context.nnz[layer]
            return min(context.layers[layer].columns, max(1, count / max(1, active)))
        }

        package func exchange(_ layer: Int, _ context: StepContext) -> MaskChange? {
            let weights = context.weights(layer), rows = Rows(weights)
            let count = whole(clock.share(context), of: weights.values.count)
            var goes = Exchange.smallest(count, of: weights.values.map { abs($0) })
            let gone = Exchange.flagged(goes, weights, gradient: context.gradient(layer))
            let candidates = Exchange.merged(gone, context.found[layer] ?? [])

            var salient = rows.ranges.map { range in range.count { !goes[$0] } }
            for weight in Exchange.largest(count, of: candidates) { salient[weight.position / weights.columns] += 1 }
            let active = rows.ranges.indices.filter { !rows.ranges[$0].isEmpty }
            let fanIn = self.fanIn(layer, active: active.count, context)
            let ablated = ablated(active, salient, fanIn: fanIn, weights)
            let shared = self.fanIn(layer, active: active.count - ablated.count, context)

            var grown: [MaskChange.Weight] = []
            var next = 0
            for (row, range) in rows.ranges.enumerated() {
                let first = next
                while next < candidates.count, candidates[next].position < (row + 1) * weights.columns { next += 1 }
                if range.isEmpty { continue }
                if ablated.contains(row) {
                    for live in range { goes[live] = true }
                    continue
                }
                let kept = range.filter { !goes[$0] }
                if kept.count >= shared {
                    // More than its share: the smallest of the row go, too.
                    let flags = Exchange.smallest(kept.count - shared, of: kept.map { abs(weights.values[$0]) })
                    for (live, flag) in zip(kept, flags) where flag { goes[live] = true }
                } else {
                    grown += Exchange.largest(shared - kept.count, of: Array(candidates[first..<next]))
                }
            }
            return Exchange.change(
                layer: layer, drop: goes.indices.filter { goes[$0] }.map(weights.position), grow: grown)
        }

        private func ablated(_ active: [Int], _ salient: [Int], fanIn: Int, _ weights: LiveWeights) -> Set<Int> {
            if weights.isOutput { return [] }
            let few = active.filter { Double(salient[$0]) < ablate * Double(fanIn) }
            return Set(few.sorted { (salient[$0], $0) < (salient[$1], $1) }.prefix(active.count / 2))
        }
    }
}
