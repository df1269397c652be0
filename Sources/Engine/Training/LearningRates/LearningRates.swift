import Descriptors
import Sparsity

/// The learning rate over a stretch of training.
package protocol LearningRate: Choosable {
    /// Rate for the step that comes after `step` of `total` steps.
    func rate(at step: Int, of total: Int) -> Double
}

/// The learning-rate schedules there are. A new one is a file in this folder and a line here.
package enum LearningRates {
    package static let all: [any LearningRate.Type] = [
        ConstantRate.self, StepRate.self, CosineRate.self, OneCycleRate.self,
    ]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any LearningRate {
        let type = try choose(name, kind: "learning-rate", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }

    static let rate = Parameter("rate", "learning rate at the start", .number(0...100), default: .number(0.05))
}
