import Descriptors

/// An array as IDX holds it: row-major, numbers of several bytes big-endian.
package struct IDXArray: Sendable, Equatable {
    package let type: Tensor.Element
    package let dimensions: [Int]
    package let bytes: [UInt8]

    /// - Precondition: a type that IDX has; one to eight dimensions below 2³² whose product, times the bytes of the type, is
    ///   the number of bytes.
    package init(_ type: Tensor.Element = .u8, dimensions: [Int], bytes: [UInt8]) {
        precondition(IDX.codes.contains { $0.type == type })
        precondition((1...IDX.maximumRank).contains(dimensions.count))
        precondition(dimensions.allSatisfy { (0...Int(UInt32.max)).contains($0) })
        precondition(dimensions.reduce(type.bytes, *) == bytes.count)
        self.type = type
        self.dimensions = dimensions
        self.bytes = bytes
    }
}

/// The format of MNIST and its relatives, plain or gzip.
///
/// ```
/// 0 0 | type | rank | size₁ … size_rank, 4 bytes each, big-endian | elements
/// ```
package enum IDX {
    package static let descriptor = Descriptor(
        name: "idx", summary: "Data sets as MNIST and its relatives have them, of every type; plain or .gz",
        citation: "LeCun, Cortes & Burges, The MNIST database")

    package static let maximumRank = 8
    static let codes: [(code: UInt8, type: Tensor.Element)] = [
        (0x08, .u8), (0x09, .i8), (0x0B, .i16), (0x0C, .i32), (0x0D, .f32), (0x0E, .f64),
    ]

    /// An array for those who take any type; one that is not compressed is mapped where it takes more than `mapsAbove` bytes.
    ///
    /// - Throws: `FileProblem`.
    package static func numbers(_ path: String, mapsAbove: Double = ByteSlice.mapsAbove) throws -> NumberArray {
        let file = try OpenFile(path)
        let start = try file.read(0..<min(file.size, 4 + 4 * maximumRank), mayEnd: true)
        if Gzip.recognises(start) || Double(file.size) <= mapsAbove {
            let array = try read(path)
            return NumberArray(array.type, array.dimensions, ByteSlice(array.bytes), isBigEndian: true, path: path)
        }
        let header = try Header(start, path: path)
        try header.requireSize(file.size, path: path)
        return NumberArray(
            header.type, header.dimensions, try ByteSlice(MappedFile(file))[header.bytes..<file.size],
            isBigEndian: true, path: path)
    }

    /// gzip is told by its first bytes, not by the name.
    ///
    /// - Throws: `FileProblem`.
    package static func read(_ path: String) throws -> IDXArray {
        try decode(FileBytes.read(path), path: path)
    }

    package static func decode(_ bytes: [UInt8], path: String) throws -> IDXArray {
        guard Gzip.recognises(bytes) else {
            let header = try Header(bytes, path: path)
            return try array(bytes, header, path)
        }
        let header = try Header(Gzip.prefix(bytes, count: 4 + 4 * maximumRank, path: path), path: path)
        // Deflate makes at most 1032 bytes of one, so a size out of reach is refused before any of it is unpacked.
        guard header.fileBytes / 1032 <= bytes.count else {
            throw FileProblem(
                path: path, place: "header", found: "sizes \(header.dimensions) in \(bytes.count) compressed bytes",
                expected: "sizes that the file can hold")
        }
        // What comes out grows in an array, and is copied without its header. Eight megabytes may be of eight gigabytes.
        let free = FreeMemory.now
        guard 3 * Double(header.fileBytes) <= free.bytes else {
            throw FileProblem(
                path: path, place: "header", found: "sizes \(header.dimensions), \(header.fileBytes) bytes",
                expected: "no more than memory takes: \(Int(free.bytes)) bytes are \(free.holder)")
        }
        return try array(Gzip.inflate(bytes, cap: header.fileBytes, path: path), header, path)
    }

    package static func encode(_ array: IDXArray) -> [UInt8] {
        let code = codes.first { $0.type == array.type }!.code
        var bytes: [UInt8] = [0, 0, code, UInt8(array.dimensions.count)]
        for size in array.dimensions { withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 } }
        return bytes + array.bytes
    }

    /// Compressed where the name ends in `.gz`.
    package static func write(_ array: IDXArray, to path: String) throws {
        let bytes = encode(array)
        try AtomicFile.write(path.hasSuffix(".gz") ? Gzip.deflate(bytes) : bytes, to: path)
    }

    private static func array(_ bytes: [UInt8], _ header: Header, _ path: String) throws -> IDXArray {
        try header.requireSize(bytes.count, path: path)
        return IDXArray(header.type, dimensions: header.dimensions, bytes: Array(bytes[header.bytes...]))
    }

    private struct Header {
        let type: Tensor.Element
        let dimensions: [Int]
        var bytes: Int { 4 + 4 * dimensions.count }
        /// Header and elements.
        let fileBytes: Int

        init(_ start: [UInt8], path: String) throws {
            func problem(_ place: String, _ found: String, _ expected: String) -> FileProblem {
                FileProblem(path: path, place: place, found: found, expected: expected)
            }
            guard start.count >= 4 else { throw problem("size", "\(start.count) bytes", "an IDX header") }
            guard start[0] == 0, start[1] == 0 else {
                throw problem("byte 0", "\(start[0]) \(start[1])", "0 0, the start of an IDX file")
            }
            guard let type = IDX.codes.first(where: { $0.code == start[2] })?.type else {
                throw problem(
                    "byte 2", "element type \(start[2])",
                    "8 (unsigned byte), 9 (byte), 11, 12 (whole numbers of 2 and 4 bytes), 13 or 14 (floats of 4 and 8)"
                )
            }
            self.type = type
            let rank = Int(start[3])
            guard (1...maximumRank).contains(rank) else {
                throw problem("byte 3", "\(rank) dimensions", "1 to \(maximumRank)")
            }
            guard start.count >= 4 + 4 * rank else {
                throw problem("size", "\(start.count) bytes", "a header of \(4 + 4 * rank) bytes")
            }
            dimensions = (0..<rank).map { axis in
                start[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
            }
            // A file of gzip is held whole in memory: there is an end to what is tried.
            guard let product = NumberArray.bytes(dimensions, of: type), product <= FileBytes.limit else {
                throw problem("header", "sizes \(dimensions)", "at most \(FileBytes.limit) bytes in all")
            }
            fileBytes = 4 + 4 * rank + product
        }

        func requireSize(_ size: Int, path: String) throws {
            guard size == fileBytes else {
                throw FileProblem(
                    path: path, place: "size", found: "\(size) bytes",
                    expected: "\(fileBytes) bytes for sizes \(dimensions)")
            }
        }
    }
}
