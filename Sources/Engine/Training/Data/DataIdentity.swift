import Foundation
import Interchange

/// What tells one data set from another: how many samples of which shape there are, and a hash of their bytes and labels in
/// their order. The name is for people; the same bytes under another name are the same data.
package struct DataIdentity: Codable, Sendable, Equatable {
    package struct Half: Codable, Sendable, Equatable {
        package var count: Int
        package var shape: String
        /// CRC-32 of the pixels and of the labels, as zlib has it.
        package var images: String
        package var labels: String

        /// Channels, rows and columns are images.
        fileprivate var word: String { shape.count { $0 == "×" } == 2 ? "images" : "samples" }
    }

    /// Nil in a kept network, which holds no place of its data but the recipe's.
    package var name: String?
    package var classes: Int
    /// CRC-32 of the names of the classes; nil where they are their numbers.
    package var classNames: String?
    /// "numbers" or "input"; nil: classes.
    package var targets: String?
    /// What the network was taught to answer in; nil: the data's own units. It tells no data from another.
    package var targetScale: TargetScale?
    package var train: Half
    package var test: Half

    package init(_ data: DataSet) {
        name = data.name
        classes = data.classes
        if data.classNames != (0..<classes).map(String.init) {
            classNames = Self.digits(Checksum.crc32([Array(data.classNames.joined(separator: "\n").utf8)]))
        }
        switch data.train.targets {
        case .classes: targets = nil
        case .numbers: targets = "numbers"
        case .input: targets = "input"
        }
        targetScale = data.targetScale.isNone ? nil : data.targetScale
        train = Self.half(data.train)
        test = Self.half(data.test)
    }

    /// Whatever they are called and taught in.
    package func hasSameSamples(as other: DataIdentity) -> Bool {
        (train, test, classes) == (other.train, other.test, other.classes) && targets == other.targets
    }

    private static func digits(_ hash: UInt32) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func half(_ samples: Samples) -> Half {
        Half(
            count: samples.count, shape: "\(samples.shape)", images: digits(samples.checksum),
            labels: digits(samples.targets.checksum))
    }

    /// On one line, for the metadata of a file.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var nameless = self
        nameless.name = nil
        return String(decoding: try encoder.encode(nameless), as: UTF8.self)
    }
    init?(json: String) {
        guard let identity = try? JSONDecoder().decode(DataIdentity.self, from: Data(json.utf8)) else { return nil }
        self = identity
    }

    /// As a file's metadata says it; nil in files that do not.
    /// - Throws: `FileProblem`.
    init?(of file: TensorFile) throws {
        guard let json = file.metadata["data"] else { return nil }
        guard let identity = DataIdentity(json: json) else {
            throw FileProblem(
                path: file.path, place: "metadata 'data'", found: "no account of a data set",
                expected: "what Espalier wrote there")
        }
        self = identity
    }

    /// The first thing that differs, as a message says it.
    package func difference(from expected: DataIdentity) -> String? {
        for (here, there, half) in [(train, expected.train, "training"), (test, expected.test, "test")] {
            let (samples, labels) = (here.word, targets == nil ? "labels" : "targets")
            if here.shape != there.shape { return "\(half) \(samples) of \(here.shape), not \(there.shape)" }
            if here.count != there.count { return "\(here.count) \(half) \(samples), not \(there.count)" }
            if here.images != there.images { return "other \(half) \(samples)" }
            if here.labels != there.labels { return "the same \(half) \(samples) with other \(labels)" }
        }
        if targets != expected.targets {
            return "\(targets ?? "classes") for targets, not \(expected.targets ?? "classes")"
        }
        if classes != expected.classes { return "\(classes) classes, not \(expected.classes)" }
        return classNames == expected.classNames ? nil : "classes by other names"
    }
}

extension Targets {
    /// Of classes as bytes where a byte holds each, as files of images have them.
    fileprivate var checksum: UInt32 {
        switch self {
        case .classes(let numbers, _):
            numbers.allSatisfy { $0 < 256 }
                ? Checksum.crc32([numbers.map { UInt8($0) }]) : numbers.withUnsafeBytes { Checksum.crc32($0) }
        case .numbers(let values, _): values.withUnsafeBytes { Checksum.crc32($0) }
        case .input: 0
        }
    }
}
