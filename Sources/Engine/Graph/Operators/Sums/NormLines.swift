/// What a normalisation of single samples goes over, for those that compute it in other numbers: outer · inner lines of `count` values
/// that lie `inner` apart.
package struct NormLines: Sendable, Equatable {
    package let outer: Int
    package let count: Int
    package let inner: Int
    /// Value v, in row-major order, has parameter (v / stride) mod parameters.
    package let stride: Int
    package let parameters: Int
    package let epsilon: Float
    /// Whether the mean is subtracted.
    package let centers: Bool

    /// Nil of any other operator.
    package init?(_ op: any Operator, input: Shape) {
        guard let plan = try? (op as? any NormOperator)?.plan(input) else { return nil }
        var axes = input.axes
        if let groups = plan.split { axes.replaceSubrange(0..<1, with: [groups, axes[0] / groups]) }
        let (first, last) = (plan.summed[0], plan.summed[plan.summed.count - 1])
        outer = axes[..<first].reduce(1, *)
        count = axes[first...last].reduce(1, *)
        inner = axes[(last + 1)...].reduce(1, *)
        stride = plan.isByPoint ? inner : input.features / max(1, input.channels)
        parameters = plan.isByPoint ? count : input.channels
        epsilon = plan.epsilon
        centers = plan.centers
    }
}
