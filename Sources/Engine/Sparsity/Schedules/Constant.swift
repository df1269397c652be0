import Descriptors

extension Schedules {
    package struct Constant: Schedule {
        package static let descriptor = Descriptor(
            name: "constant", summary: "One sparsity, held from a step on; sparse from the start by default",
            parameters: [
                Parameter("final", "The sparsity held", .sparsity),
                Parameter("begin", "Completed steps when it begins", .step, default: .integer(0)),
            ])

        package let final: Double
        package let begin: Int

        package init(_ arguments: Arguments) {
            final = arguments.number("final")
            begin = arguments.integer("begin")
        }

        package func sparsity(at step: Int) -> Double { step >= begin ? final : 0 }

        package func nextUpdate(after step: Int) -> Int? { step < begin ? begin : nil }

        package var lastUpdate: Int { begin }
    }
}
