import Foundation
import Interchange
import Sparsity

extension Removal {
    private static let version = "espalier-cut-2"
    /// Had no checksum.
    private static let first = "espalier-cut-1"

    /// Writes the weights that a cut took away.
    func write(to path: String) throws {
        var tensors: [Tensor] = []
        for layer in layers {
            tensors.append(Tensor("\(layer.name).indices", layer.indices.map(UInt64.init)))
            tensors.append(Tensor("\(layer.name).values", layer.values))
        }
        let metadata = ["format": Self.version, "id": "\(id)", "event": "\(event)", "step": "\(step)"]
        try Safetensors.write(TensorFile(sealing: tensors, metadata: metadata, path: path), to: path)
    }

    /// - Parameter totals: weights of each layer, which positions must stay inside.
    static func read(_ path: String, totals: [String: Int]) throws -> Removal {
        let file = try Safetensors.read(path)
        func number(_ key: String) throws -> Int {
            guard let value = Int(try file.text(key)) else {
                throw FileProblem(
                    path: path, place: "metadata '\(key)'", found: try file.text(key), expected: "a number")
            }
            return value
        }
        let format = try file.text("format")
        guard format == version || format == first else {
            throw FileProblem(path: path, place: "metadata 'format'", found: format, expected: version)
        }
        try file.requireChecksum(isOptional: format == first)
        var removal = Removal(id: try number("id"), event: try number("event"), step: try number("step"), layers: [])
        let check = NumberCheck(path: path, place: "metadata")
        try check.require("id", removal.id, 1...NumberCheck.counts.upperBound)
        try check.require("event", removal.event, NumberCheck.counts)
        try check.require("step", removal.step, NumberCheck.steps)
        // A name may hold anything, so no list of names is kept beside the tensors that bear them.
        let suffix = ".indices"
        for name in file.tensors.map(\.name) where name.hasSuffix(suffix) {
            let name = String(name.dropLast(suffix.count))
            guard let words = file["\(name).indices"]?.words, let values = file["\(name).values"]?.floats,
                words.count == values.count
            else {
                throw FileProblem(
                    path: path, place: "layer '\(name)'", found: "indices and values that do not fit",
                    expected: "one value an index")
            }
            let indices = words.map { Int(clamping: $0) }
            guard zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 }), indices.last ?? 0 < totals[name] ?? 0
            else {
                throw FileProblem(
                    path: path, place: "\(name).indices", found: "positions out of order or beyond the layer",
                    expected: "ascending positions below \(totals[name] ?? 0)")
            }
            removal.layers.append(Layer(name: name, indices: indices, values: values))
        }
        return removal
    }
}
