import Descriptors

/// The directory of a zip archive and what its members hold: stored or deflated, with 64-bit sizes where there are any.
///
/// ```
/// member: header | name, extra | bytes   …   directory: an entry a member   [64-bit end | its locator]   end
/// ```
///
/// The directory is what counts. No path in it is followed; members are found by name.
struct Zip {
    struct Member {
        let name: String
        let isDeflated: Bool
        let crc: UInt32
        let packed: Int
        let size: Int
        /// Where its own header begins.
        let start: Int
    }

    let members: [Member]
    private let file: OpenFile

    static func recognises(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6])
    }

    /// More members than any archive of arrays has; their names and sizes alone would be a hundred megabytes.
    private static let mostMembers = 1 << 20

    /// - Throws: `FileProblem`.
    init(_ path: String) throws {
        file = try OpenFile(path)
        let end = try End(file)
        let directory = try file.read(end.directory)
        var reader = Fields(directory, path: path, base: end.directory.lowerBound)
        var members: [Member] = []
        var names: Set<String> = []
        for _ in 0..<end.count {
            let member = try Self.entry(&reader, path, before: end.directory.lowerBound)
            guard names.insert(member.name).inserted else {
                throw FileProblem(
                    path: path, place: "directory", found: "two members \(FileProblem.quote(member.name))",
                    expected: "each name once")
            }
            members.append(member)
        }
        guard reader.isAtEnd else {
            throw reader.problem("more than the \(end.count) members that were announced", "the end of the directory")
        }
        self.members = members
    }

    /// What a member holds. One that is stored may be mapped.
    ///
    /// - Throws: `FileProblem` where it is damaged, or memory does not take it.
    func bytes(_ member: Member, mapsAbove: Double) throws -> ByteSlice {
        let path = file.path, place = "member \(FileProblem.quote(member.name))"
        func problem(_ found: String, _ expected: String) -> FileProblem {
            FileProblem(path: path, place: place, found: found, expected: expected)
        }
        var header = Fields(
            try file.read(member.start..<min(member.start + 30, file.size)), path: path, base: member.start)
        guard try header.word() == 0x0403_4B50 else {
            throw FileProblem(
                path: path, place: "byte \(member.start)", found: "other bytes", expected: "the header of a member")
        }
        try header.skip(22)
        let first = member.start + 30 + Int(try header.half()) + Int(try header.half())
        guard first <= file.size, member.packed <= file.size - first else {
            throw problem("\(member.packed) bytes from byte \(first) on", "bytes inside the file of \(file.size)")
        }
        let packed = first..<first + member.packed
        let result: ByteSlice
        if member.isDeflated {
            let free = FreeMemory.now
            guard Double(member.packed + 2 * member.size) <= free.bytes else {
                throw problem(
                    "\(member.size) bytes, compressed",
                    "no more than memory takes: \(Int(free.bytes)) bytes are \(free.holder); "
                        + "stored without compression they would be read in place")
            }
            result = ByteSlice(
                try Gzip.inflateRaw(file.read(packed), size: member.size, path: path, place: place))
        } else {
            result = try ByteSlice.read(file, packed, mapsAbove: mapsAbove)
        }
        guard result.withBytes({ Checksum.crc32($0) }) == member.crc else {
            throw problem("another checksum than the directory has", "bytes as they were written")
        }
        return result
    }

    private static func entry(_ reader: inout Fields, _ path: String, before directory: Int) throws -> Member {
        guard try reader.word() == 0x0201_4B50 else {
            throw reader.problem("other bytes", "an entry of the directory")
        }
        try reader.skip(4)
        let flags = try reader.half(), method = try reader.half()
        try reader.skip(4)
        let crc = try reader.word()
        var packed = Int(try reader.word()), size = Int(try reader.word())
        let nameLength = Int(try reader.half()), extraLength = Int(try reader.half())
        let commentLength = Int(try reader.half())
        try reader.skip(8)
        var start = Int(try reader.word())
        let name = String(decoding: try reader.bytes(nameLength), as: UTF8.self)
        var extra = Fields(try reader.bytes(extraLength), path: path, base: reader.place)
        try reader.skip(commentLength)
        let place = "member \(FileProblem.quote(name))"
        func problem(_ found: String, _ expected: String) -> FileProblem {
            FileProblem(path: path, place: place, found: found, expected: expected)
        }
        // Sizes that 32 bits do not hold stand in a field of their own, in this order, each only where it is needed.
        while extra.left >= 4 {
            let kind = try extra.half()
            var field = Fields(try extra.bytes(Int(try extra.half())), path: path, base: reader.place)
            guard kind == 1 else { continue }
            if size == 0xFFFF_FFFF { size = try field.long() }
            if packed == 0xFFFF_FFFF { packed = try field.long() }
            if start == 0xFFFF_FFFF { start = try field.long() }
        }
        guard flags & 0x41 == 0 else { throw problem("encrypted bytes", "bytes that can be read without a key") }
        guard method == 0 || method == 8 else {
            throw problem("compression method \(method)", "0 (stored) or 8 (deflated)")
        }
        // Deflate makes at most 1032 bytes of one.
        let isPossible = method == 0 ? packed == size : size / 1032 <= packed
        guard packed <= directory, start <= directory, isPossible else {
            throw problem(
                "\(packed) bytes at byte \(start) for \(size)", "sizes and a place that fit the file")
        }
        return Member(
            name: name, isDeflated: method == 8, crc: crc, packed: packed, size: size, start: start)
    }

    /// The record at the end, which says where the directory is.
    private struct End {
        let directory: Range<Int>
        let count: Int

        init(_ file: OpenFile) throws {
            let path = file.path
            let tailStart = max(0, file.size - 22 - 65_535)
            let tail = try file.read(tailStart..<file.size)
            // A comment of up to 64 KiB may follow it; it ends where the file does.
            let found = tail.indices.dropLast(21).reversed().first { place in
                tail[place] == 0x50 && tail[place + 1] == 0x4B && tail[place + 2] == 5 && tail[place + 3] == 6
                    && place + 22 + Int(tail[place + 20]) + Int(tail[place + 21]) << 8 == tail.count
            }
            guard let found else {
                throw FileProblem(
                    path: path, place: "size", found: "\(file.size) bytes without the end of an archive",
                    expected: "a whole zip archive")
            }
            var end = Fields(Array(tail[found...]), path: path, base: tailStart + found)
            try end.skip(8)
            let disk = try end.half()
            var count = Int(try end.half())
            var size = Int(try end.word()), start = Int(try end.word())
            var limit = tailStart + found
            if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, limit >= 20 {
                var locator = Fields(try file.read(limit - 20..<limit), path: path, base: limit - 20)
                if try locator.word() == 0x0706_4B50 {
                    try locator.skip(4)
                    let place = try locator.long()
                    guard place <= limit - 20 - 56 else {
                        throw locator.problem("byte \(place)", "a place before byte \(limit)")
                    }
                    var long = Fields(try file.read(place..<place + 56), path: path, base: place)
                    guard try long.word() == 0x0606_4B50 else {
                        throw long.problem("other bytes", "the 64-bit end of an archive")
                    }
                    try long.skip(28)
                    count = try long.long()
                    size = try long.long()
                    start = try long.long()
                    limit = place
                }
            }
            // An entry is 46 bytes and more.
            guard disk == count || disk == 0xFFFF || count > 0xFFFF, start <= limit, size <= limit - start,
                count <= size / 46, count <= Zip.mostMembers
            else {
                throw FileProblem(
                    path: path, place: "byte \(tailStart + found)",
                    found: "a directory of \(size) bytes at byte \(start) for \(count) members",
                    expected: "one that fits the file of \(file.size)")
            }
            directory = start..<start + size
            self.count = count
        }
    }
}

