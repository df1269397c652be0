import Descriptors

extension Recoveries {
    /// Some steps of training as the network's recipe has them, at the rate of its retraining, that learn from what the network
    /// answered before the cut, beside the labels.
    ///
    /// Reference: arXiv:1503.02531
    package struct Distillation: Recovery {
        package static let descriptor = Descriptor(
            name: "distillation",
            summary: "Trains some steps on the labels and on what the network answered before the cut",
            citation: "Hinton, Vinyals & Dean 2015, arXiv:1503.02531",
            parameters: [
                Parameter("steps", "of training", .integer(1...1_000_000)),
                Parameter("temperature", "that softens outputs", .number(0.1...100), default: .number(4)),
                Parameter("share", "of the loss; the labels have the rest", .number(0...1), default: .number(0.9)),
            ])
        package static let trains = true
        private let steps: Int
        private let temperature: Double
        private let share: Double

        package init(_ arguments: Arguments) {
            steps = arguments.integer("steps")
            temperature = arguments.number("temperature")
            share = arguments.number("share")
        }

        package func recover(_ network: any Recoverable) throws {
            try network.distil(steps: steps, temperature: temperature, share: share)
        }
    }
}
