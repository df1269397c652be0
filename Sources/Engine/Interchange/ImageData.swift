import Descriptors

/// Pictures in folders that are their classes: `train/cat/1.png`, `test/cat/9.png`, or `cat/1.png` alone.
enum ImageData: DataFormat {
    static let descriptor = Descriptor(
        name: "image-folder",
        summary: "Folders of PNG and JPEG files, a folder a class, in train and test or in one part")

    private static let trains = ["train", "training"]
    private static let tests = ["test", "testing", "val", "valid", "validation"]

    static func sniff(_ place: DataLocation) -> Bool {
        guard place.isFolder else { return false }
        let root = folder(place, trains) ?? place.path
        // A folder of another kind may have any number of others in it.
        return folders(root).prefix(100).contains { folder in
            (Files.names(in: "\(root)/\(folder)") ?? []).prefix(1000).contains(where: isPicture)
        }
    }

    static func read(_ place: DataLocation, _ reading: DataReading) throws -> FoundData {
        let trainPath = folder(place, trains)
        let root = trainPath ?? place.path
        let testPath = trainPath == nil ? nil : folder(place, tests)
        let names = folders(root).filter { name in (Files.names(in: "\(root)/\(name)") ?? []).contains(where: isPicture)
        }
        var train = try Growing(root, names, size: nil)
        var test = try testPath.map { path in
            if let other = folders(path).first(where: { !names.contains($0) && holdsPictures("\(path)/\($0)") }) {
                throw FileProblem(
                    path: path, place: "folders", found: "a class \(FileProblem.quote(other))",
                    expected: "the classes of the training pictures: \(names.prefix(12).joined(separator: ", "))")
            }
            return try Growing(path, names, size: train)
        }
        // One in colour makes all of them so.
        let channels = max(train.channels, test?.channels ?? 1)
        func half(_ growing: inout Growing, _ path: String) -> FoundData.Half {
            growing.widen(to: channels)
            let dimensions = [growing.labels.count, growing.height, growing.width, channels]
            return FoundData.Half(
                inputs: NumberArray(.u8, dimensions, ByteSlice(growing.pixels), path: path),
                targets: .folders(names, growing.labels), targetPath: path)
        }
        let trainHalf = half(&train, root)
        var testHalf: FoundData.Half?
        if test != nil { testHalf = half(&test!, testPath!) }
        var found = FoundData(format: "image-folder", train: trainHalf, test: testHalf)
        found.isChannelsLast = true
        let skipped = train.skipped + (test?.skipped ?? 0)
        if skipped > 0 {
            found.notices.append("\(skipped) files are neither PNG nor JPEG by their names and are left out")
        }
        return found
    }

    private static func folder(_ place: DataLocation, _ words: [String]) -> String? {
        for word in words {
            if let name = place.names.first(where: { $0.lowercased() == word }), Files.isFolder("\(place.path)/\(name)")
            {
                return "\(place.path)/\(name)"
            }
        }
        return nil
    }

    private static func folders(_ path: String) -> [String] {
        (Files.names(in: path) ?? []).filter { !$0.hasPrefix(".") && Files.isFolder("\(path)/\($0)") }
    }

    private static func isPicture(_ name: String) -> Bool {
        !name.hasPrefix(".") && Pictures.endings.contains(Files.ending(of: name).lowercased())
    }

    private static func holdsPictures(_ path: String) -> Bool {
        (Files.names(in: path) ?? []).contains(where: isPicture)
    }

    /// The pixels of one half, picture after picture.
    private struct Growing {
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        var height = 0
        var width = 0
        var channels = 1
        var skipped = 0
        private var first = ""

        /// - Parameter size: a half whose size the pictures must have.
        init(_ root: String, _ classes: [String], size: Growing?) throws {
            if let size { (height, width, channels, first) = (size.height, size.width, size.channels, size.first) }
            let files = classes.map { name in
                (Files.names(in: "\(root)/\(name)") ?? []).filter { !$0.hasPrefix(".") }
            }
            let count = files.reduce(0) { $0 + $1.count(where: isPicture) }
            for (label, names) in files.enumerated() {
                for name in names {
                    guard isPicture(name) else {
                        skipped += 1
                        continue
                    }
                    let path = "\(root)/\(classes[label])/\(name)"
                    try add(Pictures.read(path), Int32(label), path, of: count)
                }
            }
            guard !labels.isEmpty else {
                throw FileProblem(
                    path: root, place: "folders", found: "no pictures",
                    expected: "a folder of PNG or JPEG files for each class")
            }
        }

        private mutating func add(_ picture: Picture, _ label: Int32, _ path: String, of count: Int) throws {
            if first.isEmpty {
                (height, width, channels, first) = (picture.height, picture.width, picture.channels, path)
            }
            guard picture.height == height, picture.width == width else {
                throw FileProblem(
                    path: path, place: "picture", found: "\(picture.width)×\(picture.height) pixels",
                    expected: "\(width)×\(height), as \(first) has: all of one size")
            }
            if labels.isEmpty {
                let bytes = Double(count) * Double(height * width * 3), free = FreeMemory.now
                guard bytes <= free.bytes else {
                    throw FileProblem(
                        path: path, place: "size", found: "\(count) pictures of \(width)×\(height)",
                        expected: "no more than memory takes: \(Int(free.bytes)) bytes are \(free.holder)")
                }
                pixels.reserveCapacity(count * height * width * channels)
            }
            if picture.channels > channels { widen(to: picture.channels) }
            if picture.channels < channels {
                for value in picture.pixels { for _ in 0..<channels { pixels.append(value) } }
            } else {
                pixels += picture.pixels
            }
            labels.append(label)
        }

        /// Grey is as much of every colour.
        mutating func widen(to wanted: Int) {
            guard wanted > channels else { return }
            var wide: [UInt8] = []
            wide.reserveCapacity(max(pixels.capacity, pixels.count) * wanted)
            for value in pixels { for _ in 0..<wanted { wide.append(value) } }
            (pixels, channels) = (wide, wanted)
        }
    }
}