/// Little-endian numbers one after the other.
private struct Fields {
    private let values: [UInt8]
    private var at = 0
    private let path: String
    private let base: Int

    init(_ values: [UInt8], path: String, base: Int) {
        self.values = values
        self.path = path
        self.base = base
    }

    var left: Int { values.count - at }
    var isAtEnd: Bool { left == 0 }
    var place: Int { base + at }

    func problem(_ found: String, _ expected: String) -> FileProblem {
        FileProblem(path: path, place: "byte \(place)", found: found, expected: expected)
    }

    mutating func bytes(_ count: Int) throws -> [UInt8] {
        guard count <= left else { throw problem("the end of the file", "\(count) more bytes") }
        defer { at += count }
        return Array(values[at..<at + count])
    }
    mutating func skip(_ count: Int) throws { _ = try bytes(count) }
    private mutating func number(_ count: Int) throws -> UInt64 {
        try bytes(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    mutating func half() throws -> UInt16 { UInt16(try number(2)) }
    mutating func word() throws -> UInt32 { UInt32(try number(4)) }
    /// Sizes and places: beyond any file they are an error, and never overflow what is counted with them.
    mutating func long() throws -> Int {
        let value = try number(8)
        guard value <= 1 << 50 else { throw problem("\(value)", "a size that a file can have") }
        return Int(value)
    }
}
