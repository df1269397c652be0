extension Zip {
    /// The archive as chunks that follow one another. Members have the time that NumPy gives them, so that equal content
    /// gives equal bytes.
    static func encode(_ members: [(name: String, chunks: [[UInt8]])], isDeflated: Bool) -> [[UInt8]] {
        var output: [[UInt8]] = []
        var directory: [UInt8] = []
        var place = 0
        for member in members {
            let name = Array(member.name.utf8)
            let size = member.chunks.reduce(0) { $0 + $1.count }
            let crc = Checksum.crc32(member.chunks)
            let chunks = isDeflated ? [Gzip.deflateRaw(member.chunks)] : member.chunks
            let packed = chunks.reduce(0) { $0 + $1.count }
            let isLong = max(size, packed) >= 0xFFFF_FFFF, isFar = place >= 0xFFFF_FFFF
            func short(_ value: Int, _ isIn64: Bool) -> [UInt8] { little(isIn64 ? 0xFFFF_FFFF : value, 4) }
            // 45: sizes of 64 bits; 20: deflate. The time is the first of 1980.
            let version = isLong || isFar ? 45 : 20
            let common =
                little(version, 2) + little(0x800, 2) + little(isDeflated ? 8 : 0, 2) + little(0, 2)
                + little(1 << 5 | 1, 2) + little(Int(crc), 4) + short(packed, isLong) + short(size, isLong)
                + little(name.count, 2)
            let sizes = isLong ? little(size, 8) + little(packed, 8) : []
            func extra(_ fields: [UInt8]) -> [UInt8] {
                fields.isEmpty ? [] : little(1, 2) + little(fields.count, 2) + fields
            }
            let local = extra(sizes)
            output.append(little(0x0403_4B50, 4) + common + little(local.count, 2) + name + local)
            output += chunks
            let own = extra(sizes + (isFar ? little(place, 8) : []))
            directory +=
                little(0x0201_4B50, 4) + little(version, 2) + common + little(own.count, 2)
                + little(0, 2 + 2 + 2 + 4) + short(place, isFar) + name + own
            place += output[output.count - chunks.count - 1].count + packed
        }
        output.append(directory)
        let isLong = place >= 0xFFFF_FFFF || members.count >= 0xFFFF || directory.count >= 0xFFFF_FFFF
        if isLong {
            output.append(
                little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
                    + little(members.count, 8) + little(members.count, 8) + little(directory.count, 8)
                    + little(place, 8))
            output.append(
                little(0x0706_4B50, 4) + little(0, 4) + little(place + directory.count, 8) + little(1, 4))
        }
        let count = little(isLong ? 0xFFFF : members.count, 2)
        output.append(
            little(0x0605_4B50, 4) + little(0, 4) + count + count + little(isLong ? 0xFFFF_FFFF : directory.count, 4)
                + little(isLong ? 0xFFFF_FFFF : place, 4) + little(0, 2))
        return output
    }

    private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
    }
}
