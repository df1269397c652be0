import Interchange

/// What a saved network takes on the disk, apart from its header.
package enum Payload {
    /// Exact payload of the compact file: where a layer is sparse, positions (bitmask or compressed rows) and values;
    /// else the values. `parameters` counts what other nodes keep.
    package static func bytes(
        _ layers: [(total: Int, nnz: Int, isDense: Bool, rows: Int, biases: Int)], parameters: Int = 0
    ) -> Int {
        layers.reduce(4 * parameters) { sum, layer in
            sum + 4 * layer.biases
                + (layer.isDense
                    ? 4 * layer.total
                    : SparseTensor.payloadBytes(rows: layer.rows, total: layer.total, nnz: layer.nnz))
        }
    }
}
