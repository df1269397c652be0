extension AxisStrides {
    /// The axes in another order: axis i of the result is `order[i]` of this one.
    package func permuted(_ order: [Int]) -> AxisStrides {
        AxisStrides(axes: order.map { axes[$0] }, strides: order.map { strides[$0] }, lanes: lanes)
    }

    /// The same points in their order under other axes, where they lie so that each of these has a stride; else nil.
    ///
    ///     axes (64, 128), strides (2048, 16)  →  axes (4, 16, 128), strides (32768, 2048, 16)
    ///
    /// - Precondition: as many points.
    package func reshaped(to target: [Int]) -> AxisStrides? {
        precondition(target.reduce(1, *) == points, "as many points")
        // From the last axis on: as few of both as have equally many points.
        let own = axes.indices.filter { axes[$0] != 1 }
        var strides = [Int](repeating: 0, count: target.count)
        var from = own.count, to = target.count
        while true {
            while to > 0, target[to - 1] == 1 { to -= 1 }
            guard from > 0, to > 0 else { break }
            var (first, firstNew) = (from - 1, to - 1)
            var (count, countNew) = (axes[own[first]], target[firstNew])
            while count != countNew {
                if count < countNew {
                    first -= 1
                    count *= axes[own[first]]
                } else {
                    firstNew -= 1
                    countNew *= target[firstNew]
                }
            }
            for axis in first..<from - 1
            where self.strides[own[axis]] != self.strides[own[axis + 1]] * axes[own[axis + 1]] { return nil }
            var step = self.strides[own[from - 1]]
            for axis in (firstNew..<to).reversed() {
                strides[axis] = step
                step *= target[axis]
            }
            (from, to) = (first, firstNew)
        }
        return AxisStrides(axes: target, strides: strides, lanes: lanes)
    }
}
