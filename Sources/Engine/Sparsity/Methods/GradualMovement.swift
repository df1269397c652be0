import Descriptors

extension Methods {
    /// Gradual cuts by how far training moves each weight: the weight's score falls by rate × weight × gradient in every step,
    /// with a rate of its own. A weight that is cut is gone.
    ///
    /// Reference: Sanh, Wolf & Rush 2020, arXiv:2005.07683
    package struct GradualMovement: ObservingMethod {
        package static let descriptor = Descriptor(
            name: "movement", summary: "Cut a little more at each update, by how weights move; with criterion movement",
            citation: "Sanh, Wolf & Rush 2020, arXiv:2005.07683",
            parameters: [
                Parameter("rate", "Learning rate of the scores", .number(1e-9...1e3), default: .number(0.01)),
                Parameter(
                    "follows-rate", "Whether the rate of the scores is a share of the weights' learning rate instead",
                    .boolean, default: .boolean(false)),
            ])
        package static let usesSchedule = true
        package static let weightSlots = [Criteria.Movement.slot]

        private let rate: Float
        private let followsRate: Bool

        package init(_ arguments: Arguments) {
            rate = Float(arguments.number("rate"))
            followsRate = arguments.boolean("follows-rate")
        }

        package func require(_ layers: [LiveWeights], masker: Masker) throws {
            guard masker.criterion is Criteria.Movement else {
                throw ArgumentError.outOfRange(
                    name: "criterion", of: "recipe", value: type(of: masker.criterion).descriptor.name,
                    accepted: "movement, for method movement")
            }
        }

        package func observe(_ layer: LayerMemory, _ context: StepContext) {
            let rate = followsRate ? self.rate * Float(context.learningRate) : self.rate
            let scores = layer.slots[0]
            for place in layer.places.lazy.map(Int.init) {
                scores[place] -= rate * layer.values[place] * layer.gradient[place]
            }
        }

        package mutating func respond(to context: StepContext) -> [Decision] {
            let step = context.scheduleStep, schedule = context.schedule
            return schedule.updates(at: step) ? [.cut(sparsity: schedule.sparsity(at: step))] : []
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { schedule.nextUpdate(after: step) }

        package func target(at step: Int, schedule: any Schedule) -> Double? { schedule.sparsity(at: step) }

        package func lastCut(_ schedule: any Schedule) -> Int? { schedule.lastUpdate }
    }
}
