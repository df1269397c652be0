import Kernels

/// A node that uses the weights of another one: one mask, one set of values, one gradient. It has a layer of its own, for its tensors
/// may have other sizes, which holds what the owner's holds.
final class SharedWeights {
    private let owner: WeightLayer
    private let user: WeightLayer
    /// The owner's values when its mask was last taken: a new mask comes with a new array.
    private var seen: FloatBuffer?
    // Places of the weights in row-major order.
    private var ownerOrder: [UInt32] = []
    private var userOrder: [UInt32] = []

    init(owner: WeightLayer, user: WeightLayer) {
        self.owner = owner
        self.user = user
    }

    /// Before a forward pass.
    func take() {
        if seen !== owner.values {
            var arrays = owner.live(withSlots: false)
            // A table has no bias to share.
            if owner.bias.count != user.bias.count { arrays.bias = user.bias.array }
            user.set(arrays)
            ownerOrder = owner.pattern?.rowMajorOrder() ?? []
            userOrder = user.pattern?.rowMajorOrder() ?? []
            seen = owner.values
            return
        }
        for (from, to) in zip(ownerOrder, userOrder) { user.values.pointer[Int(to)] = owner.values.pointer[Int(from)] }
        user.bias.pointer.update(from: owner.bias.pointer, count: min(owner.bias.count, user.bias.count))
        user.valuesChanged()
    }

    /// After a backward pass, in the order of the nodes: the sum is the same whatever ran it.
    func give() {
        for (to, from) in zip(ownerOrder, userOrder) {
            owner.gradient.pointer[Int(to)] += user.gradient.pointer[Int(from)]
        }
        add(user.biasGradient.pointer, to: owner.biasGradient.pointer, count: min(owner.bias.count, user.bias.count))
    }
}
