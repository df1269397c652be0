/// What is taken from targets that are numbers and what the rest is divided by, one pair an output, so that a network learns
/// numbers of any size at the same rate. It answers in these units; figures and everything outside are in the data's own.
package struct TargetScale: Codable, Sendable, Equatable {
    package let means: [Float]
    package let deviations: [Float]

    /// - Precondition: as many means as deviations; no deviation is 0.
    package init(means: [Float], deviations: [Float]) {
        precondition(means.count == deviations.count)
        self.means = means
        self.deviations = deviations
    }

    /// The data's own units.
    package static let none = TargetScale(means: [], deviations: [])

    package var isNone: Bool { self == .none }

    /// Mean and deviation of each target, over samples in their order. A target in which nothing varies is divided by 1.
    ///
    /// Sums are of what lies above the first, so that a large mean takes no digits from the deviation.
    /// - Parameter numbers: (samples, each).
    package init(of numbers: [Float], each: Int) {
        let samples = numbers.count / max(1, each)
        var means: [Float] = [], deviations: [Float] = []
        for target in 0..<each {
            let first = samples > 0 ? Double(numbers[target]) : 0
            var sum = 0.0, squares = 0.0
            for sample in 0..<samples {
                let away = Double(numbers[sample * each + target]) - first
                sum += away
                squares += away * away
            }
            let mean = sum / Double(max(1, samples))
            let deviation = Float(max(0, squares / Double(max(1, samples)) - mean * mean).squareRoot())
            means.append(Float(first + mean))
            deviations.append(deviation > 0 && deviation.isFinite ? deviation : 1)
        }
        self.init(means: means, deviations: deviations)
    }

    /// Answers of samples, (samples, outputs), in the data's own units again.
    package func restore(_ values: inout [Float]) {
        guard !isNone else { return }
        for index in values.indices {
            let target = index % means.count
            values[index] = values[index] * deviations[target] + means[target]
        }
    }
}

extension DataSet {
    /// A sentence where the targets are numbers and some are the same for every training sample.
    var constantTargets: String? {
        guard case .numbers(let numbers, let each) = train.targets, train.count > 0 else { return nil }
        let constant = (0..<each).filter { target in
            stride(from: target, to: numbers.count, by: each).allSatisfy { numbers[$0] == numbers[target] }
        }
        guard let first = constant.first else { return nil }
        let names =
            each == 1 ? "the target is" : "target \(constant.prefix(10).map(String.init).joined(separator: ", "))"
        return names + (each == 1 ? " " : constant.count == 1 ? " is " : " are each ")
            + (constant.count == 1 ? "\(numbers[first])" : "the same")
            + " in every training sample: there is nothing to learn of it"
    }
}
