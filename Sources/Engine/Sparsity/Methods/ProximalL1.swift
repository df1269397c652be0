import Descriptors

extension Methods {
    /// Minimises loss + λ·Σ|w| + λ₂/2·Σw² by proximal gradient steps: after each optimizer step in (begin, end] every live
    /// weight moves towards zero by learningRate·λ and stops there, and what is left is divided by 1 + learningRate·λ₂. So weights
    /// become exactly zero and sparsity follows from λ, not from a target. With λ₂ above zero it is the elastic net.
    ///
    /// Reference: Parikh & Boyd 2014, "Proximal Algorithms", sections 6.5.2 and 6.5.3; Zou & Hastie 2005
    package struct ProximalL1: Method {
        package static let descriptor = Descriptor(
            name: "proximal-l1",
            summary: "Shrink weights after every step and drop those that reach zero; L1 or elastic net",
            citation: "Parikh & Boyd 2014, Proximal Algorithms",
            parameters: [
                Parameter(
                    "strength", "λ: a weight shrinks by learning rate × λ a step", .number(0...Double.infinity),
                    default: .number(1e-4)),
                Parameter(
                    "l2", "λ₂ of the elastic net: then it is divided by 1 + learning rate × λ₂",
                    .number(0...Double.infinity),
                    default: .number(0)),
            ] + ShrinkSteps.parameters)
        package static let usesSchedule = false

        private let strength: Double
        private let square: Double
        private let steps: ShrinkSteps

        package init(_ arguments: Arguments) throws {
            strength = arguments.number("strength")
            square = arguments.number("l2")
            steps = try ShrinkSteps(arguments)
        }

        package mutating func respond(to context: StepContext) -> [Decision] {
            let step = context.scheduleStep
            guard steps.shrinks(at: step) else { return [] }
            let shrink = Decision.shrink(
                Float(context.learningRate * strength), divisor: Float(1 + context.learningRate * square))
            return steps.drops(at: step) ? [shrink, .dropZeros] : [shrink]
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { steps.nextDrop(after: step) }
        package func target(at step: Int, schedule: any Schedule) -> Double? { nil }
        package func lastCut(_ schedule: any Schedule) -> Int? { steps.end }
    }
}
