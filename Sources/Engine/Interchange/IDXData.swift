import Descriptors

/// Images and labels of two halves in four files of a folder.
package enum IDXData: DataFormat {
    package static let descriptor = IDX.descriptor

    package static func sniff(_ place: DataLocation) -> Bool {
        place.isFolder && (try? IDXFolder(place.path, prefix: "").find(.train, .images)) != nil
    }

    package static func read(_ place: DataLocation, _ reading: DataReading) throws -> FoundData {
        guard place.isFolder else {
            throw FileProblem(
                path: place.path, place: "path", found: "one file",
                expected: "the folder that holds images and labels of training and test")
        }
        return try read(IDXFolder(place.path, prefix: reading.x ?? ""), reading)
    }

    package static func read(_ folder: IDXFolder, _ reading: DataReading) throws -> FoundData {
        // Every name before any file, so that what is missing is said first.
        let train = (try folder.find(.train, .images), try folder.find(.train, .labels))
        let hasTest = !folder.lacksTest
        let test = hasTest ? (try folder.find(.test, .images), try folder.find(.test, .labels)) : nil
        return FoundData(
            format: "idx", train: try half(train, reading), test: try test.map { try half($0, reading) })
    }

    private static func half(_ paths: (images: String, labels: String), _ reading: DataReading) throws
        -> FoundData.Half
    {
        let inputs = try IDX.numbers(paths.images, mapsAbove: reading.mapsAbove)
        var labels = try IDX.numbers(paths.labels, mapsAbove: reading.mapsAbove)
        guard inputs.dimensions.count >= 2 else {
            throw FileProblem(
                path: paths.images, place: "byte 3", found: "\(inputs.dimensions.count) dimensions",
                expected: "2 or more (images, rows, columns)")
        }
        guard labels.dimensions.count <= 2 else {
            throw FileProblem(
                path: paths.labels, place: "byte 3", found: "\(labels.dimensions.count) dimensions",
                expected: "1 (labels)")
        }
        guard inputs.dimensions[0] == labels.dimensions[0] else {
            throw FileProblem(
                path: paths.labels, place: "byte 4", found: "\(labels.dimensions[0]) labels",
                expected: "\(inputs.dimensions[0]), one for each image of \(paths.images)")
        }
        guard inputs.dimensions.allSatisfy({ $0 > 0 }) else {
            throw FileProblem(
                path: paths.images, place: "byte 4", found: "no images (\(inputs.dimensions))", expected: "at least one"
            )
        }
        // QMNIST's table: of eight numbers about each image the first is its class, the others who wrote it and where.
        if labels.dimensions.count == 2, labels.dimensions[1] == 8, labels.type == .i32 {
            let width = 8 * 4
            let first = labels.bytes.withBytes { bytes in
                (0..<labels.dimensions[0]).flatMap { row in bytes[row * width..<row * width + 4] }
            }
            labels = NumberArray(.i32, [labels.dimensions[0]], ByteSlice(first), isBigEndian: true, path: labels.path)
        }
        return FoundData.Half(
            inputs: inputs, targets: .array(labels), targetPath: paths.labels,
            labelHeader: labels.type == .u8 && labels.dimensions.count == 1 ? 8 : nil)
    }
}
