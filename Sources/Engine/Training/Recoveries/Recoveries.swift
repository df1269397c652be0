import Descriptors
import Sparsity

/// Makes up for a cut without training: by other values of what is left, found on calibration samples.
package protocol Recovery: Choosable {
    /// Whether it trains: a run that is on does that by itself, with 'distill'.
    static var trains: Bool { get }
    func recover(_ network: any Recoverable) throws
}

extension Recovery {
    package static var trains: Bool { false }
}

/// Every recovery, in the order in which those that are asked for are carried out.
package enum Recoveries {
    package static let all: [any Recovery.Type] = [
        Reconstruction.self, VarianceMatching.self, BiasCorrection.self, Distillation.self, NormStatistics.self,
    ]

    /// Those that a recipe may ask for after each large cut.
    package static let inRuns = all.filter { !$0.trains }

    /// - Parameter steps: of one that trains.
    /// - Throws: `ArgumentError` for a name that is not in the list, or where steps are missing.
    package static func make(_ names: [String], steps: Int? = nil) throws -> [any Recovery] {
        for name in names { _ = try choose(name, kind: "recover", among: all) { $0.descriptor } }
        return try all.filter { names.contains($0.descriptor.name) }.map {
            let values = $0.trains ? steps.map { ["steps": Value.integer($0)] } : nil
            return try $0.init(Arguments(values ?? [:], for: $0.descriptor))
        }
    }

    static let samples = Parameter(
        "samples", "Training samples that it looks at", .integer(2...1_000_000), default: .integer(1024))
}
