/// What is made of a mask before it is carried out: other weights of the same number, and new values of those that stay.
extension Masker {
    /// Where the better mask leaves no path from input to output, the mask stays as it was.
    func improved(_ cut: Cut, of layers: [ScoredLayer], pathGuard: PathGuard?) -> Cut {
        let isOfWeights = type(of: granularity).isSingleWeights
        let changed = layers.indices.filter { cut.keep[$0].contains(false) }
        var better = cut
        if let refinement, isOfWeights {
            for number in changed { better.keep[number] = refinement.refine(cut.keep[number], of: layers[number]) }
        }
        if let solver = criterion as? any SolvingCriterion {
            solve(&better, changed, of: layers, by: solver, chooses: isOfWeights && refinement == nil)
        }
        guard better.keep != cut.keep, cut.isJoined, let pathGuard else { return better }
        let isCut = pathGuard.weightsToSpare(layers.map(\.weights), stays: { better.keep[$0][$1] }) { _, live in
            (0, live)
        }
        if isCut == nil { return better }
        better = cut
        if let solver = criterion as? any SolvingCriterion {
            solve(&better, changed, of: layers, by: solver, chooses: false)
        }
        return better
    }

    /// - Parameter chooses: whether the criterion chooses anew which weights stay, as many as there are.
    private func solve(
        _ cut: inout Cut, _ numbers: [Int], of layers: [ScoredLayer], by solver: any SolvingCriterion, chooses: Bool
    ) {
        for number in numbers {
            let solved = solver.solve(
                layers[number], count: chooses ? cut.keep[number].count { $0 } : nil, given: cut.keep[number])
            cut.keep[number] = solved.keep
            cut.values[number] = solved.values
        }
    }
}
