import Graph
import Kernels

/// Which training samples train and which validate: a seeded permutation, its first `validation` samples set apart.
package struct Split: Sendable {
    package let train: [Int32]
    package let validation: [Int32]

    /// - Parameters:
    ///   - validation: samples set apart; 0: a tenth, at most 5000.
    ///   - isStratified: of each class its share; else whatever falls among them.
    /// - Throws: `DataError.tooFew` where nothing would be left to train on.
    package init(_ samples: Samples, validation given: Int, seed: UInt64, isStratified: Bool = false) throws {
        let count = given > 0 ? given : max(1, min(5000, samples.count / 10))
        guard count < samples.count else { throw DataError.tooFew(found: samples.count, validation: count) }
        let order = CounterRandom(seed: seed, purpose: .split).permutation(samples.count)
        (validation, train) = Strata.pick(count, of: order, classes: isStratified ? samples.classes : [])
    }

    /// A sentence where a class has no image to train on, or none to validate with.
    func missingClasses(_ data: DataSet) -> String? {
        guard !data.train.classes.isEmpty else { return nil }
        func missing(_ indices: [Int32]) -> [Int] {
            var seen = [Bool](repeating: false, count: data.classes)
            for index in indices { seen[Int(data.train.classes[Int(index)])] = true }
            return seen.indices.filter { !seen[$0] }
        }
        func named(_ classes: [Int]) -> String {
            (classes.count == 1 ? "class " : "classes ") + classes.prefix(10).map(String.init).joined(separator: ", ")
                + (classes.count > 10 ? " and \(classes.count - 10) more" : "")
        }
        let untrained = missing(train), unseen = missing(validation)
        guard !untrained.isEmpty || !unseen.isEmpty else { return nil }
        // One stray label makes a class of itself and of all that lie below it, whichever half it falls into.
        let cause = data.strayLabel.map { "; the highest is \($0)" } ?? ""
        if untrained == unseen {
            return "\(named(untrained)): no image to train on, and none to validate with\(cause)"
        }
        return [
            untrained.isEmpty ? nil : "\(named(untrained)): no image to train on",
            unseen.isEmpty ? nil : "\(named(unseen)): none of the \(validation.count) images for validation",
        ].compactMap { $0 }.joined(separator: "; ") + cause
    }
}
