import Descriptors

/// An array of unsigned bytes, row-major.
package struct IDXArray: Sendable, Equatable {
    package let dimensions: [Int]
    package let bytes: [UInt8]

    /// - Precondition: one to eight dimensions below 2³² whose product is the number of bytes.
    package init(dimensions: [Int], bytes: [UInt8]) {
        precondition((1...IDX.maximumRank).contains(dimensions.count))
        precondition(dimensions.allSatisfy { (0...Int(UInt32.max)).contains($0) })
        precondition(dimensions.reduce(1, *) == bytes.count)
        self.dimensions = dimensions
        self.bytes = bytes
    }
}

/// The format of MNIST and its relatives, plain or gzip.
///
/// ```
/// 0 0 | type (8: unsigned byte) | rank | size₁ … size_rank, 4 bytes each, big-endian | elements
/// ```
package enum IDX {
    package static let descriptor = Descriptor(
        name: "idx", summary: "Data sets of bytes, as MNIST and Fashion-MNIST have them; plain or .gz",
        citation: "LeCun, Cortes & Burges, The MNIST database")

    package static let maximumRank = 8

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
        var bytes: [UInt8] = [0, 0, 8, UInt8(array.dimensions.count)]
        for size in array.dimensions { withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 } }
        return bytes + array.bytes
    }

    /// Compressed where the name ends in `.gz`.
    package static func write(_ array: IDXArray, to path: String) throws {
        let bytes = encode(array)
        try AtomicFile.write(path.hasSuffix(".gz") ? Gzip.deflate(bytes) : bytes, to: path)
    }

    private static func array(_ bytes: [UInt8], _ header: Header, _ path: String) throws -> IDXArray {
        guard bytes.count == header.fileBytes else {
            throw FileProblem(
                path: path, place: "size", found: "\(bytes.count) bytes",
                expected: "\(header.fileBytes) bytes for sizes \(header.dimensions)")
        }
        return IDXArray(dimensions: header.dimensions, bytes: Array(bytes[header.bytes...]))
    }

    private struct Header {
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
            guard start[2] == 8 else { throw problem("byte 2", "element type \(start[2])", "8 (unsigned byte)") }
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
            // A zero anywhere makes the product zero, so overflow on the way to it must not pass for one.
            var product = 1
            for size in dimensions {
                let (next, overflow) = product.multipliedReportingOverflow(by: size)
                guard !overflow, next <= FileBytes.limit else {
                    throw problem("header", "sizes \(dimensions)", "at most \(FileBytes.limit) bytes in all")
                }
                product = next
            }
            fileBytes = 4 + 4 * rank + product
        }
    }
}
