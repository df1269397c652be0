import Descriptors

extension Methods {
    /// Train, cut once, go on training (fine-tune).
    ///
    /// The cut is at the schedule's last update: with a gradual schedule that is the step at which its final target
    /// is due, so the method has a meaning with each schedule.
    package struct CutOnce: Method {
        package static let descriptor = Descriptor(
            name: "one-shot", summary: "Train, cut once to the schedule's final sparsity, fine-tune",
            citation: "Han et al. 2015, arXiv:1506.02626")
        package static let usesSchedule = true

        package init(_ arguments: Arguments) {}

        package mutating func respond(to context: StepContext) -> [Decision] {
            let step = context.scheduleStep, schedule = context.schedule
            return step == schedule.lastUpdate ? [.cut(sparsity: schedule.sparsity(at: step))] : []
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? {
            step < schedule.lastUpdate ? schedule.lastUpdate : nil
        }

        package func target(at step: Int, schedule: any Schedule) -> Double? {
            step < schedule.lastUpdate ? 0 : schedule.sparsity(at: step)
        }

        package func lastCut(_ schedule: any Schedule) -> Int? { schedule.lastUpdate }
    }
}
