import Sparsity

/// What the latest change of masks took and brought, and since when weights are there. It is told to those who look, and is no
/// part of the state: a resume begins to count anew.
struct ChangeMemory: Sendable {
    private(set) var step = 0
    private(set) var event = 0
    /// By layer, ascending positions.
    private(set) var lost: [Int: [Int]] = [:]
    private(set) var grew: [Int: [Int]] = [:]
    /// By layer, the step at which a weight came that was not there from the beginning.
    private(set) var births: [Int: [Int: Int]] = [:]

    mutating func note(_ changes: [MaskChange], step: Int, event: Int) {
        (self.step, self.event) = (step, event)
        (lost, grew) = ([:], [:])
        for change in changes {
            if !change.drop.isEmpty { lost[change.layer] = change.drop }
            if births[change.layer] != nil {
                for position in change.drop { births[change.layer]![position] = nil }
            }
            guard !change.grow.isEmpty else { continue }
            grew[change.layer] = change.grow.map(\.position)
            for weight in change.grow { births[change.layer, default: [:]][weight.position] = step }
        }
    }
}
