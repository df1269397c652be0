import Descriptors
import Foundation
import Graph
import Interchange

/// Data sets that a recipe names. A new one is a line here; any other is given as a folder of IDX files.
package enum DataSources {
    package struct Named: Sendable {
        package let descriptor: Descriptor
        /// Folders to look in, with the start of the file names there, first found first taken.
        let places: @Sendable () -> [(folder: String, prefix: String)]
        /// Used where none of the places has it.
        let fallback: String?
    }

    package static let all: [Named] = [
        Named(
            descriptor: Descriptor(
                name: "fashion-mnist", summary: "60,000 + 10,000 articles of clothing, 28×28, ten classes",
                citation: "Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747"),
            places: { [("/usr/share/datasets/fashion-mnist", "")] }, fallback: "fashion-sample"),
        Named(
            descriptor: Descriptor(
                name: "fashion-sample", summary: "6,000 + 1,000 images of Fashion-MNIST that come with Espalier",
                citation: "Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747"),
            places: { samples.map { [($0, "fashion-sample-")] } ?? [] }, fallback: nil),
        Named(
            descriptor: Descriptor(
                name: "digits", summary: "1,437 + 360 handwritten digits, 8×8, that come with Espalier",
                citation: "Alpaydin & Kaynak 1998, UCI Machine Learning Repository"),
            places: { samples.map { [($0, "digits-")] } ?? [] }, fallback: nil),
    ]

    /// `Samples/data`: named by ESPALIER_SAMPLES, else found above the executable or the working folder.
    package static var samples: String? {
        let files = FileManager.default
        if let named = ProcessInfo.processInfo.environment["ESPALIER_SAMPLES"] { return named + "/data" }
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        for start in [executable.deletingLastPathComponent(), URL(fileURLWithPath: files.currentDirectoryPath)] {
            var folder = start
            while folder.path != "/" {
                let candidate = folder.appendingPathComponent("Samples/data").path
                if files.fileExists(atPath: candidate) { return candidate }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }

    /// Reads the data set of that name, or the IDX files of that folder.
    /// - Throws: `FileProblem`, `DataError`.
    package static func load(_ name: String) throws -> DataSet { try load(name, notice: nil) }

    private static func load(_ name: String, notice: String?) throws -> DataSet {
        guard let named = all.first(where: { $0.descriptor.name == name }) else {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue else {
                throw DataError.unknown(name, known: all.map { $0.descriptor.name })
            }
            return try read(name: name, folder: name, prefix: "", notice: notice)
        }
        for place in named.places() where FileManager.default.fileExists(atPath: place.folder) {
            return try read(name: name, folder: place.folder, prefix: place.prefix, notice: notice)
        }
        guard let fallback = named.fallback else { throw DataError.notInstalled(name) }
        return try load(
            fallback, notice: "\(name) is not installed: running on the embedded sample, \(fallback)")
    }

    private static func read(name: String, folder: String, prefix: String, notice: String?) throws -> DataSet {
        let train = try images(folder, ["\(prefix)train"])
        let test = try images(folder, ["\(prefix)test", "\(prefix)t10k"])
        guard train.images.shape == test.images.shape else {
            throw FileProblem(
                path: test.path, place: "dimensions", found: "images of \(test.images.shape)",
                expected: "\(train.images.shape), as the training images have")
        }
        return DataSet(name: name, train: train.images, test: test.images, notice: notice)
    }

    private static func images(_ folder: String, _ starts: [String]) throws -> (images: Images, path: String) {
        let path = find(folder, starts, "-images-idx3-ubyte")
        let labelPath = find(folder, starts, "-labels-idx1-ubyte")
        let images = try IDX.read(path)
        let labels = try IDX.read(labelPath)
        guard images.dimensions.count == 3 else {
            throw FileProblem(
                path: path, place: "byte 3", found: "\(images.dimensions.count) dimensions",
                expected: "3 (images, rows, columns)")
        }
        guard labels.dimensions.count == 1 else {
            throw FileProblem(
                path: labelPath, place: "byte 3", found: "\(labels.dimensions.count) dimensions",
                expected: "1 (labels)")
        }
        guard images.dimensions[0] == labels.dimensions[0] else {
            throw FileProblem(
                path: labelPath, place: "byte 4", found: "\(labels.dimensions[0]) labels",
                expected: "\(images.dimensions[0]), one for each image of \(path)")
        }
        guard images.dimensions.allSatisfy({ $0 > 0 }) else {
            throw FileProblem(
                path: path, place: "byte 4", found: "no images (\(images.dimensions))", expected: "at least one")
        }
        let shape = Shape(channels: 1, height: images.dimensions[1], width: images.dimensions[2])
        return (Images(shape: shape, pixels: images.bytes, labels: labels.bytes), path)
    }

    // Of the names that exist the first; where none does the first, so that the error names it.
    private static func find(_ folder: String, _ starts: [String], _ end: String) -> String {
        let candidates = starts.flatMap { ["\(folder)/\($0)\(end)", "\(folder)/\($0)\(end).gz"] }
        return candidates.first { FileManager.default.fileExists(atPath: $0) } ?? candidates[0]
    }
}

package enum DataError: Error, Equatable, CustomStringConvertible {
    case unknown(String, known: [String])
    case notInstalled(String)
    case tooFew(found: Int, validation: Int)
    case tooLarge(network: String, gigabytes: Double)
    case tooManyWeights(layer: String, found: Int, accepted: Int)
    case shape(network: String, found: String, expected: String)

    package var description: String {
        switch self {
        case .unknown(let name, let known):
            "no data set '\(name)' and no folder of that name; known: \(known.joined(separator: ", "))"
        case .notInstalled(let name):
            "data set '\(name)' is not there: Samples/data was not found beside the program; ESPALIER_SAMPLES names the folder"
        case .tooFew(let found, let validation):
            "'validation' is \(validation) of \(found) training images; accepted: fewer than all of them"
        case .tooLarge(let network, let gigabytes):
            "network '\(network)' needs about \(Int(min(gigabytes, 1e15).rounded(.up))) GB to train, more than this machine has; "
                + "method static-sparse with criterion random starts sparse and needs memory for its nonzeros alone"
        case .tooManyWeights(let layer, let found, let accepted):
            "layer '\(layer)' starts with \(found) weights; accepted: at most \(accepted) that are not zero"
        case .shape(let network, let found, let expected):
            "network '\(network)' gives \(found) outputs; the data has \(expected) classes"
        }
    }
}
