import Graph
import Interchange

/// Training and test samples with what normalises them. Validation is cut from the training samples by `Split`.
package struct DataSet: Sendable {
    package let name: String
    package let train: Samples
    package let test: Samples
    /// Of the training samples' elements.
    package let moments: ElementMoments
    package let normalization: Normalization
    /// What a plan has networks learn its targets in.
    package internal(set) var targetScale = TargetScale.none
    /// Names of the classes, in the order of their numbers; empty where targets are none.
    package let classNames: [String]
    /// Where the data asked for is replaced by the embedded sample, the sentence that says so.
    package let notice: String?
    /// What is worth knowing of how it was read.
    package let notices: [String]
    /// Where it was read from, if it has no name: a folder or a file.
    package let folder: String?
    /// The name of the form it was read in.
    package let format: String
    /// Where the training labels were read from.
    let labelFile: String?
    /// Bytes before the first label there, where a label is a byte.
    let labelHeader: Int?

    package init(
        name: String, train: Samples, test: Samples, normalizing extent: Normalization.Extent = .channel,
        notice: String? = nil, notices: [String] = [], folder: String? = nil, labelFile: String? = nil,
        labelHeader: Int? = 8, format: String = ""
    ) {
        self.notices = notices
        self.format = format
        self.labelHeader = labelHeader
        self.folder = folder
        self.labelFile = labelFile
        self.name = name
        self.train = train
        self.test = test
        self.notice = notice
        // Classes of one half alone are classes, too.
        classNames = [train.targets.names, test.targets.names].max { $0.count < $1.count }!
        moments = ElementMoments(train)
        normalization = Normalization(moments, extent)
    }

    package var classes: Int { classNames.count }

    /// Outputs that a network for these targets has.
    package var outputs: Int {
        switch train.targets {
        case .classes: classes
        case .numbers(_, let each): each
        case .input: train.shape.features
        }
    }

    // Of the first channel, for those who know one.
    package var mean: Float { normalization.means[0] }
    package var deviation: Float { normalization.deviations[0] }

    /// A label in the file of labels, behind its header.
    static func place(of record: Int, header: Int?) -> String {
        "record \(record) (the first is 0)" + (header.map { ", byte \($0 + record)" } ?? "")
    }

    /// Where the highest training label stands, if it may be a wrong one: no other sample has it where several classes have
    /// more, or there are classes below it without any.
    var strayLabel: String? {
        var counts = [Int](repeating: 0, count: classes)
        for label in train.classes { counts[Int(label)] += 1 }
        guard let highest = counts.lastIndex(where: { $0 > 0 }) else { return nil }
        let isAlone = counts[highest] == 1 && counts[..<highest].count { $0 > 1 } > 1
        return isAlone || counts[..<highest].contains(0) ? placeOfLabel(above: highest - 1) : nil
    }

    /// Where the first training label above `highest` stands; nil where none is.
    func placeOfLabel(above highest: Int) -> String? {
        guard let record = train.classes.firstIndex(where: { Int($0) > highest }) else { return nil }
        return "label \(classNames[Int(train.classes[record])]) in \(labelFile ?? name), "
            + Self.place(of: train.rows.map { Int($0[record]) } ?? record, header: labelHeader)
    }

    /// - Throws: `DataError.notFinite`.
    func requireFinite() throws {
        func require(_ samples: Samples, _ moments: ElementMoments, _ half: String) throws {
            guard let first = moments.firstNotFinite else { return }
            // Elements lie as the file has them, whatever half a sample is in.
            let features = samples.shape.features
            throw DataError.notFinite(
                name, half: half, count: moments.notFinite,
                place: "sample \(first / features) (the first is 0), value \(first % features)")
        }
        try require(train, moments, "training")
        if test.elements.kind == .float32 { try require(test, ElementMoments(test), "test") }
        for (samples, half) in [(train, "training"), (test, "test")] {
            guard case .numbers(let values, let each) = samples.targets else { continue }
            let wrong = values.indices.filter { !values[$0].isFinite }
            guard let first = wrong.first else { continue }
            throw DataError.notFinite(
                name, half: "\(half) target", count: wrong.count,
                place: "sample \(samples.rows.map { Int($0[first / each]) } ?? first / each) (the first is 0), "
                    + "value \(first % each)")
        }
    }

    /// A sentence where nothing varies in some channels, but not where one channel is all there is to see.
    var constantChannels: String? {
        let constant = moments.constantChannels
        guard !constant.isEmpty, normalization.means.count == moments.channels.count else { return nil }
        return "nothing varies in \(constant.count == 1 ? "channel" : "channels") "
            + constant.prefix(10).map(String.init).joined(separator: ", ")
            + (constant.count > 10 ? " and \(constant.count - 10) more" : "")
            + " of the training samples; their mean is taken from them, and they are not divided"
    }
}
