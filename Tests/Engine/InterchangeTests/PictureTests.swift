import Foundation
import Interchange
import Testing

@Suite struct PictureTests {
    let folder = TemporaryFolder()

    /// A PNG with its pixels stored, as the format has it: signature, IHDR, maybe PLTE, IDAT, IEND.
    private func png(
        width: Int, height: Int, type: UInt8, depth: UInt8 = 8, palette: [UInt8] = [], rows: [[UInt8]],
        interlace: UInt8 = 0
    ) -> [UInt8] {
        func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
        func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
            let body = Array(name.utf8) + content
            return big(content.count) + body + big(Int(Checksum.crc32([body])))
        }
        let raw: [UInt8] = rows.flatMap { [0] + $0 }
        var a = 1, b = 0
        for byte in raw {
            a = (a + Int(byte)) % 65521
            b = (b + a) % 65521
        }
        let length = [UInt8(raw.count & 255), UInt8(raw.count >> 8)]
        var data: [UInt8] = [0x78, 0x01, 1]
        data += length + length.map { ~$0 }
        data += raw
        data += big(b << 16 | a)
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]
        file += chunk("IHDR", big(width) + big(height) + [depth, type, 0, 0, interlace])
        if !palette.isEmpty { file += chunk("PLTE", palette) }
        file += chunk("IDAT", data)
        return file + chunk("IEND", [])
    }
    private func decode(_ bytes: [UInt8]) throws -> Picture { try Pictures.decode(bytes, path: "p") }

    @Test func everyKindOfPNGIsBytes() throws {
        let grey = try decode(png(width: 4, height: 2, type: 0, rows: [[1, 2, 3, 4], [5, 6, 7, 8]]))
        #expect(grey == Picture(height: 2, width: 4, channels: 1, pixels: [1, 2, 3, 4, 5, 6, 7, 8]))
        let colour = try decode(png(width: 2, height: 1, type: 2, rows: [[1, 2, 3, 4, 5, 6]]))
        #expect(colour == Picture(height: 1, width: 2, channels: 3, pixels: [1, 2, 3, 4, 5, 6]))
        #expect(try decode(png(width: 2, height: 1, type: 6, rows: [[1, 2, 3, 0, 4, 5, 6, 255]])) == colour)
        #expect(
            try decode(png(width: 2, height: 1, type: 3, palette: [4, 5, 6, 1, 2, 3], rows: [[1, 0]])) == colour)
        #expect(
            try decode(png(width: 2, height: 1, type: 0, depth: 16, rows: [[255, 255, 128, 0]])).pixels == [255, 128])
        #expect(
            try decode(png(width: 8, height: 1, type: 0, depth: 1, rows: [[0b1010_0000]])).pixels == [
                255, 0, 255, 0, 0, 0, 0, 0,
            ])
        #expect(try decode(png(width: 2, height: 1, type: 4, rows: [[9, 0, 8, 255]])).pixels == [9, 8])
        #expect(try decode(png(width: 1, height: 1, type: 0, rows: [[7]], interlace: 1)).pixels == [7])
    }

    private static let greyJPEG = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8X\
        GBYUGBIUFRT/wAALCAAGAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQR\
        BRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4\
        eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEB\
        AAA/AOP/AGSf+XL8K//Z
        """
    private static let colourJPEG = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8X\
        GBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAAR\
        CAAGAAgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEG\
        E1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWG\
        h4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEB\
        AQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYk\
        NOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0\
        tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDI8EfBaw/d8x/lRRRX65jswxXtn+8Z2cLZ\
        rjf7Nh+9Z//Z
        """
    private static let progressiveJPEG = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8X\
        GBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgAR\
        CAAGAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAVAQEBAAAAAAAAAAAAAAAAAAADBv/aAAwDAQACEAMQAAABjFc3/8QA\
        FxAAAwEAAAAAAAAAAAAAAAAAAAIEBf/aAAgBAQABBQKLFQ//xAAaEQAABwAAAAAAAAAAAAAAAAAAAQMEBRQi/9oACAEDAQE/AYt0tWLQ/8QA\
        GBEAAgMAAAAAAAAAAAAAAAAAAAMEEjL/2gAIAQIBAT8BfIbfR//EABYQAAMAAAAAAAAAAAAAAAAAAAABMf/aAAgBAQAGPwJQ/8QAFBABAAAA\
        AAAAAAAAAAAAAAAAAP/aAAgBAQABPyFT/9oADAMBAAIAAwAAABDz/8QAFREBAQAAAAAAAAAAAAAAAAAAADH/2gAIAQMBAT8Qvb//xAAWEQAD\
        AAAAAAAAAAAAAAAAAAAAESH/2gAIAQIBAT8QYUf/xAAWEAADAAAAAAAAAAAAAAAAAAAAQZH/2gAIAQEAAT8QfQf/2Q==
        """
    private func bytes(_ base64: String) -> [UInt8] { Array(Data(base64Encoded: base64)!) }

    /// Made from ramps: grey 40 + 20·x; red the same, green 30 + 25·y, blue 200, with colours at half the size.
    @Test func everyKindOfJPEGIsBytes() throws {
        let grey = try decode(bytes(Self.greyJPEG))
        #expect(grey.height == 6 && grey.width == 8 && grey.channels == 1)
        for (place, value) in grey.pixels.enumerated() { #expect(abs(Int(value) - (40 + place % 8 * 20)) <= 2) }
        let colour = try decode(bytes(Self.colourJPEG)), progressive = try decode(bytes(Self.progressiveJPEG))
        #expect(colour == progressive && colour.channels == 3)
        for (place, value) in colour.pixels.enumerated() {
            let point = place / 3
            let expected = [40 + point % 8 * 20, 30 + point / 8 * 25, 200][place % 3]
            #expect(abs(Int(value) - expected) <= 40, "\(place)")
        }
    }

    /// Neither library may end the process or jump over our own frames, whatever a file holds.
    @Test func damagedPicturesAreRefused() throws {
        let pictures = [
            png(width: 4, height: 2, type: 0, rows: [[1, 2, 3, 4], [5, 6, 7, 8]]),
            png(width: 2, height: 1, type: 3, palette: [4, 5, 6, 1, 2, 3], rows: [[1, 0]]), bytes(Self.greyJPEG),
            bytes(Self.colourJPEG), bytes(Self.progressiveJPEG),
        ]
        for picture in pictures {
            for length in picture.indices {
                #expect(throws: FileProblem.self) { try decode(Array(picture[..<length])) }
            }
            for place in picture.indices {
                for change in [0x01, 0x80, 0xFF] as [UInt8] {
                    var damaged = picture
                    damaged[place] ^= change
                    do {
                        let read = try decode(damaged)
                        #expect(read.pixels.count == read.height * read.width * read.channels)
                    } catch { #expect(error is FileProblem) }
                }
            }
        }
        // Sizes of 4 GB a side; a checksum that is right.
        #expect(throws: FileProblem.self) {
            try decode(png(width: 0xFFFF_FFFF, height: 0xFFFF_FFFF, type: 2, rows: [[0]]))
        }
        #expect(throws: FileProblem.self) { try decode(png(width: 60_000, height: 60_000, type: 2, rows: [[0]])) }
        #expect(throws: FileProblem.self) { try decode(png(width: 0, height: 1, type: 2, rows: [[0]])) }
    }

    // MARK: Folders

    private func put(_ bytes: [UInt8], in path: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder((path as NSString).deletingLastPathComponent), withIntermediateDirectories: true)
        precondition(FileManager.default.createFile(atPath: folder(path), contents: Data(bytes)))
    }
    private func grey(_ value: UInt8) -> [UInt8] { png(width: 2, height: 1, type: 0, rows: [[value, value]]) }

    @Test func foldersAreClasses() throws {
        for (path, value) in [("train/b/2.png", 2), ("train/b/1.png", 1), ("train/a/9.PNG", 9), ("test/b/5.png", 5)] {
            try put(grey(UInt8(value)), in: path)
        }
        try put([1], in: "train/a/notes.txt")
        let found = try DataFormats.read(folder.path)
        #expect(found.format == "image-folder" && found.isChannelsLast == true)
        #expect(found.train.inputs.dimensions == [3, 1, 2, 1] && found.train.inputs.floats() == [9, 9, 1, 1, 2, 2])
        guard case .folders(let names, let labels)? = found.train.targets,
            case .folders(let testNames, let testLabels)? = found.test?.targets
        else {
            Issue.record("no classes")
            return
        }
        #expect(names == ["a", "b"] && labels == [0, 1, 1] && testNames == names && testLabels == [1])
        #expect(found.notices == ["1 files are neither PNG nor JPEG by their names and are left out"])
        // One in colour makes all of them so.
        try put(png(width: 2, height: 1, type: 2, rows: [[1, 2, 3, 4, 5, 6]]), in: "test/b/6.png")
        let colour = try DataFormats.read(folder.path)
        #expect(colour.train.inputs.dimensions == [3, 1, 2, 3])
        #expect(colour.test?.inputs.floats() == [5, 5, 5, 5, 5, 5, 1, 2, 3, 4, 5, 6])
        // Without halves the folder itself has the classes.
        let all = try DataFormats.read(folder("train"))
        #expect(all.test == nil && all.train.inputs.dimensions[0] == 3)
        try put(grey(1), in: "test/c/1.png")
        #expect { try DataFormats.read(folder.path) } throws: { "\($0)".contains("a class 'c'") }
        try FileManager.default.removeItem(atPath: folder("test"))
        try put(png(width: 1, height: 1, type: 0, rows: [[1]]), in: "train/b/3.png")
        #expect { try DataFormats.read(folder.path) } throws: {
            "\($0)".contains("3.png, picture: found 1×1 pixels, expected 2×1, as")
        }
        try put([], in: "train/a/0.png")
        #expect { try DataFormats.read(folder.path) } throws: { "\($0)".contains("0.png, byte 0: found an empty file") }
    }

    @Test func manySmallFilesAreRead() throws {
        let one = grey(3)
        for label in 0..<4 {
            try FileManager.default.createDirectory(atPath: folder("\(label)"), withIntermediateDirectories: true)
            for number in 0..<750 {
                precondition(
                    FileManager.default.createFile(atPath: folder("\(label)/\(number).png"), contents: Data(one)))
            }
        }
        #expect(try DataFormats.read(folder.path).train.inputs.dimensions == [3000, 1, 2, 1])
    }
}
