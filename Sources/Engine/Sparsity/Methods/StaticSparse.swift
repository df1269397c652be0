import Descriptors

extension Methods {
    /// Cut before the first step; the mask never changes after.
    ///
    /// With criterion `random` and granularity `weight` the mask is drawn before there are weights
    /// (`Masker.drawnCounts`), and no dense array is ever made: so a layer may have more positions than memory has bytes.
    package struct StaticSparse: Method {
        package static let descriptor = Descriptor(
            name: "static-sparse",
            summary: "Sparse from the first step, one mask throughout; with criterion random never dense at all")
        package static let usesSchedule = true

        package init(_ arguments: Arguments) {}

        package mutating func respond(to context: StepContext) -> [Decision] {
            // The schedule's final target, whenever it would fall due.
            context.scheduleStep == 0 ? [.cut(sparsity: context.schedule.sparsity(at: .max))] : []
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { step < 0 ? 0 : nil }

        package func target(at step: Int, schedule: any Schedule) -> Double? { schedule.sparsity(at: .max) }

        package func lastCut(_ schedule: any Schedule) -> Int? { 0 }

        package func initialSparsity(_ schedule: any Schedule) -> Double? { schedule.sparsity(at: .max) }
    }
}
