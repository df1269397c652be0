import Graph

/// Labelled images as bytes, in memory once and shared by all who read them.
package struct Images: Sendable {
    package let shape: Shape
    /// (count, features).
    package let pixels: [UInt8]
    package let labels: [UInt8]
    package var count: Int { labels.count }

    /// - Precondition: one label an image.
    package init(shape: Shape, pixels: [UInt8], labels: [UInt8]) {
        precondition(pixels.count == labels.count * shape.features)
        self.shape = shape
        self.pixels = pixels
        self.labels = labels
    }
}

/// Training and test images with what normalises them. Validation is cut from the training images by `Split`.
package struct DataSet: Sendable {
    package let name: String
    package let train: Images
    package let test: Images
    package let classes: Int
    /// Mean and standard deviation of all bytes of the training images.
    package let mean: Float
    package let deviation: Float
    /// Where the data asked for is replaced by the embedded sample, the sentence that says so.
    package let notice: String?
    /// Where it was read from, if it has no name.
    package let folder: String?
    /// Where the training labels were read from.
    let labelFile: String?

    package init(
        name: String, train: Images, test: Images, notice: String? = nil, folder: String? = nil,
        labelFile: String? = nil
    ) {
        self.folder = folder
        self.labelFile = labelFile
        self.name = name
        self.train = train
        self.test = test
        self.notice = notice
        classes = Int(max(train.labels.max() ?? 0, test.labels.max() ?? 0)) + 1
        // Counted by byte value, so that the sums are exact whatever the order.
        var counts = [Int](repeating: 0, count: 256)
        for byte in train.pixels { counts[Int(byte)] += 1 }
        let total = Double(max(train.pixels.count, 1))
        let mean = counts.enumerated().reduce(0.0) { $0 + Double($1.offset * $1.element) } / total
        let square = counts.enumerated().reduce(0.0) { $0 + Double($1.offset * $1.offset * $1.element) } / total
        self.mean = Float(mean)
        deviation = Float(max(square - mean * mean, 1e-12).squareRoot())
    }

    /// The network's input for each byte value.
    package var normalized: [Float] { (0..<256).map { (Float($0) - mean) / deviation } }

    /// A label in the file of labels, behind its header of eight bytes.
    static func place(of record: Int) -> String { "record \(record) (the first is 0), byte \(8 + record)" }

    /// Where the highest training label stands, if it may be a wrong one: no other image has it where several classes have
    /// more, or there are classes below it without any.
    var strayLabel: String? {
        var counts = [Int](repeating: 0, count: classes)
        for label in train.labels { counts[Int(label)] += 1 }
        guard let highest = counts.lastIndex(where: { $0 > 0 }) else { return nil }
        let isAlone = counts[highest] == 1 && counts[..<highest].count { $0 > 1 } > 1
        return isAlone || counts[..<highest].contains(0) ? placeOfLabel(above: highest - 1) : nil
    }

    /// Where the first training label above `highest` stands; nil where none is.
    func placeOfLabel(above highest: Int) -> String? {
        guard let record = train.labels.firstIndex(where: { Int($0) > highest }) else { return nil }
        return "label \(train.labels[record]) in \(labelFile ?? name), \(Self.place(of: record))"
    }
}
