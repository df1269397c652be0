import Graph

/// What may not go, of units that were chosen to: the last of an axis, what would leave groups of a convolution unequal, and what
/// would leave a number of channels that is no multiple.
struct UnitBalance {
    private let groups: AxisGroups
    private let multiple: Int
    /// By root: the units with the largest stay.
    private let scores: [Int: Double]

    init(_ groups: AxisGroups, multiple: Int = 1, scores: [Int: Double] = [:]) {
        self.groups = groups
        self.multiple = max(1, multiple)
        self.scores = scores
    }

    /// The units that may go, of those chosen. Only takes some back, so it comes to an end.
    /// - Parameter stays: is told of each unit that stays, and why.
    func balanced(_ chosen: Set<Int>, stays: (_ root: Int, _ reason: String) -> Void = { _, _ in }) -> Set<Int> {
        var chosen = chosen
        while true {
            let before = chosen.count
            keepOne(&chosen, stays)
            keepGroupsEqual(&chosen, stays)
            keepMultiples(&chosen, stays)
            if chosen.count == before { return chosen }
        }
    }

    private func takeBack(
        _ count: Int, of roots: [Int], _ chosen: inout Set<Int>, _ stays: (Int, String) -> Void,
        _ reason: @autoclosure () -> String
    ) {
        // A unit may lie in an axis several times.
        let order = Set(roots).sorted { (scores[$0] ?? 0, $1) > (scores[$1] ?? 0, $0) }
        for root in order.prefix(count) {
            chosen.remove(root)
            stays(root, reason())
        }
    }

    private func keepOne(_ chosen: inout Set<Int>, _ stays: (Int, String) -> Void) {
        let elements = groups.elements
        for value in elements.values {
            for axis in 0..<elements.axes(of: value) {
                let roots = elements.range(value, axis: axis).map { groups.roots[$0] }
                guard !roots.isEmpty, roots.allSatisfy(chosen.contains) else { continue }
                takeBack(1, of: roots, &chosen, stays, "it is the last one of '\(name(value))'")
            }
        }
    }

    private func name(_ value: Int) -> String { value < 0 ? Graph.inputName : groups.graph.nodes[value].name }

    private func keepGroupsEqual(_ chosen: inout Set<Int>, _ stays: (Int, String) -> Void) {
        for (number, node) in groups.graph.nodes.enumerated() {
            // Of a depthwise convolution rows and channels are one unit.
            guard let shape = node.weightShape, shape.groups > 1, shape.channels > shape.groups else { continue }
            func parts(_ value: Int, _ count: Int) -> [[Int]] {
                let roots = groups.elements.range(value, axis: 0).map { groups.roots[$0] }
                let size = roots.count / count
                return (0..<count).map { Array(roots[$0 * size..<($0 + 1) * size]) }
            }
            let rows = parts(number, shape.groups), channels = parts(node.inputs[0], shape.groups)
            let isGone = zip(rows, channels).map {
                $0.allSatisfy(chosen.contains) && $1.allSatisfy(chosen.contains)
            }
            for side in [rows, channels] {
                let left = side.indices.filter { !isGone[$0] }
                let going = left.map { group in side[group].filter { chosen.contains($0) } }
                let least = going.map { Set($0).count }.min() ?? 0
                for roots in going where Set(roots).count > least {
                    takeBack(
                        Set(roots).count - least, of: roots, &chosen, stays,
                        "the groups of '\(node.name)' must stay equally large")
                }
            }
        }
    }

    private func keepMultiples(_ chosen: inout Set<Int>, _ stays: (Int, String) -> Void) {
        guard multiple > 1 else { return }
        for (number, node) in groups.graph.nodes.enumerated() where node.summedWeights != nil {
            let roots = groups.elements.range(number, axis: 0).map { groups.roots[$0] }
            let going = roots.filter { chosen.contains($0) }
            let excess = (roots.count - going.count) % multiple
            guard !going.isEmpty, excess > 0 else { continue }
            takeBack(
                min(multiple - excess, going.count), of: going, &chosen, stays,
                "'\(node.name)' is to have a multiple of \(multiple)")
        }
    }
}
