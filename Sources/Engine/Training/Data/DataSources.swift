import Descriptors
import Foundation
import Graph
import Interchange

/// Data sets that a recipe names. A new one is a line here; any other is given by its path.
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

    /// Reads the data set of that name, or what lies at that path.
    /// - Throws: `FileProblem`, `DataError`.
    package static func load(_ name: String, _ choice: DataChoice = .standard) throws -> DataSet {
        try load(name, choice, notice: nil)
    }

    private static func load(_ name: String, _ choice: DataChoice, notice: String?) throws -> DataSet {
        guard let named = all.first(where: { $0.descriptor.name == name }) else {
            let path = HomeFolder.expand(name)
            guard Files.exists(path) else { throw DataError.unknown(name, known: all.map { $0.descriptor.name }) }
            return try DataAssembly.make(
                DataFormats.read(path, choice.reading), choice, name: name, path: path, notice: notice)
        }
        for place in named.places() where Files.exists(place.folder) {
            let folder = IDXFolder(place.folder, prefix: place.prefix)
            return try DataAssembly.make(
                IDXData.read(folder, choice.reading), choice, name: name, path: place.folder, isNamed: true,
                notice: notice)
        }
        guard let fallback = named.fallback else {
            throw DataError.notInstalled(name, samples: Files.environment("ESPALIER_SAMPLES"))
        }
        return try load(
            fallback, choice, notice: "\(name) is not installed: running on the embedded sample, \(fallback)")
    }
}

package enum DataError: Error, Equatable, CustomStringConvertible {
    /// NaN or infinite numbers in one half.
    case notFinite(String, half: String, count: Int, place: String)
    case unknown(String, known: [String])
    /// With the folder that ESPALIER_SAMPLES names.
    case notInstalled(String, samples: String?)
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
        case .notFinite(let name, let half, let count, let place):
            "data '\(name)' has \(count) \(half) values that are NaN or infinite, the first at \(place); accepted: finite numbers"
        case .unknown(let name, let known):
            "no data set '\(name)' and no file or folder of that name; known: \(known.joined(separator: ", "))"
                + didYouMean(name, among: known)
        case .notInstalled(let name, let samples?):
            "data set '\(name)' is not there: ESPALIER_SAMPLES is \(samples), and \(samples)/data does not hold it"
        case .notInstalled(let name, nil):
            "data set '\(name)' is not there: Samples/data was not found beside the program; ESPALIER_SAMPLES names the folder Samples"
        case .tooFew(let found, let validation):
            "'validation' is \(validation) of \(found) training samples; accepted: fewer than all of them"
        case .tooLarge(let network, let gigabytes):
            "network '\(network)' needs about \(Int(min(gigabytes, 1e15).rounded(.up))) GB to train, more than any machine has"
        case .tooManyWeights(let layer, let found, let accepted):
            "layer '\(layer)' starts with \(found) weights; accepted: at most \(accepted) that are not zero"
        case .shape(let network, let found, let expected):
            "network '\(network)' gives \(found); the data has \(expected) classes"
        case .noFolder(let name, let places, let known):
            "no data set '\(name)' and no file or folder \(places.joined(separator: " or ")); known: \(known.joined(separator: ", "))"
                + didYouMean(name, among: known)
        case .twoFolders(let name, let places):
            "data '\(name)' is two places: \(places[0]), beside the recipe, and \(places[1]); give the path of the one that is meant"
        case .gone(let name, let places):
            "the run's data '\(name)' is gone: nothing at \(places.joined(separator: ", nothing at ")); '--data PATH' says where it is now"
        case .other(let found, let expected):
            "this is not the data that the run was begun on ('\(expected)'): \(found.joined(separator: "; ")); "
                + "'--data PATH' says where that is, '--new-data' goes on with this"
        }
    }
}
