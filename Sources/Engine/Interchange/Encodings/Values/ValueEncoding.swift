import Descriptors

/// How a file holds the value of an entry; which weight that is, an `Encoding` says.
package protocol ValueEncoding: Sendable {
    var descriptor: Descriptor { get }
    /// Of a value alone: what the entropy bound counts.
    var bits: Int { get }
    /// Exact bytes of so many entries, of a layer of so many rows.
    func bytes(entries: Int, rows: Int) -> Int
    /// - Parameters:
    ///   - values: of each entry; nil where it is a zero that the encoding needs, which must read back as exactly zero.
    ///   - rowOf: the row of each entry; any for a zero.
    /// - Throws: `ArgumentError` where a value does not fit.
    func tensors(_ name: String, _ values: [Float?], rowOf: [Int], rows: Int) throws -> [Tensor]
    /// - Throws: `FileProblem`.
    func values(_ name: String, rowOf: [Int], rows: Int, from file: TensorFile) throws -> [Float]
}

extension ValueEncoding {
    package var name: String { descriptor.name }
}

/// Every way to hold a value: one file in this folder, one entry here.
package enum ValueEncodings {
    package static let all: [any ValueEncoding] = [Float32(), Half(), Int8Rows(), Codebook4()]

    /// - Throws: `ArgumentError` for a name that is not in the list.
    package static func make(_ name: String) throws -> any ValueEncoding {
        guard let found = all.first(where: { $0.name == name }) else {
            throw ArgumentError.outOfRange(
                name: "values", of: "export", value: name.shortened,
                accepted: Accepted.names(all.map { $0.name }, for: name))
        }
        return found
    }

    static func unfit(_ name: String, _ value: Float, _ accepted: String) -> ArgumentError {
        ArgumentError.outOfRange(name: "a weight", of: name, value: "\(value)", accepted: accepted)
    }
}
