import Descriptors

extension Encodings {
    package struct Dense: Encoding {
        package let descriptor = Descriptor(name: "dense", summary: "Every weight, cut ones as zeros; no positions")

        package init() {}

        package func size(_ kept: KeptWeights) -> PlacesSize { PlacesSize(bytes: 0, entries: kept.total) }

        package func places(_: String, _ kept: KeptWeights) -> Places {
            var entries = [Int](repeating: -1, count: kept.total)
            for (ordinal, position) in kept.indices.enumerated() { entries[position] = ordinal }
            return Places(tensors: [], entries: entries)
        }

        package func positions(_: String, rows: Int, columns: Int, from _: TensorFile) throws -> [Int] {
            Array(0..<rows * columns)
        }
    }
}
