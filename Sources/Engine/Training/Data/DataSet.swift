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
    /// Names of the classes, in the order of their numbers; empty where targets are none.
    package let classNames: [String]
    /// Where the data asked for is replaced by the embedded sample, the sentence that says so.
    package let notice: String?
    /// Where it was read from, if it has no name.
    package let folder: String?
    /// Where the training labels were read from.
    let labelFile: String?

    package init(
        name: String, train: Samples, test: Samples, normalizing extent: Normalization.Extent = .channel,
        notice: String? = nil, folder: String? = nil, labelFile: String? = nil
    ) {
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

    /// A label in the file of labels, behind its header of eight bytes.
    static func place(of record: Int) -> String { "record \(record) (the first is 0), byte \(8 + record)" }

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
        return "label \(classNames[Int(train.classes[record])]) in \(labelFile ?? name), \(Self.place(of: record))"
    }
}
