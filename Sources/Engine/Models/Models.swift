import Interchange

/// Models of other programs' making: files in and out.
package enum Models {
    /// Operators of ONNX that are read, by name.
    package static let operators: [String] = ImportRules.all.keys.sorted()

    /// Reads an ONNX file and makes a graph of it, as far as that goes: `problems` says all that cannot run.
    ///
    /// - Throws: `FileProblem` where it is no ONNX file, or a damaged one.
    package static func importModel(path: String, options: ImportOptions = ImportOptions()) throws -> ImportedModel {
        try importModel(ONNXReader.read(path), options: options)
    }

    package static func importModel(
        _ model: ONNXModel, options: ImportOptions = ImportOptions()
    ) throws -> ImportedModel {
        let first = Result { try imported(model, options) }
        if case .success(let result) = first, result.problems.isEmpty { return result }
        // A first axis with a size need not be a batch.
        if options.hasBatch == nil, isFixed(model, options) {
            var whole = options
            whole.hasBatch = false
            if let result = try? imported(model, whole), result.problems.isEmpty { return result }
        }
        return try first.get()
    }

    private static func imported(_ model: ONNXModel, _ options: ImportOptions) throws -> ImportedModel {
        let importer = Importer(model, options: options)
        try importer.run()
        return ImportedModel(importer)
    }

    private static func isFixed(_ model: ONNXModel, _ options: ImportOptions) -> Bool {
        model.graph.inputs.contains { input in
            guard let axes = input.axes, !axes.isEmpty else { return false }
            return axes.allSatisfy { if case .size = $0 { true } else { false } }
        }
    }
}
