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

        package func decisions(after step: Int, learningRate: Double, schedule: any Schedule) -> [Decision] {
            guard schedule.updates(at: step), schedule.nextUpdate(after: step) == nil else { return [] }
            return [.cut(sparsity: schedule.sparsity(at: step))]
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? {
            var last: Int?
            var update = schedule.nextUpdate(after: step)
            while let current = update {
                last = current
                update = schedule.nextUpdate(after: current)
            }
            return last
        }
    }
}
