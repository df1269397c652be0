import Sparsity

/// What the latest change of masks took and brought, and since when weights are there. It is told to those who look, and is no
/// part of the state: a resume begins to count anew.
package struct ChangeMemory: Sendable {
    package private(set) var step = 0
    package private(set) var event = 0
    /// By layer, ascending positions.
    package private(set) var lost: [Int: [Int]] = [:]
    package private(set) var grew: [Int: [Int]] = [:]
    /// By layer, of weights that were not there from the beginning.
    package private(set) var births: [Int: Births] = [:]

    /// The step at which each weight came, by ascending positions.
    package struct Births: Sendable, Equatable {
        private var positions: [Int] = []
        private var steps: [Int] = []

        package subscript(position: Int) -> Int? {
            var low = 0, high = positions.count
            while low < high {
                let middle = (low + high) / 2
                if positions[middle] < position { low = middle + 1 } else { high = middle }
            }
            return low < positions.count && positions[low] == position ? steps[low] : nil
        }

        /// - Parameters:
        ///   - lost: ascending positions.
        ///   - grew: ascending positions that were not there.
        /// - Complexity: O(births + lost + grew).
        mutating func change(lost: [Int], grew: [Int], step: Int) {
            var new = Births()
            new.positions.reserveCapacity(positions.count + grew.count)
            new.steps.reserveCapacity(positions.count + grew.count)
            var gone = 0, come = 0
            func take(_ position: Int, _ step: Int) {
                new.positions.append(position)
                new.steps.append(step)
            }
            for (place, position) in positions.enumerated() {
                while gone < lost.count, lost[gone] < position { gone += 1 }
                if gone < lost.count, lost[gone] == position { continue }
                while come < grew.count, grew[come] < position {
                    take(grew[come], step)
                    come += 1
                }
                take(position, steps[place])
            }
            for position in grew[come...] { take(position, step) }
            self = new
        }
    }

    package init() {}

    package mutating func note(_ changes: [MaskChange], step: Int, event: Int) {
        (self.step, self.event) = (step, event)
        (lost, grew) = ([:], [:])
        for change in changes {
            let grown = change.grow.map(\.position)
            if !change.drop.isEmpty { lost[change.layer] = change.drop }
            if !grown.isEmpty { grew[change.layer] = grown }
            if births[change.layer] == nil, grown.isEmpty { continue }
            births[change.layer, default: Births()].change(lost: change.drop, grew: grown, step: step)
        }
    }
}
