import Descriptors

/// How the scores of a group become one score. Each norm is divided by what the group's size alone would add, so
/// that a neuron of 784 weights and one of 100 can stand in one ranking.
package enum GroupNorm: String, CaseIterable, Sendable {
    /// mean |score|
    case l1
    /// √(mean score²)
    case l2
    /// largest |score|
    case max

    static let parameter = Parameter(
        "norm", "How the scores of a group's live weights become one: mean, root mean square or largest",
        .choice(allCases.map(\.rawValue)), default: .text(GroupNorm.l1.rawValue))

    init(_ arguments: Arguments) {
        // The descriptor accepts no other text.
        self = GroupNorm(rawValue: arguments.text("norm"))!
    }

    /// - Complexity: O(scores), summed in Double so that large groups lose no digits.
    func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
        let count = Int((groups.max() ?? -1) + 1)
        var sums = [Double](repeating: 0, count: count)
        var sizes = [Double](repeating: 0, count: count)
        for (score, group) in zip(scores, groups) where group >= 0 {
            let value = Double(abs(score))
            let group = Int(group)
            sizes[group] += 1
            switch self {
            case .l1: sums[group] += value
            case .l2: sums[group] += value * value
            case .max: sums[group] = Swift.max(sums[group], value)
            }
        }
        return zip(sums, sizes).map { sum, size in
            switch self {
            case .l1: Float(sum / size)
            case .l2: Float((sum / size).squareRoot())
            case .max: Float(sum)
            }
        }
    }
}
