/// A criterion that, besides choosing which weights of a layer stay, gives those new values, so that the layer's outputs stay as
/// near as they can to what they were. Its `scores` choose where a granularity cuts more than single weights.
package protocol SolvingCriterion: Criterion {
    /// - Parameter choice: of the group's live weights.
    /// - Returns: (rows, columns): which weights stay, and their values; zero elsewhere. A weight that is not live must not stay.
    func solve(_ group: RowGroup, _ choice: WeightChoice) -> (keep: [Bool], values: [Double])
}

/// Which weights are to stay.
package enum WeightChoice: Sendable {
    /// So many, whichever the criterion chooses.
    case count(Int)
    /// These, (rows, columns).
    case given([Bool])
}

extension SolvingCriterion {
    package static var scope: RankingScope { .layer }
    package var needs: [Need] { [.inputGram] }

    /// New values of the live weights that stay, in their order.
    package func values(of layer: ScoredLayer, keeping: [Bool]) -> [Float] {
        solve(layer, count: nil, given: keeping).values
    }

    /// A layer, group by group; a count is split over groups by their live weights.
    func solve(_ layer: ScoredLayer, count: Int?, given: [Bool]) -> (keep: [Bool], values: [Float]) {
        let groups = layer.rowGroups
        let masks = layer.byGroup(given)
        var left = count ?? 0, live = groups.reduce(0) { $0 + $1.isLive.count { $0 } }
        var keeps: [[Bool]] = [], values: [[Double]] = []
        for (group, mask) in zip(groups, masks) {
            let own = group.isLive.count { $0 }
            let share = live == 0 ? 0 : Int((Double(left) * Double(own) / Double(live)).rounded())
            left -= share
            live -= own
            let solved = solve(group, count == nil ? .given(mask) : .count(share))
            keeps.append(solved.keep)
            values.append(solved.values)
        }
        let keep = layer.ofLive(keeps)
        return (keep, zip(layer.ofLive(values), keep).filter(\.1).map { Float($0.0) })
    }
}
