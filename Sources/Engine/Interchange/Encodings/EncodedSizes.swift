/// Exact bytes of a layer's weights in every encoding, with one kind of value.
package struct EncodedSizes: Codable, Sendable, Equatable {
    /// In the order of `Encodings.all`; nil where an encoding refuses the layer.
    package let bytes: [Int?]
    /// The least that any code of independently cut weights can take.
    package let entropyBound: Double

    package init(bytes: [Int?], entropyBound: Double) {
        (self.bytes, self.entropyBound) = (bytes, entropyBound)
    }

    package init(_ kept: KeptWeights, _ values: any ValueEncoding) {
        bytes = Encodings.all.map { EncodedLayer($0, values).bytes(kept) }
        entropyBound = kept.entropyBound(valueBits: values.bits)
    }

    /// Place in the list of the encoding of fewest bytes, the first among equal ones: as `EncodedLayer.smallest` chooses.
    package var smallest: Int {
        bytes.indices.filter { bytes[$0] != nil }.min { bytes[$0]! < bytes[$1]! } ?? 0
    }
    package var smallestBytes: Int { bytes[smallest] ?? 0 }

    /// Of several layers in one encoding each; nil where it refuses one of them.
    package static func totals(_ layers: [EncodedSizes]) -> [Int?] {
        Encodings.all.indices.map { place in
            layers.reduce(Int?.some(0)) { sum, layer in
                sum.flatMap { sum in layer.bytes[place].map { sum + $0 } }
            }
        }
    }
}
