import Descriptors

extension Methods {
    /// Phases of equal length, sparse and dense in turn: at the beginning of a sparse one the recipe's masker cuts to the schedule's
    /// final sparsity, and the mask is fixed within it; at the beginning of a dense one all weights are there again, those that
    /// come with value zero. The optimizer forgets at each change. The first phase is dense, the last one sparse.
    ///
    /// Reference: Peste et al. 2021, arXiv:2106.12379
    package struct ACDC: Method {
        package static let descriptor = Descriptor(
            name: "ac-dc",
            summary: "Sparse and dense phases in turn, the last one sparse; the optimizer forgets between them",
            citation: "Peste et al. 2021, arXiv:2106.12379",
            parameters: [
                Parameter(
                    "begin",
                    "Completed steps of dense training before the first sparse phase; 0: as many as a phase has",
                    .step, default: .integer(0)),
                Parameter("phase", "Steps of each phase", .integer(1...Int.max)),
                Parameter("end", "Completed steps by which the last sparse phase has begun", .step),
            ])
        package static let usesSchedule = true
        package static let forgetsAtCuts = true

        private let begin: Int
        private let phase: Int
        /// Number of the last phase, from 0; even.
        private let last: Int

        package init(_ arguments: Arguments) throws {
            phase = arguments.integer("phase")
            // A cut of random weights to a high sparsity may leave a layer that no dense phase brings back to life.
            begin = arguments.integer("begin") == 0 ? phase : arguments.integer("begin")
            let end = arguments.integer("end")
            guard begin <= end else {
                throw ArgumentError.outOfRange(
                    name: "end", of: Self.descriptor.name, value: "\(end)", accepted: "begin (\(begin)) or more")
            }
            last = (end - begin) / phase / 2 * 2
        }

        /// Number of the phase that begins once these steps are done.
        private func phase(beginningAt step: Int) -> Int? {
            guard step >= begin, (step - begin).isMultiple(of: phase) else { return nil }
            let number = (step - begin) / phase
            return number <= last ? number : nil
        }

        package mutating func respond(to context: StepContext) -> [Decision] {
            guard let number = phase(beginningAt: context.scheduleStep) else { return [] }
            return number.isMultiple(of: 2) ? [.cut(sparsity: context.schedule.final)] : [.densify]
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? {
            if step < begin { return begin }
            let next = (step - begin) / phase / 2 * 2 + 2
            return next <= last ? begin + next * phase : nil
        }

        package func target(at step: Int, schedule: any Schedule) -> Double? {
            guard step >= begin else { return 0 }
            return min(last, (step - begin) / phase).isMultiple(of: 2) ? schedule.final : 0
        }

        package func lastCut(_ schedule: any Schedule) -> Int? { begin + last * phase }
    }
}
