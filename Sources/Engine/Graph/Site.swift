import Kernels

/// Where an operator runs: its tensors and, for a weighted one, its layer.
package struct Site {
    package let inputs: [PanelTensor]
    package let output: PanelTensor
    package let layer: WeightLayer?
    /// In the order of the operator's `parameters`.
    package let parameters: [ParameterBuffer]
    /// Number of the node in the graph.
    package let number: Int
    package let pass: Pass
    /// For each input: whether its gradient is wanted, and whether it is added to what another reader wrote.
    package let gradients: [GradientUse]
    /// What runs in its tasks.
    package let links: Links
    package let team: Team
}

package enum GradientUse: Sendable, Equatable {
    case none, store, add
}

/// An operator on planned memory.
package protocol Step: AnyObject {
    func forward(panels: Int)
    /// Fills the gradients of its inputs, as `Site.gradients` says, and those of its parameters.
    func backward(panels: Int)
}
