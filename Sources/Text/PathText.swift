/// A path is any bytes, and text is UTF-8. What is not UTF-8 in a path is carried in text by characters of a private range,
/// one for each byte, so that no byte of a file's name is lost on the way through the program, its recipes and its messages.
///
///     bytes   63 61 66 E9          text   c a f U+10FFE9
///
/// A name that holds such a character itself is carried byte by byte in the same way.
extension String {
    package init(path bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        if let text = String(validating: bytes, as: UTF8.self),
            !text.unicodeScalars.contains(where: { $0.pathByte != nil })
        {
            self = text
            return
        }
        var text = ""
        var at = 0
        while at < bytes.count {
            let next = (1...4).lazy.compactMap { length -> (Unicode.Scalar, Int)? in
                guard at + length <= bytes.count,
                    let scalar = String(validating: bytes[at..<at + length], as: UTF8.self)?.unicodeScalars.first,
                    scalar.pathByte == nil
                else { return nil }
                return (scalar, length)
            }.first
            if let (scalar, length) = next {
                text.unicodeScalars.append(scalar)
                at += length
            } else {
                text.unicodeScalars.append(Unicode.Scalar(0x10FF00 + UInt32(bytes[at]))!)
                at += 1
            }
        }
        self = text
    }

    package var pathBytes: [UInt8] {
        guard unicodeScalars.contains(where: { $0.pathByte != nil }) else { return Array(utf8) }
        return unicodeScalars.reduce(into: []) { bytes, scalar in
            if let byte = scalar.pathByte { bytes.append(byte) } else { bytes += UTF8.encode(scalar)! }
        }
    }

    /// As the system takes it.
    package var cPath: [CChar] { pathBytes.map { CChar(bitPattern: $0) } + [0] }
}

extension Unicode.Scalar {
    /// The byte of a path that this character stands for.
    package var pathByte: UInt8? { (0x10FF80...0x10FFFF).contains(value) ? UInt8(value & 0xFF) : nil }
}
