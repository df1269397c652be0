extension Npy {
    /// Version 1, little-endian, row-major, as NumPy itself would write the array.
    ///
    /// - Returns: the header, whose length with what stands before it is a multiple of 64, and the elements.
    /// - Precondition: a type that NumPy has.
    package static func encode(_ tensor: Tensor) -> [[UInt8]] {
        guard let code = code(tensor.type) else { preconditionFailure("NumPy has no \(tensor.type)") }
        let sizes = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
        var header = Array("{'descr': '\(code)', 'fortran_order': False, 'shape': (\(sizes)), }".utf8)
        // Magic, version and length are ten bytes, the line break is one.
        header += [UInt8](repeating: 32, count: (64 - (11 + header.count) % 64) % 64) + [10]
        let length = UInt16(header.count)
        return [magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + header, tensor.bytes]
    }

    /// Replaces the file whole.
    ///
    /// - Throws: `FileProblem`.
    package static func write(_ tensor: Tensor, to path: String) throws {
        try AtomicFile.write(encode(tensor), to: path)
    }
}
