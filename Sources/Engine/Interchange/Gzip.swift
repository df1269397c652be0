import CZlib
import Descriptors

/// CRC-32 as gzip and PNG have it: finds a damaged file, not a forged one.
package enum Checksum {
    package static func crc32(_ chunks: [[UInt8]]) -> UInt32 {
        chunks.reduce(0) { value, chunk in chunk.withUnsafeBytes { crc32($0, after: value) } }
    }

    /// - Parameter before: of the bytes that stand before these.
    package static func crc32(_ bytes: UnsafeRawBufferPointer, after before: UInt32 = 0) -> UInt32 {
        var value = uLong(before)
        // zlib counts in 32 bits.
        for start in stride(from: 0, to: bytes.count, by: 1 << 30) {
            let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 1 << 30, bytes.count)])
            value = CZlib.crc32(value, part.baseAddress?.assumingMemoryBound(to: UInt8.self), uInt(part.count))
        }
        return UInt32(truncatingIfNeeded: value)
    }
}

/// gzip through zlib: one member or several, with zeros between them and behind the last, as tapes and
/// blocks leave them.
package enum Gzip {
    package static let descriptor = Descriptor(
        name: "gzip", summary: "Compressed IDX files", citation: "RFC 1952")

    package static func recognises(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// The whole content, which may be at most `cap` bytes; memory grows with what comes out, never past the cap.
    ///
    /// - Throws: `FileProblem` for damaged, truncated, trailing or too many bytes.
    package static func inflate(_ bytes: [UInt8], cap: Int, path: String) throws -> [UInt8] {
        var reader = try Inflation(bytes, path: path)
        defer { reader.end() }
        // One byte beyond the cap tells "exactly full" from "too much".
        let output = try reader.next(cap + 1)
        guard output.count <= cap else {
            throw FileProblem(
                path: path, place: "gzip content", found: "more than \(cap) bytes", expected: "at most \(cap) bytes")
        }
        guard reader.rest.allSatisfy({ $0 == 0 }) else {
            throw FileProblem(
                path: path, place: "byte \(reader.used)", found: "\(reader.rest.count) trailing bytes",
                expected: "the end of the file")
        }
        return output
    }

    /// The first `count` bytes of the content, or all of it where it is shorter.
    package static func prefix(_ bytes: [UInt8], count: Int, path: String) throws -> [UInt8] {
        var reader = try Inflation(bytes, path: path)
        defer { reader.end() }
        return try reader.next(count)
    }

    /// Deflate alone, as zip archives have it, which makes exactly `size` bytes.
    ///
    /// - Parameter place: for messages.
    /// - Throws: `FileProblem` for damaged, truncated, trailing or too many bytes.
    static func inflateRaw(_ bytes: [UInt8], size: Int, path: String, place: String) throws -> [UInt8] {
        var reader = try Inflation(bytes, path: path, isRaw: true)
        defer { reader.end() }
        func problem(_ found: String) -> FileProblem {
            FileProblem(path: path, place: place, found: found, expected: "\(size) bytes, and no more")
        }
        let output: [UInt8]
        do { output = try reader.next(size + 1) } catch let inner as FileProblem { throw problem(inner.found) }
        guard output.count == size else { throw problem(output.count > size ? "more" : "\(output.count) bytes") }
        guard reader.rest.isEmpty else { throw problem("\(reader.rest.count) trailing bytes") }
        return output
    }

    static func deflateRaw(_ chunks: [[UInt8]]) -> [UInt8] {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        precondition(opened == Z_OK, "zlib has no memory")
        defer { deflateEnd(&stream) }
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 18)
        for (number, chunk) in (chunks + [[]]).enumerated() {
            let isLast = number == chunks.count
            // zlib counts in 32 bits.
            for start in isLast ? [0] : Array(stride(from: 0, to: chunk.count, by: 1 << 30)) {
                let part = chunk[start..<min(start + 1 << 30, chunk.count)]
                part.withUnsafeBufferPointer { input in
                    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                    stream.avail_in = UInt32(input.count)
                    var result = Z_OK
                    repeat {
                        let written = block.withUnsafeMutableBufferPointer { block in
                            stream.next_out = block.baseAddress
                            stream.avail_out = UInt32(block.count)
                            result = CZlib.deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                            return block.count - Int(stream.avail_out)
                        }
                        output += block[..<written]
                    } while isLast ? result != Z_STREAM_END : stream.avail_out == 0
                }
            }
        }
        return output
    }

    /// One member without name and time, so that equal content gives equal bytes.
    package static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        precondition(bytes.count < Int(UInt32.max), "gzip of 4 GiB or more")
        var stream = z_stream()
        let version = zlibVersion()
        let opened = deflateInit2_(
            &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, version, Int32(MemoryLayout<z_stream>.size))
        precondition(opened == Z_OK, "zlib has no memory")
        defer { deflateEnd(&stream) }
        // zlib's own bound, so that one call is enough.
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        var input = bytes
        let written = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let result = CZlib.deflate(&stream, Z_FINISH)
                precondition(result == Z_STREAM_END, "zlib's bound was too small")
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<written])
    }
}

