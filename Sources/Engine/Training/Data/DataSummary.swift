import Foundation
import Interchange

/// What a data set is, counted: for people and for scripts.
package struct DataSummary: Sendable {
    package struct Half: Sendable {
        package let count: Int
        /// Samples of each class; empty where targets are none.
        package let classCounts: [Int]
        /// Values that are NaN or infinite.
        package let notFinite: Int
    }
    package let format: String
    package let shape: String
    /// Of the elements, as they are held.
    package let type: String
    package let order: Samples.Order
    package let targets: String
    package let classNames: [String]
    package let train: Half
    package let test: Half
    package let channels: [(mean: Double, deviation: Double)]
    package let normalization: Normalization
    package let heldBytes: Int
    package let isMapped: Bool
    package let notices: [String]
    /// Why it cannot be trained on; nil where it can.
    package let problem: String?

    package init(_ data: DataSet) {
        let classes = data.classes
        func half(_ samples: Samples, _ moments: ElementMoments) -> Half {
            var counts = [Int](repeating: 0, count: classes)
            for label in samples.classes { counts[Int(label)] += 1 }
            return Half(count: samples.count, classCounts: counts, notFinite: moments.notFinite)
        }
        format = data.format
        shape = "\(data.train.shape)"
        type = data.train.elements.kind.rawValue
        order = data.train.order
        targets = data.train.targets.summary
        classNames = data.classNames
        train = half(data.train, data.moments)
        test = half(data.test, ElementMoments(data.test))
        channels = data.moments.channels
        normalization = data.normalization
        // Of one array cut in two both halves hold all of it.
        heldBytes = data.train.elements.heldBytes + (data.test.rows == nil ? data.test.elements.heldBytes : 0)
        isMapped = data.train.elements.isMapped
        do {
            try data.requireFinite()
            problem = nil
        } catch {
            problem = "\(error)"
        }
        notices =
            (data.notice.map { [$0] } ?? []) + data.notices
            + [data.constantChannels, data.constantTargets, data.emptyClasses].compactMap { $0 }
    }
}

extension DataSet {
    /// A sentence where a class has no training sample.
    fileprivate var emptyClasses: String? {
        guard !train.classes.isEmpty else { return nil }
        var seen = [Bool](repeating: false, count: classes)
        for label in train.classes { seen[Int(label)] = true }
        let missing = seen.indices.filter { !seen[$0] }
        guard !missing.isEmpty else { return nil }
        return "no training sample of \(missing.count == 1 ? "class" : "classes") "
            + missing.prefix(10).map { classNames[$0] }.joined(separator: ", ")
            + (missing.count > 10 ? " and \(missing.count - 10) more" : "")
            + (strayLabel.map { "; the highest is \($0)" } ?? "")
    }
}
