import Foundation
import Graph
import Interchange
import Kernels
import Testing
import Training

/// Training on every kind of data: the same weights on one and two threads, from memory and from a mapped file.
@Suite struct DataRunTests {
    let folder = TemporaryFolder()

    private func data(_ path: String, _ choice: DataChoice, mapsAbove: Double) throws -> DataSet {
        var reading = choice.reading
        reading.mapsAbove = mapsAbove
        return try DataAssembly.make(DataFormats.read(path, reading), choice, name: "t", path: path)
    }
    private func weights(_ plan: TrainingPlan, threads: Int) throws -> [[Float]] {
        let trainer = Trainer(plan, team: Team(size: threads))
        for _ in 0..<12 { #expect(try trainer.step().isFinite) }
        _ = trainer.test()
        return trainer.state().layers.map { $0.arrays.values + $0.arrays.bias }
    }

    @Test(arguments: ["bytes", "floats", "doubles", "table", "flat"])
    func threadsAndPlaceChangeNothing(_ kind: String) throws {
        let random = CounterRandom(seed: 5, purpose: .test)
        let count = 90, features = 3 * 6 * 5
        let values = (0..<count * features).map { UInt8(random.integer(below: 256, $0)) }
        let labels = Tensor("y", (0..<count).map { Int64($0 % 3) })
        var network =
            "[{operator: convolution, channels: 4, kernel: 3}, {operator: flatten}, {operator: linear, outputs: 3}]"
        let shape = [count, 6, 5, 3]
        var path = folder("a.npz")
        switch kind {
        case "bytes": try Npz.write([Tensor("x", values, shape: shape), labels], to: path)
        case "floats": try Npz.write([Tensor("x", values.map { Float($0) / 7 }, shape: shape), labels], to: path)
        case "doubles":
            let bytes = values.flatMap { value in withUnsafeBytes(of: Double(value) / 7) { Array($0) } }
            try Npz.write([Tensor("x", .f64, shape: shape, bytes: bytes), labels], to: path)
        case "table":
            path = folder("a.csv")
            let rows = (0..<count).map { row in
                (0..<9).map { "\(values[row * 9 + $0])" }.joined(separator: ",") + ",\(row % 3)"
            }
            precondition(
                FileManager.default.createFile(
                    atPath: path, contents: Data("a,b,c,d,e,f,g,h,i,y\n\(rows.joined(separator: "\n"))".utf8)))
            network = "mlp-9-16-3"
        default:
            try Npz.write([Tensor("x", values, shape: [count, features]), labels], to: path)
            network = "mlp-90-16-3"
        }
        let recipe = try RecipeReader.read(
            "network: \(network)\ndata: \(path)\nbatch: 13\nepochs: 4\nvalidation: 20", file: "r", name: "r")
        let held = try data(path, recipe.dataChoice, mapsAbove: .infinity)
        let mapped = try data(path, recipe.dataChoice, mapsAbove: 0)
        #expect(!held.train.elements.isMapped)
        #expect(mapped.train.elements.isMapped == ["bytes", "floats", "flat"].contains(kind))
        #expect(DataIdentity(held) == DataIdentity(mapped) && held.normalization == mapped.normalization)
        #expect(held.normalization.means.count == (kind == "flat" ? 1 : kind == "table" ? 9 : 3))
        let one = try weights(TrainingPlan(recipe, data: held), threads: 1)
        #expect(try weights(TrainingPlan(recipe, data: held), threads: 2) == one)
        #expect(try weights(TrainingPlan(recipe, data: mapped), threads: 2) == one)
    }

    /// Means and deviations of all channels, and axes that are no image's, go with a kept network and come back.
    @Test(arguments: [[40, 3, 4, 4], [40, 6, 9], [40, 2, 3, 2, 2]])
    func aKeptNetworkHasItsChannels(_ axes: [Int]) throws {
        let values = (0..<axes.reduce(1, *)).map { Float($0 * 7 % 31) }
        try Npz.write(
            [Tensor("x", values, shape: axes), Tensor("y", (0..<40).map { Int64($0 % 2) })], to: folder("a.npz"))
        let layout = axes.count == 3 ? "ncl" : axes.count == 4 ? "nchw" : "axes"
        let recipe = try RecipeReader.read(
            "network: [{operator: flatten}, {operator: linear, outputs: 2}]\n"
                + "data: {path: \(folder("a.npz")), layout: \(layout)}", file: "r", name: "r")
        let plan = try TrainingPlan(recipe)
        let state = Trainer(plan, team: Team(size: 1)).state()
        let path = folder("kept.safetensors")
        try KeptNetwork(
            layers: state.layers, parameters: state.parameters, recipe: recipe, data: plan.data, classes: 2,
            input: plan.data.train.shape, step: 3
        ).write(to: path, graph: plan.graph)
        let opened = try KeptNetwork.read(path)
        #expect(opened.normalization == plan.data.normalization && opened.normalization.means.count == axes[1])
        #expect(opened.graph.input == Shape(Array(axes[1...])) && opened.recipe == recipe)
        // What a stranger says of them is held to what they may be.
        let file = try Safetensors.read(path)
        for (key, value) in [
            ("input_mean", "1,2,3,4,5"), ("input_mean", "1,,2"), ("input_deviation", "1"), ("input_deviation", "0"),
            ("input_deviation", "nan"), ("input_axes", "2,2,2,2,2,2,2,2,2"), ("input_axes", "9223372036854775807,3"),
            ("input_axes", "x"), ("input_axes", ""),
        ] {
            var metadata = file.metadata
            metadata[key] = value
            metadata["checksum"] = nil
            let forged = folder("forged.safetensors")
            try Safetensors.write(TensorFile(sealing: file.tensors, metadata: metadata, path: forged), to: forged)
            #expect { try KeptNetwork.read(forged) } throws: {
                ($0 as? FileProblem)?.place.hasPrefix("metadata 'input_") == true
            }
        }
    }
}
