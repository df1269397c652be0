/// The kinds of pattern that a mask may have besides single weights, in order of preference. A new kind is one line.
///
/// N weights in every M columns are single weights: kernels of a fixed trip count took 1.15 times as long a training step (2 of
/// 4, 1024 × 1024, batch 128), for their inputs have no tiles.
private let kinds: [@Sendable (WeightMap, [Int], Bool) -> (any WeightPattern)?] = [
    // With fewer than two rows to a column most groups are one row, and that runs no faster than single weights. Of a
    // linear layer (1024 × 1024, blocks of four rows, batch 128) a training step takes two thirds of the time of single
    // weights; of an image (64 channels of 28 × 28) more than they do: half as much again at 50 % zeros, twice at 90 %.
    {
        $0.forward.isFlat
            ? BlockPattern(map: $0, indices: $1, needsInputGradient: $2, rowsPerColumn: 2) : nil
    }
]

/// The pattern whose kernels suit a mask: the first kind that fits its structure, else single weights.
/// - Parameters:
///   - indices: ascending row-major positions of the weights.
///   - team: that the work is shared among.
/// - Complexity: O(nnz + rows + channels); a kind that does not fit costs no more than finding that out.
package func sparsePattern(
    map: WeightMap, indices: [Int], needsInputGradient: Bool, team: Team? = nil
) -> any WeightPattern {
    if map.groups > 1, map.channelsPerGroup == 1 {
        return DepthwisePattern(map: map, indices: indices, needsInputGradient: needsInputGradient)
    }
    return structuredPattern(map: map, indices: indices, needsInputGradient: needsInputGradient)
        ?? SparsePattern(map: map, indices: indices, needsInputGradient: needsInputGradient, team: team)
}

/// The first kind that fits a mask's structure; nil where it is one of single weights.
package func structuredPattern(map: WeightMap, indices: [Int], needsInputGradient: Bool) -> (any WeightPattern)? {
    // They have no form for rows that read different channels.
    guard map.groups == 1, !indices.isEmpty else { return nil }
    for kind in kinds {
        if let pattern = kind(map, indices, needsInputGradient) { return pattern }
    }
    return nil
}

/// The pattern of all weights of a convolution of several groups: packed by groups or rows of taps; nil where the kernels of
/// single weights are faster.
package func groupedPattern(map: WeightMap, needsInputGradient: Bool) -> (any WeightPattern)? {
    if map.channelsPerGroup == 1 { return DepthwisePattern(map: map, needsInputGradient: needsInputGradient) }
    return GroupedPattern.suits(map) ? GroupedPattern(map: map) : nil
}
