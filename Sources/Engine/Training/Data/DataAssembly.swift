import Graph
import Interchange
import Kernels

/// Makes a data set of what was found: which axis is which, which label is which class, which samples are for the test.
package struct DataAssembly {
    package static let mostClasses = 65_536

    private let found: FoundData
    private let choice: DataChoice
    private let path: String
    private var notices: [String]

    /// - Throws: `FileProblem`, `DataError`.
    package static func make(
        _ found: FoundData, _ choice: DataChoice, name: String, path: String, isNamed: Bool = false,
        notice: String? = nil
    ) throws -> DataSet {
        var assembly = DataAssembly(found: found, choice: choice, path: path, notices: found.notices)
        return try assembly.make(name: name, isNamed: isNamed, notice: notice)
    }

    private mutating func make(name: String, isNamed: Bool, notice: String?) throws -> DataSet {
        let inputs = try Inputs(found.train, found, choice)
        let targets = try TargetMap(found.train, choice)
        notices += targets.notices
        var train = try samples(found.train, inputs, targets)
        var test: Samples
        if let half = found.test {
            let other = try Inputs(half, found, choice)
            guard other.shape == inputs.shape else {
                throw half.inputs.problem(
                    "samples of \(other.shape)", expected: "\(inputs.shape), as the training samples have")
            }
            test = try samples(half, other, targets)
        } else {
            (train, test) = try setApart(train)
        }
        return DataSet(
            name: name, train: train, test: test, normalizing: choice.normalization ?? inputs.normalization,
            notice: notice, notices: notices, folder: isNamed ? nil : path, labelFile: found.train.targetPath,
            labelHeader: found.train.labelHeader, format: found.format)
    }

    private func samples(_ half: FoundData.Half, _ inputs: Inputs, _ targets: TargetMap) throws -> Samples {
        Samples(
            shape: inputs.shape, elements: try inputs.elements(half), order: inputs.order,
            targets: try targets.targets(half), count: half.inputs.dimensions[0])
    }

    /// The same samples whatever the recipe's seed is: what the data is does not change with it.
    private mutating func setApart(_ all: Samples) throws -> (Samples, Samples) {
        let count = max(1, Int((Double(all.count) * choice.testShare).rounded()))
        guard count < all.count else {
            throw DataError.tooFew(found: all.count, validation: count)
        }
        let order = CounterRandom(seed: 0, purpose: .split).permutation(all.count)
        let (test, train) = Strata.pick(count, of: order, classes: all.classes)
        notices.append(
            "there is no test part: \(count) of \(all.count) samples are set apart"
                + (all.classes.isEmpty ? "" : ", of each class its share"))
        return (all.taking(train.sorted()), all.taking(test.sorted()))
    }
}

/// Draws from each class its share.
enum Strata {
    /// The first of each class in `order`, as many of each as its share of `count` is; what is left by rounding goes to the
    /// classes that lost most by it, ties to the lower number. Without classes the first `count`.
    static func pick(_ count: Int, of order: [Int32], classes: [Int32]) -> (picked: [Int32], rest: [Int32]) {
        guard !classes.isEmpty, !order.isEmpty else { return (Array(order[..<count]), Array(order[count...])) }
        var held: [Int] = []
        for index in order {
            let label = Int(classes[Int(index)])
            if label >= held.count { held += [Int](repeating: 0, count: label + 1 - held.count) }
            held[label] += 1
        }
        // Whole numbers throughout, so that shares are the same on every machine.
        var wanted = held.map { $0 * count / order.count }
        let lost = held.indices.sorted { (held[$0] * count % order.count, $1) > (held[$1] * count % order.count, $0) }
        for label in lost.prefix(count - wanted.reduce(0, +)) { wanted[label] += 1 }
        var picked: [Int32] = [], rest: [Int32] = []
        for index in order {
            let label = Int(classes[Int(index)])
            if wanted[label] > 0 {
                wanted[label] -= 1
                picked.append(index)
            } else {
                rest.append(index)
            }
        }
        return (picked, rest)
    }
}
