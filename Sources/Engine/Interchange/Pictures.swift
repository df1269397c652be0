import CJpeg
import CPng
import Descriptors

/// A picture: 8 bits a channel, row by row, the channels of a pixel side by side.
package struct Picture: Sendable, Equatable {
    package let height: Int
    package let width: Int
    /// 1: grey; 3: red, green, blue.
    package let channels: Int
    package let pixels: [UInt8]

    package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
        precondition(pixels.count == height * width * channels)
        self.height = height
        self.width = width
        self.channels = channels
        self.pixels = pixels
    }
}

/// PNG and JPEG, told by their first bytes.
package enum Pictures {
    package static let png = Descriptor(
        name: "png", summary: "Pictures of any depth, read as 8 bits a channel; what is transparent is not",
        citation: "ISO/IEC 15948")
    package static let jpeg = Descriptor(
        name: "jpeg", summary: "Pictures, grey or in colours of light", citation: "ISO/IEC 10918")

    package static let endings = ["png", "jpg", "jpeg"]
    /// Larger ones are no samples for a network.
    private static let mostPixels = 1 << 26
    private static let mostBytes = 1 << 28

    /// - Throws: `FileProblem`.
    package static func read(_ path: String) throws -> Picture {
        let file = try OpenFile(path)
        guard file.size <= mostBytes else {
            throw FileProblem(
                path: path, place: "size", found: "\(file.size) bytes", expected: "at most \(mostBytes) bytes")
        }
        // Not by `FileBytes`, which asks how much memory is free: of a hundred thousand files that would be most of the time.
        return try decode(file.read(0..<file.size, mayEnd: true), path: path)
    }

    package static func decode(_ bytes: [UInt8], path: String) throws -> Picture {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return try png(bytes, path) }
        if bytes.starts(with: [0xFF, 0xD8]) { return try jpeg(bytes, path) }
        throw FileProblem(
            path: path, place: "byte 0", found: bytes.isEmpty ? "an empty file" : "other bytes",
            expected: "the start of a PNG or JPEG file")
    }

    private static func png(_ bytes: [UInt8], _ path: String) throws -> Picture {
        var png = espalier_png()
        func problem() -> FileProblem { damage(path, "PNG", withUnsafeBytes(of: png.message) { text($0) }) }
        guard espalier_png_sizes(bytes, bytes.count, &png) == 1 else { throw problem() }
        return try picture(png.width, png.height, png.channels, path) {
            espalier_png_pixels(bytes, bytes.count, $0, &png) == 1 ? nil : problem()
        }
    }

    private static func jpeg(_ bytes: [UInt8], _ path: String) throws -> Picture {
        var jpeg = espalier_jpeg()
        func problem() -> FileProblem { damage(path, "JPEG", withUnsafeBytes(of: jpeg.message) { text($0) }) }
        guard espalier_jpeg_sizes(bytes, bytes.count, &jpeg) == 1 else { throw problem() }
        return try picture(jpeg.width, jpeg.height, jpeg.channels, path) {
            espalier_jpeg_pixels(bytes, bytes.count, $0, &jpeg) == 1 ? nil : problem()
        }
    }

    private static func picture(
        _ width: UInt32, _ height: UInt32, _ channels: UInt32, _ path: String,
        _ fill: (UnsafeMutablePointer<UInt8>) -> FileProblem?
    ) throws -> Picture {
        let (width, height, channels) = (Int(width), Int(height), Int(channels))
        // Both are 32 bits: their product fits.
        guard width > 0, height > 0, width * height <= mostPixels else {
            throw FileProblem(
                path: path, place: "header", found: "\(width)×\(height) pixels",
                expected: "1 to \(mostPixels) pixels")
        }
        var failure: FileProblem?
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * channels) { buffer, count in
            // Of a picture that breaks off, what is missing is not left as memory had it.
            buffer.initialize(repeating: 0)
            failure = fill(buffer.baseAddress!)
            count = width * height * channels
        }
        if let failure { throw failure }
        return Picture(height: height, width: width, channels: channels, pixels: pixels)
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    private static func damage(_ path: String, _ kind: String, _ message: String) -> FileProblem {
        FileProblem(
            path: path, place: "picture", found: "damage (\(FileProblem.quote(message)))", expected: "a \(kind) file")
    }
}
