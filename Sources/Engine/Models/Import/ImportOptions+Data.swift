import Interchange

extension ImportOptions {
    /// What a sample of data says of the inputs of a file. Of several inputs (tokens and their mask) each is a row of the sample.
    /// Sizes that the file fixes itself it is not told. Kinds of tokens that the data has not are 0, as they are for one text.
    ///
    /// - Throws: `FileProblem` where an input is none that can be given.
    package init(_ model: ONNXModel, sample: [Int]) throws {
        self.init()
        var (names, free) = try Models.inputs(of: model)
        let rows = sample.count > 1 ? sample[0] : 1
        let row = sample.count > 1 ? Array(sample.dropFirst()) : sample
        let kinds = names.filter { $0.lowercased().contains("token_type") || $0.lowercased().contains("segment_ids") }
        if !kinds.isEmpty, names.count == rows + kinds.count {
            names.removeAll { kinds.contains($0) }
            free.removeAll { kinds.contains($0.input) }
            for name in kinds { constants[name] = try Self.zeros(name, [1] + row) }
            if names.count == 1, !free.isEmpty { inputShapes = [names[0]: row] }
            if names.count > 1, !free.isEmpty { for name in names { inputShapes[name] = row } }
            return
        }
        guard !free.isEmpty else { return }
        if names.count == 1 {
            inputShapes = ["": sample]
        } else if sample.count > 1, rows == names.count {
            for name in names { inputShapes[name] = row }
        }
    }

    private static func zeros(_ name: String, _ shape: [Int]) throws -> ONNXTensor {
        var writer = WireWriter()
        writer.integers(1, shape)
        writer.integer(2, ONNXElement.int64.rawValue)
        writer.text(8, name)
        writer.data(9, [UInt8](repeating: 0, count: 8 * shape.reduce(1, *)))
        return try ONNXReader.tensor(MappedFile(writer.bytes, path: "zeros"))
    }
}
