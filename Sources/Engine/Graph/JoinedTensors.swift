/// Sets of tensors that are planned together, each known by its first one.
/// Reference: Tarjan 1975, "Efficiency of a good but not linear set union algorithm".
package struct JoinedTensors {
    private var parents: [Int]

    package init(count: Int) { parents = Array(0..<count) }

    package mutating func first(of tensor: Int) -> Int {
        var tensor = tensor
        while parents[tensor] != tensor {
            parents[tensor] = parents[parents[tensor]]
            tensor = parents[tensor]
        }
        return tensor
    }

    package mutating func join(_ first: Int, _ second: Int) {
        let (a, b) = (self.first(of: first), self.first(of: second))
        parents[max(a, b)] = min(a, b)
    }
}
