import Descriptors

extension Methods {
    /// Cut before the first step; the mask never changes after.
    package struct StaticSparse: Method {
        package static let descriptor = Descriptor(
            name: "static-sparse", summary: "Sparse from the first step: cut at initialisation, one mask throughout")
        package static let usesSchedule = true

        package init(_ arguments: Arguments) {}

        package func decisions(after step: Int, learningRate: Double, schedule: any Schedule) -> [Decision] {
            // The schedule's final target, whenever it would fall due.
            step == 0 ? [.cut(sparsity: schedule.sparsity(at: .max))] : []
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { step < 0 ? 0 : nil }
    }
}
