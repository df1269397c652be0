import ArgumentParser
import Devices
import Graph
import Interchange
import Kernels
import Models
import Training

/// `espalier export --format c99`: a folder of C files that build without anything else.
struct DeviceExport {
    let folder: String
    let name: String
    /// Bytes that tables and arena must fit into; nil: any.
    private let flash: Int?
    private let ram: Int?
    private let force: Bool
    private let isForSpeed: Bool
    private let encoding: String?

    /// - Parameter output: a name that ends in `.c`, whose folder gets all files, or a folder.
    /// - Throws: `ValidationError` of a name that C does not take; `FileProblem` where a file is there already and may not be
    ///   replaced, before anything is computed.
    init(
        _ output: String, flash: Int?, ram: Int?, force: Bool, isForSpeed: Bool = false, encoding: String? = nil
    ) throws {
        (self.flash, self.ram, self.force) = (flash, ram, force)
        (self.isForSpeed, self.encoding) = (isForSpeed, encoding)
        let path = HomeFolder.expand(output)
        var last = Files.name(of: path)
        // The folder's own name, of one that is named by dots.
        if [".", ".."].contains(last) { last = Files.name(of: Files.resolved(path) ?? path) }
        name = last.hasSuffix(".c") ? String(last.dropLast(2)) : last
        folder = last.hasSuffix(".c") ? Files.folder(of: path) : path
        if let reason = C99Export.refusal(ofName: name) {
            throw ValidationError("--output is '\(output)'; '\(name).c' is \(reason)")
        }
        _ = try paths()
    }

    private func paths() throws -> [String] {
        try C99Export.fileNames(name).map {
            try OutputPlace.free(folder.isEmpty ? $0 : "\(folder)/\($0)", force: force)
        }
    }

    /// Of the network in 8 bits ranges are measured on training samples of its data.
    func export(
        _ opened: OpenedNetwork, path: String, bits: Int, data: RunData.Choice
    ) throws -> C99Export {
        // Floats need no data but for the figure.
        let plan = bits == 8 ? try opened.plan(data) : try? opened.plan(data)
        let network = opened.network
        try network.answerInOwnUnits(opened.targetScale, path: path)
        let normalization = opened.normalization ?? plan?.data.normalization
        var options = options(opened.recipe, opened.step, normalization)
        options.about += try Self.ends(path)
        var export: C99Export
        if let plan, bits == 8 {
            let images = try plan.calibrationImages(512, shape: network.graph.input, normalization: normalization)
            var notes: [String] = []
            let made = try opened.integers(network, images, nil, known: opened.ranges, notes: &notes).network
            for note in notes { Output.error("espalier: \(note)") }
            options.golden = C99Export.golden(made, Array(images.prefix(2)))
            options.layerNames = Self.layerNames(network.graph)
            export = try C99Export(made, options: options)
        } else {
            let inputs =
                try plan?.calibrationImages(2, shape: network.graph.input, normalization: normalization)
                ?? [C99Export.inputs(network.graph.input.features)]
            export = try C99Export(network.graph, ModelArrays(network), options: options)
            export.options.golden = C99Export.golden(network, inputs)
        }
        try export.require(flash: flash, ram: ram)
        export.options.accuracy = try CompiledExport.accuracy(export, plan, network, normalization)
        return export
    }

    /// The integers of a file that `espalier quantize` wrote, as they are.
    func export(_ kept: QuantizedKept, path: String, data: RunData.Choice) throws -> C99Export {
        let plan = try? kept.plan(in: Files.folder(of: path), choice: data)
        var options = options(kept.recipe, kept.step, kept.normalization)
        let network = Network(try kept.standIn(), capacity: 64, team: Team(size: 1), trains: false)
        let inputs =
            try plan?.calibrationImages(2, shape: network.graph.input, normalization: kept.normalization)
            ?? [C99Export.inputs(network.graph.input.features)]
        options.golden = C99Export.golden(kept.network, inputs)
        var export = try C99Export(kept.network, options: options)
        try export.require(flash: flash, ram: ram)
        export.options.accuracy = try CompiledExport.accuracy(export, plan, network, kept.normalization)
        return export
    }

    private func options(
        _ recipe: Recipe, _ step: Int, _ normalization: Normalization?
    ) -> C99Export.Options {
        var options = C99Export.Options(name: name)
        (options.isForSpeed, options.encoding) = (isForSpeed, encoding)
        options.about = ["\(recipe.name), step \(step)"]
        if let normalization {
            (options.means, options.deviations) = (normalization.means, normalization.deviations)
        }
        return options
    }

    /// Layers with weights by the nodes after them that read nothing else.
    private static func layerNames(_ graph: Graph) -> [String: String] {
        var names: [String: String] = [:]
        for (number, node) in graph.nodes.enumerated() where node.weightShape != nil {
            var last = number
            while let next = graph.readers(of: last).first, graph.readers(of: last).count == 1,
                graph.nodes[next].weightShape == nil, graph.nodes[next].inputs == [last]
            {
                last = next
                names[graph.nodes[last].name] = node.name
            }
        }
        return names
    }

    /// Which inputs and outputs of a model's file are those of the C, where there are several.
    private static func ends(_ path: String) throws -> [String] {
        guard path.hasSuffix(".onnx"), !Files.isFolder(path) else { return [] }
        let model = try Models.importModel(path: path)
        let inputs = model.inputs.map { "\($0.name) \($0.fileShape)" }
        return (inputs.count < 2 ? [] : ["inputs, one behind the other: " + inputs.joined(separator: ", ")])
            + model.facts
    }

    /// - Throws: `FileProblem`, also where a file is there by now and may not be replaced; then none is written.
    func write(_ export: C99Export) throws {
        let paths = try paths()
        let files = zip(paths, export.files).map { path, file in (path, [Array(file.text.utf8)]) }
        try Files.inFolder(folder.isEmpty ? "." : folder) { try AtomicFile.write(files) }
        for (path, chunks) in files { Output.line("\(path): \(chunks[0].count) bytes") }
        Output.line(
            "tables \(export.tableBytes) bytes, arena \(export.arenaBytes) bytes, multiply-adds "
                + "\(export.liveMultiplyAdds) of \(export.multiplyAdds); accuracy \(export.options.accuracy)")
    }
}
