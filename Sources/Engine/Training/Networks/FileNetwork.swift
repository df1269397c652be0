import Descriptors

/// A network that a recipe takes from a file: `network: {file: model.onnx, prune: [conv*, "!head*"]}`.
package struct FileNetwork: Sendable, Equatable {
    /// Path of the file; absolute once the recipe is placed.
    package var file: String
    /// The other keys, checked and complete.
    package var values: [String: Value]

    package init(file: String, values: [String: Value] = [:]) throws {
        self.file = file
        self.values = try Arguments(values, for: Self.descriptor).values
    }

    package static let descriptor = Descriptor(
        name: "file", summary: "a network from an ONNX file, or from a network that Espalier kept",
        parameters: [
            Parameter(
                "prune", "names of the weights that may be cut, * for any text, ! to leave out; none: all that can be",
                .texts(count: 0...10_000), default: .texts([])),
            Parameter(
                "freeze", "names of what is not trained, as in prune", .texts(count: 0...10_000), default: .texts([])),
            Parameter(
                "head", "outputs of a new, untrained last layer; 0: the file's", .integer(0...1_000_000),
                default: .integer(0)),
            Parameter(
                "keep-zeros", "whether weights that are zero in the file count as pruned and stay zero", .boolean,
                default: .boolean(false)),
        ])

    /// Whether a word names a file and no network: `model.onnx`.
    package static func isFile(_ name: String) -> Bool {
        name.hasSuffix(".onnx") || name.hasSuffix(".safetensors")
    }

    private func texts(_ name: String) -> [String] {
        switch values[name] {
        case .texts(let texts)?: texts
        case .text(let text)?: [text]
        default: []
        }
    }
    package var prune: NamePatterns { NamePatterns(texts("prune")) }
    package var freeze: NamePatterns { NamePatterns(texts("freeze")) }
    package var head: Int? {
        if case .integer(let outputs)? = values["head"], outputs > 0 { outputs } else { nil }
    }
    package var keepsZeros: Bool { values["keep-zeros"] == .boolean(true) }
}
