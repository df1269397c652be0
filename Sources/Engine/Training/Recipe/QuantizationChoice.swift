import Descriptors
import Devices

/// Training under the rounding of integers: `quantize: {bits: 8, begin: 0.75}`.
package struct QuantizationChoice: Sendable, Equatable {
    package static let descriptor = Descriptor(
        name: "quantize",
        summary: "train under the rounding of 8 bits, so that the integers of 'export --bits 8' answer as well",
        citation: "Jacob et al. 2018, arXiv:1712.05877",
        parameters: [
            Parameter("bits", "of weights and activations", .integer(8...8), default: .integer(8)),
            Parameter(
                "begin",
                "share of the steps before it; then ranges are measured, and learn",
                .number(0...0.99), default: .number(0)),
            Parameter(
                "calibrate", "how ranges of activations are chosen",
                .choice(RangeChoices.all.map { $0.descriptor.name }),
                default: .text(RangeChoices.all[0].descriptor.name)),
            Parameter(
                "percent", "of the values that lie inside, where 'calibrate' is percentile", .number(50...100),
                isOptional: true),
            Parameter(
                "samples", "training samples that ranges are measured on", .integer(1...1_000_000),
                default: .integer(512)),
        ])

    package let begin: Double
    package let samples: Int
    private let calibrate: String
    private let percent: Double?

    /// - Throws: `ArgumentError`.
    package init(_ values: [String: Value] = [:]) throws {
        let arguments = try Arguments(values, for: Self.descriptor)
        begin = arguments.number("begin")
        samples = arguments.integer("samples")
        calibrate = arguments.text("calibrate")
        if case .number(let percent)? = arguments.values["percent"] {
            guard calibrate == PercentileRange.descriptor.name else {
                throw ArgumentError.outOfRange(
                    name: "percent", of: Self.descriptor.name, value: "\(percent)",
                    accepted: "none where 'calibrate' is \(calibrate); it is for \(PercentileRange.descriptor.name)")
            }
            self.percent = percent
        } else {
            percent = nil
        }
    }

    /// With the first step.
    /// - Parameter calibrate: a name, and a number where it has one; nil: as without a word.
    package init(calibrate: Recipe.Choice?, samples: Int) throws {
        var values: [String: Value] = ["samples": .integer(samples)]
        if let calibrate { values.merge(calibrate.values) { own, _ in own } }
        if let calibrate { values["calibrate"] = .text(calibrate.name) }
        try self.init(values)
    }

    /// How ranges are chosen.
    package var range: any RangeChoice {
        get throws { try RangeChoices.make(calibrate, percent.map { ["percent": .number($0)] } ?? [:]) }
    }

    var values: [(name: String, value: Value)] {
        [("bits", .integer(8)), ("begin", .number(begin)), ("calibrate", .text(calibrate))]
            + (percent.map { [("percent", .number($0))] } ?? []) + [("samples", .integer(samples))]
    }
}
