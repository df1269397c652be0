import Descriptors
import Foundation

extension Methods {
    /// Lottery tickets: train, cut a share of what each layer has left (of the output layer half of it), put what stays back to
    /// where it was at step k, with the learning rate and the optimizer of that step, and train again; so many rounds.
    ///
    /// The first round takes `every` steps, each later one `every` − k. The learning rate falls over `every` steps, whatever the
    /// steps of the run are.
    ///
    /// Reference: Frankle & Carbin 2019, arXiv:1803.03635; to step k: Frankle et al. 2019, arXiv:1903.01611
    package struct IterativeRewinding: ObservingMethod, RoundMethod {
        package static let descriptor = Descriptor(
            name: "iterative", summary: "Lottery ticket: train, cut a share, rewind to an early step, again",
            citation: "Frankle & Carbin 2019, arXiv:1803.03635, arXiv:1903.01611",
            parameters: [
                Parameter("rounds", "Cuts, each followed by training", .integer(1...100), default: .integer(10)),
                Parameter(
                    "share", "Of the weights that a layer has left, those that a round cuts", .number(0.001...0.999),
                    default: .number(0.2)),
                Parameter("every", "Steps of training that a round ends at", .integer(1...Int.max / 256)),
                Parameter(
                    "rewind", "Completed steps that weights and learning rate are put back to", .step,
                    default: .integer(0)),
            ])
        package static let usesSchedule = false
        package static let weightSlots = ["rewind"]

        private let rounds: Int
        private let share: Double
        private let every: Int
        package let rewind: Int

        package init(_ arguments: Arguments) throws {
            rounds = arguments.integer("rounds")
            share = arguments.number("share")
            every = arguments.integer("every")
            rewind = arguments.integer("rewind")
            guard rewind < every else {
                throw ArgumentError.outOfRange(
                    name: "rewind", of: Self.descriptor.name, value: "\(rewind)", accepted: "less than every (\(every))"
                )
            }
        }

        package func require(_ layers: [LiveWeights], masker: Masker) throws {
            guard masker.needs.isEmpty else {
                throw ArgumentError.outOfRange(
                    name: "criterion", of: Self.descriptor.name, value: type(of: masker.criterion).descriptor.name,
                    accepted: "one that looks at weights alone: magnitude or random")
            }
        }

        /// The weights of step k are those that the step after it begins with.
        package func observe(_ layer: LayerMemory, _ context: StepContext) {
            guard context.step == rewind + 1 else { return }
            for place in layer.places.lazy.map(Int.init) { layer.slots[0][place] = layer.values[place] }
        }

        package mutating func respond(to context: StepContext) -> [Decision] {
            if context.step == rewind { return [.remember] }
            guard cut(at: context.step) != nil else { return [] }
            return [.change(context.layers.indices.compactMap { change($0, context) }), .rewind]
        }

        /// The number of the cut that is made after a step, from 1.
        private func cut(at step: Int) -> Int? {
            let (round, rest) = (step - every).quotientAndRemainder(dividingBy: every - rewind)
            return step >= every && rest == 0 && round < rounds ? round + 1 : nil
        }

        private func change(_ number: Int, _ context: StepContext) -> MaskChange? {
            let layer = context.weights(number)
            guard !layer.isProtected, !layer.values.isEmpty else { return nil }
            let part = layer.isOutput ? share / 2 : share
            let count = max(1, layer.values.count - Int((part * Double(layer.values.count)).rounded()))
            let scored = ScoredLayer(layer, number: number, seed: context.seed, step: context.step)
            let keep = Selection.keep(count: count, scores: [context.masker.criterion.scores(of: scored)]).keep[0]
            let before = context.kept(number, 0)
            return MaskChange(
                layer: number, keep: keep, of: layer, values: zip(before, keep).filter(\.1).map(\.0))
        }

        package func round(at step: Int) -> (step: Int, of: Int) {
            guard step >= every else { return (step, every) }
            // After the last cut the last round goes on to its end, and stands there.
            let done = min((step - every) / (every - rewind), rounds - 1)
            return (min(rewind + step - every - done * (every - rewind), every - 1), every)
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? {
            if step < every { return every }
            let next = every + ((step - every) / (every - rewind) + 1) * (every - rewind)
            return cut(at: next) == nil ? nil : next
        }

        package func target(at step: Int, schedule: any Schedule) -> Double? { nil }

        package func lastCut(_ schedule: any Schedule) -> Int? { every + (rounds - 1) * (every - rewind) }
    }
}

/// A method that trains in rounds, each of which takes the learning rate back.
package protocol RoundMethod: Method {
    /// Completed steps of the round that a step belongs to, and those over which the learning rate runs.
    func round(at step: Int) -> (step: Int, of: Int)
}
