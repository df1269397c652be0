extension TensorFile {
    /// Over all tensors, by name, and all of the metadata but itself.
    ///
    /// The order of chunks is that of the first checkpoints, which must stay readable.
    package static func checksum(_ tensors: [Tensor], _ metadata: [String: String]) -> String {
        let words = metadata.keys.sorted().filter { $0 != "checksum" }.map { Array("\($0)=\(metadata[$0]!)".utf8) }
        let chunks = tensors.sorted { $0.name < $1.name }.flatMap { [Array($0.name.utf8), $0.bytes] }
        return String(Checksum.crc32(words + chunks), radix: 16)
    }

    /// The file with its checksum in the metadata.
    package init(sealing tensors: [Tensor], metadata: [String: String], path: String) {
        var metadata = metadata
        metadata["checksum"] = Self.checksum(tensors, metadata)
        self.init(tensors: tensors, metadata: metadata, path: path)
    }

    /// - Parameter isOptional: whether files were once written without one.
    /// - Throws: `FileProblem` where the contents are not those that were written.
    package func requireChecksum(isOptional: Bool = false) throws {
        if isOptional, metadata["checksum"] == nil { return }
        let written = try text("checksum")
        guard written == Self.checksum(tensors, metadata) else {
            throw FileProblem(
                path: path, place: "contents",
                found: "bytes that do not fit the checksum \(FileProblem.quote(written))",
                expected: "the file as it was written")
        }
    }
}
