import Descriptors

extension Methods {
    /// Minimises loss + λ·Σ √n·‖w_g‖₂ over the groups g of the recipe's granularity by proximal gradient steps: after each optimizer
    /// step in (begin, end] the n live weights of a group are scaled by max(0, 1 − learningRate·λ·√n / ‖w_g‖₂), so that groups
    /// become zero whole.
    ///
    /// Reference: Yuan & Lin 2006, "Model selection and estimation in regression with grouped variables"; Wen et al. 2016,
    /// arXiv:1608.03665
    package struct GroupLasso: Method {
        package static let descriptor = Descriptor(
            name: "group-lasso",
            summary: "Shrink the groups of the granularity after every step and drop those that reach zero",
            citation: "Yuan & Lin 2006; Wen et al. 2016, arXiv:1608.03665",
            parameters: [
                Parameter(
                    "strength", "λ: the norm of a group of n shrinks by learning rate × λ × √n a step",
                    .number(0...Double.infinity),
                    default: .number(1e-4))
            ] + ShrinkSteps.parameters)
        package static let usesSchedule = false

        private let strength: Double
        private let steps: ShrinkSteps

        package init(_ arguments: Arguments) throws {
            strength = arguments.number("strength")
            steps = try ShrinkSteps(arguments)
        }

        package mutating func respond(to context: StepContext) -> [Decision] {
            let step = context.scheduleStep
            guard steps.shrinks(at: step) else { return [] }
            let shrink = Decision.shrinkGroups(Float(context.learningRate * strength))
            return steps.drops(at: step) ? [shrink, .dropZeros] : [shrink]
        }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { steps.nextDrop(after: step) }
        package func target(at step: Int, schedule: any Schedule) -> Double? { nil }
        package func lastCut(_ schedule: any Schedule) -> Int? { steps.end }
    }
}
