import Descriptors

extension Methods {
    /// Minimises loss + λ·Σ|w| by proximal gradient steps: after each optimizer step in (begin, end] every live
    /// weight moves towards zero by learningRate·λ and stops there, so weights become exactly zero and sparsity
    /// follows from λ, not from a target.
    ///
    /// Reference: Parikh & Boyd 2014, "Proximal Algorithms", section 6.5.2
    package struct ProximalL1: Method {
        package static let descriptor = Descriptor(
            name: "proximal-l1", summary: "Shrink weights after every step and drop those that reach zero",
            citation: "Parikh & Boyd 2014, Proximal Algorithms",
            parameters: [
                Parameter(
                    "strength", "λ: a weight shrinks by learning rate × λ a step", .number(0...Double.infinity),
                    default: .number(1e-4)),
                Parameter("begin", "Completed steps before the first that shrinks", .step, default: .integer(0)),
                Parameter("end", "Completed steps after the last that shrinks", .step),
                Parameter(
                    "drop-every", "Steps from one drop of zeros to the next", .integer(1...Int.max),
                    default: .integer(100)),
            ])
        package static let usesSchedule = false

        package let strength: Double
        package let begin: Int
        package let end: Int
        package let dropEvery: Int

        package init(_ arguments: Arguments) throws {
            strength = arguments.number("strength")
            begin = arguments.integer("begin")
            end = arguments.integer("end")
            dropEvery = arguments.integer("drop-every")
            guard begin < end else {
                throw ArgumentError.outOfRange(
                    name: "end", of: Self.descriptor.name, value: "\(end)", accepted: "more than begin (\(begin))")
            }
            guard strength.isFinite else {
                throw ArgumentError.outOfRange(
                    name: "strength", of: Self.descriptor.name, value: "\(strength)", accepted: "a finite number")
            }
        }

        package mutating func respond(to context: StepContext) -> [Decision] {
            let step = context.scheduleStep
            guard step > begin, step <= end else { return [] }
            let shrink = Decision.shrink(Float(context.learningRate * strength))
            return nextCut(after: step - 1, schedule: context.schedule) == step ? [shrink, .dropZeros] : [shrink]
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? {
            if step >= end { return nil }
            let done = step < begin ? 0 : (step - begin) / dropEvery * dropEvery
            return dropEvery >= end - begin - done ? end : begin + done + dropEvery
        }

        package func target(at step: Int, schedule: any Schedule) -> Double? { nil }

        package func lastCut(_ schedule: any Schedule) -> Int? { end }
    }
}
