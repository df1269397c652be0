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
        if let named = Files.environment("ESPALIER_SAMPLES") { return HomeFolder.find(named) + "/data" }
        for start in [Files.resolved("/proc/self/exe"), Files.workingFolder].compactMap({ $0 }) {
            var folder = start[...]
            while true {
                let candidate = folder + "/Samples/data"
                if Files.exists(String(candidate)) { return String(candidate) }
                guard let slash = folder.lastIndex(of: "/") else { break }
                folder = folder[..<slash]
            }
        }
        return nil
    }

    /// Reads the data set of that name, or the IDX files of that folder.
    /// - Throws: `FileProblem`, `DataError`.
    package static func load(_ name: String) throws -> DataSet { try load(name, notice: nil) }

    private static func load(_ name: String, notice: String?) throws -> DataSet {
        guard let named = all.first(where: { $0.descriptor.name == name }) else {
            let folder = HomeFolder.expand(name)
            guard Files.isFolder(folder) else {
                throw DataError.unknown(name, known: all.map { $0.descriptor.name })
            }
            return try read(name: name, IDXFolder(folder, prefix: ""), isNamed: false, notice: notice)
        }
        for place in named.places() where Files.exists(place.folder) {
            return try read(
                name: name, IDXFolder(place.folder, prefix: place.prefix), isNamed: true, notice: notice)
        }
        guard let fallback = named.fallback else { throw DataError.notInstalled(name) }
        return try load(
            fallback, notice: "\(name) is not installed: running on the embedded sample, \(fallback)")
    }

    private static func read(name: String, _ folder: IDXFolder, isNamed: Bool, notice: String?) throws -> DataSet {
        let train = try images(folder, .train), test = try images(folder, .test)
        guard train.shape == test.shape else {
            throw FileProblem(
                path: test.imagePath, place: "dimensions", found: "images of \(test.shape)",
                expected: "\(train.shape), as the training images have")
        }
        // A network has an output for each class of the training images; it could never be right about another.
        let highest = train.labels.max() ?? 0
        if let record = test.labels.firstIndex(where: { $0 > highest }) {
            throw FileProblem(
                path: test.labelPath, place: DataSet.place(of: record), found: "label \(test.labels[record])",
                expected: "0 to \(highest), the classes of the training images")
        }
        return DataSet(
            name: name, train: Samples(shape: train.shape, pixels: train.pixels, labels: train.labels),
            test: Samples(shape: test.shape, pixels: test.pixels, labels: test.labels), notice: notice,
            folder: isNamed ? nil : folder.path, labelFile: train.labelPath)
    }

    private struct Half {
        let shape: Shape
        let pixels: [UInt8]
        let labels: [UInt8]
        let imagePath: String
        let labelPath: String
    }

    private static func images(_ folder: IDXFolder, _ half: IDXFolder.Half) throws -> Half {
        let path = try folder.find(half, .images), labelPath = try folder.find(half, .labels)
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
        return Half(
            shape: Shape(channels: 1, height: images.dimensions[1], width: images.dimensions[2]),
            pixels: images.bytes, labels: labels.bytes, imagePath: path, labelPath: labelPath)
    }
}

package enum DataError: Error, Equatable, CustomStringConvertible {
    case unknown(String, known: [String])
    case notInstalled(String)
    case tooFew(found: Int, validation: Int)
    case tooLarge(network: String, gigabytes: Double)
    case tooManyWeights(layer: String, found: Int, accepted: Int)
    case shape(network: String, found: String, expected: String)
    /// No folder of that name in any place it was looked for.
    case noFolder(String, lookedFor: [String], known: [String])
    case twoFolders(String, [String])
    /// Of a run: its data is in none of the places where it was.
    case gone(String, lookedFor: [String])
    /// Of a run: other data than it was begun on.
    case other(found: [String], expected: String)

    package var description: String {
        switch self {
        case .unknown(let name, let known):
            "no data set '\(name)' and no folder of that name; known: \(known.joined(separator: ", "))"
        case .notInstalled(let name):
            "data set '\(name)' is not there: Samples/data was not found beside the program; ESPALIER_SAMPLES names the folder"
        case .tooFew(let found, let validation):
            "'validation' is \(validation) of \(found) training images; accepted: fewer than all of them"
        case .tooLarge(let network, let gigabytes):
            "network '\(network)' needs about \(Int(min(gigabytes, 1e15).rounded(.up))) GB to train, more than any machine has"
        case .tooManyWeights(let layer, let found, let accepted):
            "layer '\(layer)' starts with \(found) weights; accepted: at most \(accepted) that are not zero"
        case .shape(let network, let found, let expected):
            "network '\(network)' gives \(found); the data has \(expected) classes"
        case .noFolder(let name, let places, let known):
            "no data set '\(name)' and no folder \(places.joined(separator: " or ")); known: \(known.joined(separator: ", "))"
        case .twoFolders(let name, let places):
            "data '\(name)' is two folders: \(places[0]), beside the recipe, and \(places[1]); give the path of the one that is meant"
        case .gone(let name, let places):
            "the run's data '\(name)' is gone: no folder \(places.joined(separator: ", no folder ")); '--data FOLDER' says where it is now"
        case .other(let found, let expected):
            "this is not the data that the run was begun on ('\(expected)'): \(found.joined(separator: "; ")); "
                + "'--data FOLDER' says where that is, '--new-data' goes on with this"
        }
    }
}
