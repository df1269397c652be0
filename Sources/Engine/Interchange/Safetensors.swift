import Descriptors

/// The format of weights and checkpoints.
///
/// ```
/// header length, 8 bytes, little-endian | header: JSON padded with spaces to 8 bytes | tensor data, no gaps
/// ```
///
/// Reference: https://github.com/huggingface/safetensors#format
package enum Safetensors {
    package static let descriptor = Descriptor(
        name: "safetensors", summary: "Weights, optimizer state and checkpoints: named tensors and text",
        citation: "https://github.com/huggingface/safetensors#format")

    /// The reference reader's own limit.
    package static let headerLimit = 100_000_000
    static let metadataKey = "__metadata__"

    /// The header first: no more memory is taken than the tensors in it need, and they are known to be there.
    ///
    /// - Throws: `FileProblem`.
    package static func read(_ path: String) throws -> TensorFile {
        let file = try OpenFile(path)
        let start = try file.read(0..<min(8, file.size))
        let dataStart = try dataStart(start, size: file.size, path: path)
        let header = try file.read(0..<dataStart)
        let (entries, metadata) = try contents(of: header, size: file.size, path: path)
        guard file.size <= FileBytes.limit else {
            throw FileProblem(
                path: path, place: "size", found: "\(file.size) bytes", expected: "at most \(FileBytes.limit) bytes")
        }
        try file.requireMemory()
        return TensorFile(
            tensors: try entries.map { entry in
                Tensor(
                    entry.name, entry.type, shape: entry.shape,
                    bytes: try file.read(dataStart + entry.begin..<dataStart + entry.end))
            }, metadata: metadata, path: path)
    }

    /// The text in the header alone, of which nothing is checked against the tensors behind it.
    /// - Throws: `FileProblem`.
    package static func metadata(_ path: String) throws -> [String: String] {
        let start = try FileBytes.start(path, count: 8)
        let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard start.count == 8, length <= UInt64(headerLimit) else {
            throw FileProblem(path: path, place: "byte 0", found: "no length of a header", expected: "one")
        }
        let header = try FileBytes.start(path, count: 8 + Int(length)).dropFirst(8)
        guard case .object(let members) = try HeaderJSON.parse(header, path: path),
            case .object(let entries)? = members.first(where: { $0.0 == metadataKey })?.1
        else { return [:] }
        return entries.reduce(into: [:]) { texts, entry in
            if case .string(let text) = entry.1 { texts[entry.0] = text }
        }
    }

    /// Replaces the file whole. Equal tensors and metadata give equal bytes.
    ///
    /// - Throws: `FileProblem`.
    package static func write(_ file: TensorFile, to path: String) throws {
        try AtomicFile.write(encode(file), to: path)
    }

    /// The file in pieces, so that a large one is not copied together.
    package static func encode(_ file: TensorFile) -> [[UInt8]] {
        // Wide elements first, then by name: so each tensor lies on a multiple of its element's size.
        let laidOut = file.tensors.sorted { ($1.type.bytes, $0.name) < ($0.type.bytes, $1.name) }
        var offsets: [String: (Int, Int)] = [:]
        var end = 0
        for tensor in laidOut {
            offsets[tensor.name] = (end, end + tensor.bytes.count)
            end += tensor.bytes.count
        }
        var members: [String] = []
        if !file.metadata.isEmpty {
            let entries = file.metadata.sorted { $0.key < $1.key }
                .map { "\(HeaderJSON.quoted($0.key)):\(HeaderJSON.quoted($0.value))" }
            members.append("\"\(metadataKey)\":{\(entries.joined(separator: ","))}")
        }
        for tensor in file.tensors {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let (begin, end) = offsets[tensor.name]!
            members.append(
                HeaderJSON.quoted(tensor.name)
                    + ":{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
            )
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        return [length + header] + laidOut.map(\.bytes)
    }

    package static func decode(_ bytes: [UInt8], path: String) throws -> TensorFile {
        let dataStart = try dataStart(Array(bytes.prefix(8)), size: bytes.count, path: path)
        let (entries, metadata) = try contents(of: Array(bytes[..<dataStart]), size: bytes.count, path: path)
        let tensors = entries.map { entry in
            Tensor(
                entry.name, entry.type, shape: entry.shape,
                bytes: Array(bytes[(dataStart + entry.begin)..<(dataStart + entry.end)]))
        }
        return TensorFile(tensors: tensors, metadata: metadata, path: path)
    }

    /// Where the data begins.
    /// - Parameter start: the first eight bytes, or all that there are.
    private static func dataStart(_ start: [UInt8], size: Int, path: String) throws -> Int {
        func problem(_ place: String, _ found: String, _ expected: String) -> FileProblem {
            FileProblem(path: path, place: place, found: found, expected: expected)
        }
        guard start.count == 8 else { throw problem("size", "\(size) bytes", "a header length of 8 bytes") }
        let length = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(headerLimit) else {
            throw problem("byte 0", "a header of \(length) bytes", "at most \(headerLimit)")
        }
        guard 8 + Int(length) <= size else {
            throw problem("byte 0", "a header of \(length) bytes", "at most the \(size - 8) that follow")
        }
        return 8 + Int(length)
    }

    /// - Parameter header: the file up to its data.
    private static func contents(
        of header: [UInt8], size: Int, path: String
    ) throws -> (entries: [TensorEntry], metadata: [String: String]) {
        func problem(_ place: String, _ found: String, _ expected: String) -> FileProblem {
            FileProblem(path: path, place: place, found: found, expected: expected)
        }
        let dataStart = header.count
        guard dataStart > 8, header[8] == UInt8(ascii: "{"),
            case .object(let members) = try HeaderJSON.parse(header[8...], path: path)
        else { throw problem("header, byte 8", "no '{'", "a JSON object") }

        var metadata: [String: String] = [:]
        var entries: [TensorEntry] = []
        for (name, value) in members {
            if name == metadataKey {
                metadata = try TensorEntry.metadata(value, path: path)
            } else {
                entries.append(try TensorEntry(name, value, path: path))
            }
        }
        // In the order of the data each tensor must begin where the one before ends: no hole, no overlap.
        var end = 0
        for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            guard entry.begin == end else {
                throw problem("tensor \(FileProblem.quote(entry.name))", "data from \(entry.begin)", "data from \(end)")
            }
            end = entry.end
        }
        guard end == size - dataStart else {
            throw problem("size", "\(size - dataStart) bytes of data", "\(end), where the last tensor ends")
        }
        return (entries, metadata)
    }
}
