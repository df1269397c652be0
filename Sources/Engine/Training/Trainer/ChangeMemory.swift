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
        private struct Birth: Equatable {
            var position: Int
            var step: Int
        }
        private var births: [Birth] = []

        package subscript(position: Int) -> Int? {
            var low = 0, high = births.count
            while low < high {
                let middle = (low + high) / 2
                if births[middle].position < position { low = middle + 1 } else { high = middle }
            }
            return low < births.count && births[low].position == position ? births[low].step : nil
        }

        /// - Parameters:
        ///   - lost: ascending positions.
        ///   - grew: ascending positions that were not there.
        /// - Complexity: O(births + lost + grew).
        mutating func change(lost: [Int], grew: [Int], step: Int) {
            births = [Birth](unsafeUninitializedCapacity: births.count + grew.count) { new, count in
                var gone = 0, come = 0
                func take(_ birth: Birth) {
                    new.initializeElement(at: count, to: birth)
                    count += 1
                }
                for birth in births {
                    while gone < lost.count, lost[gone] < birth.position { gone += 1 }
                    if gone < lost.count, lost[gone] == birth.position { continue }
                    while come < grew.count, grew[come] < birth.position {
                        take(Birth(position: grew[come], step: step))
                        come += 1
                    }
                    take(birth)
                }
                for position in grew[come...] { take(Birth(position: position, step: step)) }
            }
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
