import Descriptors

/// How a file says where the kept weights of a layer are. What a value is kept as is another choice: `ValueEncoding`.
///
/// An encoding lays the layer out as a sequence of entries. An entry is a kept weight, or a zero that the encoding needs for
/// its form (a cut weight inside a block, a step over a long gap); every entry takes the room of a value.
package protocol Encoding: Sendable {
    var descriptor: Descriptor { get }
    /// False where entries are zeros that are no kept weights: those of value zero are not told apart.
    var isExact: Bool { get }
    /// Why a layer of this shape cannot be written so; nil where it can.
    func refusal(_ kept: KeptWeights) -> String?
    /// Exact bytes of the positions and the number of entries, from the pattern alone: nothing is laid out for it.
    /// - Precondition: no refusal.
    func size(_ kept: KeptWeights) -> PlacesSize
    /// - Precondition: no refusal.
    func places(_ name: String, _ kept: KeptWeights) -> Places
    /// The row-major position of each entry, of what `places` wrote; a negative one for an entry outside the layer.
    ///
    /// Bytes are a stranger's: an implementer checks every count and every position before it is used.
    /// - Throws: `FileProblem`.
    func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int]
}

extension Encoding {
    package var name: String { descriptor.name }
    package var isExact: Bool { false }
    package func refusal(_: KeptWeights) -> String? { nil }
}

package struct PlacesSize: Sendable, Equatable {
    package let bytes: Int
    /// Kept weights and the zeros that the encoding needs besides.
    package let entries: Int
}

/// Where the weights are, as arrays of a file, and in which order their values follow.
package struct Places: Sendable {
    package let tensors: [Tensor]
    /// The ordinal among the kept weights of each entry; negative: a zero.
    package let entries: [Int]

    package init(tensors: [Tensor], entries: [Int]) {
        self.tensors = tensors
        self.entries = entries
    }
}

/// Every encoding: one file in this folder, one entry here.
package enum Encodings {
    package static let all: [any Encoding] = [
        Dense(), Masked(), CSR(.bits32), CSR(.bits16), CSR8(), Delta(bits: 8), Delta(bits: 5), Gaps(),
        Blocks(height: 4, width: 1), Blocks(height: 1, width: 4), Blocks(height: 4, width: 4),
        NOfM(m: 4), NOfM(m: 8), NOfM(m: 16),
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list.
    package static func make(_ name: String) throws -> any Encoding {
        guard let found = all.first(where: { $0.name == name }) else {
            throw ArgumentError.outOfRange(
                name: "encoding", of: "export", value: name.shortened,
                accepted: Accepted.names(all.map { $0.name }, for: name))
        }
        return found
    }
}
