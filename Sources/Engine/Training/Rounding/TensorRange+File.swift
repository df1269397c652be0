import Devices
import Foundation
import Interchange

extension TensorRange {
    /// In the metadata of a kept network.
    static let key = "ranges"

    static func json(_ ranges: [TensorRange]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(ranges), as: UTF8.self)
    }

    /// - Returns: nil where the file has none.
    static func all(of file: TensorFile) throws -> [TensorRange]? {
        guard let text = file.metadata[key] else { return nil }
        guard let ranges = try? JSONDecoder().decode([TensorRange].self, from: Data(text.utf8)),
            ranges.allSatisfy(\.isRange)
        else {
            throw FileProblem(
                path: file.path, place: "metadata '\(key)'", found: text.shortened,
                expected: "a list of names, each with 'low' and 'high'")
        }
        return ranges
    }
}
