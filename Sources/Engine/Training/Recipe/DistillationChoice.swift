import Descriptors

/// A network that was trained before and that the recipe's network learns from: `distill: {from: runs/dense, temperature: 4}`.
package struct DistillationChoice: Sendable, Equatable {
    package static let descriptor = Descriptor(
        name: "distill", summary: "learn from the outputs of a network that was trained before, beside the labels",
        citation: "Hinton, Vinyals & Dean 2015, arXiv:1503.02531",
        parameters: [
            Parameter("from", "the folder of a finished run, or a file of a network", .text),
            Parameter(
                "temperature", "what outputs are divided by before they are compared", .number(0.1...100),
                default: .number(4)),
            Parameter("share", "of the loss; the labels have the rest", .number(0...1), default: .number(0.9)),
        ])

    /// Path of the parent; absolute once the recipe is placed.
    package var from: String
    package let temperature: Double
    package let share: Double

    /// - Throws: `ArgumentError`.
    package init(_ values: [String: Value]) throws {
        let arguments = try Arguments(values, for: Self.descriptor)
        from = arguments.text("from")
        temperature = arguments.number("temperature")
        share = arguments.number("share")
    }

    package init(from: String, temperature: Double, share: Double) {
        self.from = from
        self.temperature = temperature
        self.share = share
    }

    var values: [(name: String, value: Value)] {
        [("from", .text(from)), ("temperature", .number(temperature)), ("share", .number(share))]
    }
}
