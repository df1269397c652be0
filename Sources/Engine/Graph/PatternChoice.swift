import Kernels

// Which kernels run a layer with a mask.
extension WeightLayer {
    /// The pattern of a mask, by the costs where they are known. The choice changes no bit of any result.
    func chosenPattern(_ indices: [Int], team: Team? = nil) -> any WeightPattern {
        let density = Double(indices.count) / Double(max(map.weights, 1))
        if map.groups > 1, indices.count == map.weights,
            let full = groupedPattern(map: map, needsInputGradient: needsInputGradient)
        {
            return full
        }
        let chosen =
            map.groups > 1
            ? nil : costs?.densePasses(at: density, now: densePasses, needsInputGradient: needsInputGradient)
        // The costs are those of single weights. Blocks run faster, up to 80 % of the weights than dense kernels, too.
        if let chosen, !chosen.isEmpty,
            density > 0.8
                || structuredPattern(map: map, indices: indices, needsInputGradient: needsInputGradient) == nil
        {
            for passes in WeightLayer.passesByMemory(chosen) {
                let mixed = MixedPattern(
                    map: map, indices: indices, densePasses: passes, needsInputGradient: needsInputGradient, team: team)
                if WeightLayer.hasRoom(for: mixed) { return mixed }
            }
        }
        return sparsePattern(map: map, indices: indices, needsInputGradient: needsInputGradient, team: team)
    }

    /// Those with the copy, and where that takes too much memory (of few rows it is padded) those without.
    private static func passesByMemory(_ chosen: DensePasses) -> [DensePasses] {
        [chosen, chosen.intersection(.weightGradient)].filter { !$0.isEmpty }
    }

    /// A nonzero has at most 32 bytes: value, gradient, momentum, and 20 of a pattern.
    private static func hasRoom(for pattern: any WeightPattern) -> Bool { pattern.bytes <= 20 * pattern.nnz }

    /// Share of the weights that are there.
    package var density: Double { Double(nnz) / Double(max(map.weights, 1)) }

    /// Whether dense and sparse kernels compete for it: single weights, no groups, and not too few of them.
    package var hasChoice: Bool {
        map.groups == 1 && !isDense && density >= KernelCosts.leastDensity
            && (pattern is SparsePattern || pattern is MixedPattern)
    }

    /// A pattern of the same weights that can run any passes by dense kernels, to be tried out; nil where there is nothing to
    /// choose.
    /// - Complexity: O(weights); it has up to 16 bytes a nonzero more than those that stay.
    package func patternOfAllKernels() -> MixedPattern? {
        guard hasChoice, let indices = liveIndices() else { return nil }
        return MixedPattern(
            map: map, indices: indices, densePasses: densePasses, needsInputGradient: needsInputGradient,
            servesAll: true)
    }

    /// From now on by the kernels that the costs say, without what others read.
    /// - Parameter tried: from `patternOfAllKernels`, of the mask as it is.
    package func choose(from tried: MixedPattern, now: DensePasses) {
        let chosen = costs?.densePasses(at: density, now: now, needsInputGradient: needsInputGradient) ?? now
        let lean = WeightLayer.passesByMemory(chosen).map { tried.running($0).lean }
        exchange(lean.first(where: WeightLayer.hasRoom) ?? tried.running([]).lean)
    }

    /// The kernels that run a pass now; nil where it is not made.
    package func kernels(_ pass: WeightPass) -> KernelKind? {
        if pass == .inputGradient, !needsInputGradient { return nil }
        return densePasses.contains(pass) ? .dense : pattern is BlockPattern ? .blocks : .sparse
    }

    /// The passes that dense kernels run now.
    package var densePasses: DensePasses {
        switch pattern {
        case let mixed as MixedPattern: mixed.densePasses
        case is DensePattern, is GroupedPattern: .all
        case let table as TablePattern where table.isFull: .all
        case let depthwise as DepthwisePattern where depthwise.isFull: .all
        default: []
        }
    }
}

package enum KernelKind: String, Sendable {
    case dense, sparse, blocks
}
