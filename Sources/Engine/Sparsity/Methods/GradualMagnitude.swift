import Descriptors

extension Methods {
    /// Reference: Zhu & Gupta 2017, arXiv:1710.01878
    package struct GradualMagnitude: Method {
        package static let descriptor = Descriptor(
            name: "gradual-magnitude", summary: "Cut a little more at each update of the schedule while training",
            citation: "Zhu & Gupta 2017, arXiv:1710.01878")
        package static let usesSchedule = true

        package init(_ arguments: Arguments) {}

        package mutating func respond(to context: StepContext) -> [Decision] {
            let step = context.scheduleStep, schedule = context.schedule
            return schedule.updates(at: step) ? [.cut(sparsity: schedule.sparsity(at: step))] : []
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { schedule.nextUpdate(after: step) }

        package func target(at step: Int, schedule: any Schedule) -> Double? { schedule.sparsity(at: step) }

        package func lastCut(_ schedule: any Schedule) -> Int? { schedule.lastUpdate }
    }
}

extension Schedule {
    /// Whether masks change once `step` steps are done.
    func updates(at step: Int) -> Bool { nextUpdate(after: step - 1) == step }
}
