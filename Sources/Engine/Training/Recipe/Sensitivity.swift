import Foundation
import Interchange
import Sparsity

/// How the figure falls as one layer alone is cut, the others left as they are. A run keeps it as `sensitivity.json`.
package struct Sensitivity: Codable, Sendable, Equatable {
    package struct Point: Codable, Sendable, Equatable {
        /// What the layer was asked to have, and what it had: no cut gives a layer fewer zeros than it has.
        package var level: Double
        package var sparsity: Double
        /// The figure of validation, and half the width of its 95 % interval.
        package var value: Double
        package var margin: Double
        /// To the network as it is, on the same samples; half the width of the 95 % interval of the pairs.
        package var difference: Double
        package var differenceMargin: Double

        package init(
            level: Double, sparsity: Double, value: Double, margin: Double, difference: Double, differenceMargin: Double
        ) {
            self.level = level
            self.sparsity = sparsity
            self.value = value
            self.margin = margin
            self.difference = difference
            self.differenceMargin = differenceMargin
        }
    }
    package struct Layer: Codable, Sendable, Equatable {
        package var name: String
        package var weights: Int
        /// Of its kernels in a forward pass, for each sample; nil: not measured.
        package var microseconds: Double?
        /// By ascending level.
        package var points: [Point]

        package init(name: String, weights: Int, points: [Point]) {
            self.name = name
            self.weights = weights
            self.points = points
        }
    }

    package static let levels = [0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99]
    private static let name = "espalier-sensitivity-1"

    package var format = Sensitivity.name
    /// Of the weights.
    package var step: Int
    /// As a recipe names them.
    package var figure: String
    package var isHigherBetter = true
    package var criterion: String
    package var granularity: String
    /// Samples, and the figure of the network as it is with half the width of its interval.
    package var count: Int
    package var value: Double
    package var margin: Double
    package var layers: [Layer]

    package init(
        step: Int, figure: String, criterion: String, granularity: String, count: Int, value: Double, margin: Double,
        layers: [Layer]
    ) {
        self.step = step
        self.figure = figure
        self.criterion = criterion
        self.granularity = granularity
        self.count = count
        self.value = value
        self.margin = margin
        self.layers = layers
    }

    // MARK: As a file

    package var json: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Finite numbers and texts: there is nothing that an encoder refuses.
        return String(decoding: try! encoder.encode(self), as: UTF8.self)
    }

    package func write(to path: String) throws { try AtomicFile.write(Array((json + "\n").utf8), to: path) }

    /// - Throws: `FileProblem`.
    package static func read(_ path: String) throws -> Sensitivity {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let bytes = try FileBytes.read(path, limit: 1 << 24)
        guard let read = try? decoder.decode(Sensitivity.self, from: Data(bytes)), read.format == name,
            read.isPlausible
        else {
            throw FileProblem(
                path: path, place: "file", found: "other contents", expected: "what 'espalier sensitivity' writes")
        }
        return read
    }

    private var isPlausible: Bool {
        layers.allSatisfy { layer in
            layer.weights > 0 && !layer.points.isEmpty
                && layer.points.allSatisfy {
                    (0...1).contains($0.level) && (0...1).contains($0.sparsity) && $0.value.isFinite
                        && $0.margin.isFinite && $0.difference.isFinite
                }
                && zip(layer.points, layer.points.dropFirst()).allSatisfy { $0.level < $1.level }
        }
    }
}