/// A zlib stream over bytes in memory. `end` must be called once.
private struct Inflation {
    private let bytes: [UInt8]
    private let path: String
    private let isRaw: Bool
    private let stream: UnsafeMutablePointer<z_stream>
    /// Compressed bytes used so far.
    private(set) var used = 0
    var rest: ArraySlice<UInt8> { bytes[used...] }

    /// - Parameter isRaw: deflate alone, without the framing of gzip.
    init(_ bytes: [UInt8], path: String, isRaw: Bool = false) throws {
        self.bytes = bytes
        self.path = path
        self.isRaw = isRaw
        // zlib keeps the address of the stream, so it must not move.
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15: the largest window; + 16: gzip framing only; below 0: none.
        guard inflateInit2_(stream, isRaw ? -15 : 15 + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else {
            stream.deallocate()
            throw FileProblem(path: path, place: "gzip header", found: "no memory", expected: "memory for zlib")
        }
    }

    func end() {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Up to `count` bytes: fewer only where the content ends.
    mutating func next(_ count: Int) throws -> [UInt8] {
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: min(max(count, 1), 1 << 18))
        while output.count < count {
            let wanted = min(block.count, count - output.count)
            let (result, produced, consumed) = step(&block, wanted)
            output += block[..<produced]
            used += consumed
            switch result {
            case Z_STREAM_END where isRaw: return output
            case Z_STREAM_END:
                // Another member begins at once, or behind zeros that fill a block.
                let zeros = rest.prefix { $0 == 0 }.count
                guard rest.dropFirst(zeros).starts(with: [0x1F, 0x8B]) else { return output }
                used += zeros
                inflateReset(stream)
            case Z_OK where produced > 0 || consumed > 0: continue
            case Z_OK, Z_BUF_ERROR:
                throw FileProblem(
                    path: path, place: "byte \(used)", found: "the end of the file",
                    expected: "more compressed bytes")
            default:
                let message = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)"
                throw FileProblem(
                    path: path, place: "byte \(used)", found: "damage ('\(message)')", expected: "gzip data")
            }
        }
        return output
    }

    private func step(_ block: inout [UInt8], _ wanted: Int) -> (result: Int32, produced: Int, consumed: Int) {
        bytes.withUnsafeBufferPointer { input in
            block.withUnsafeMutableBufferPointer { output in
                // zlib counts in 32 bits; a larger file is fed in pieces.
                let offered = min(input.count - used, 1 << 30)
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + used })
                stream.pointee.avail_in = UInt32(offered)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(wanted)
                let result = CZlib.inflate(stream, Z_NO_FLUSH)
                return (result, wanted - Int(stream.pointee.avail_out), offered - Int(stream.pointee.avail_in))
            }
        }
    }
}
