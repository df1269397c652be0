import Foundation
import Interchange
import Testing
import Training

/// What a folder holds that a workbench can be opened on.
@Suite struct FolderSearchTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }
    private func write(_ bytes: [UInt8], _ name: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    private func search(_ change: (inout FolderSearch) -> Void = { _ in }) -> [String: Finding] {
        var search = FolderSearch(samples: nil)
        search.seconds = 60
        change(&search)
        let found = search.run(folder).all.filter { $0.path.hasPrefix(folder) }
        return Dictionary(found.map { (String($0.path.dropFirst(folder.count + 1)), $0) }) { first, _ in first }
    }

    @Test func eachKindIsTold() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let recipe = "# For tests.\n# Quick.\nnetwork: lenet-5  # small\ndata: \"own\"\nepochs: 3\n"
        try write(recipe, "mine.yaml")
        try write("name: x\nvalues: [1]\n", "other.yaml")
        let line = MetricsLine.line(step: 430)
        try write(recipe, "runs/a-1/recipe.yaml")
        try write(
            line + "\n" + line.replacingOccurrences(of: "430", with: "860") + "\n{\"step\":9", "runs/a-1/metrics.jsonl")
        // A run's own recipe has every key of a network of a file, and of data.
        try write(
            "network: {file: /m/net.onnx, freeze: [], prune: []}\ndata: {layout: NCHW, path: \"/d/own.npz\"}\n",
            "runs/a-2/recipe.yaml")
        try write([8, 8, 18, 7] + Array("pytorch".utf8) + [26, 5] + Array("2.1.0".utf8), "m/net.onnx")
        try write("no model", "m/bad.onnx")
        try write("no model", "m/bad.safetensors")
        try write("PK\u{3}\u{4}", "arrays.npz")
        try write("a,b\n1,2\n", "table.csv")
        let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4] + [UInt8](repeating: 1, count: 24)
        try write(images, "idx/train-images-idx3-ubyte")
        try write([0, 0, 8, 1, 0, 0, 0, 2, 1, 0], "idx/train-labels-idx1-ubyte")
        for name in ["cats/1.png", "cats/2.png", "dogs/1.JPG"] { try write([], "pets/\(name)") }
        try write([], ".hidden/x.npz")
        let found = search()
        #expect(
            Set(found.keys) == [
                "mine.yaml", "runs/a-1", "runs/a-2", "m/net.onnx", "arrays.npz", "table.csv", "idx", "pets",
            ])
        #expect(
            found["mine.yaml"]?.content
                == .recipe(RecipeGlance(network: "lenet-5", data: "own", summary: "For tests. Quick.", isSample: false))
        )
        guard case .run(let run)? = found["runs/a-1"]?.content, case .run(let fresh)? = found["runs/a-2"]?.content,
            case .model(let model)? = found["m/net.onnx"]?.content, case .data(let idx)? = found["idx"]?.content,
            case .data(let pets)? = found["pets"]?.content
        else {
            Issue.record("kinds")
            return
        }
        #expect(run.step == 860 && run.sparsity == 0.5 && run.figure == "val 90.00 %" && !run.isFinished)
        #expect(fresh.step == 0 && fresh.sparsity == nil)
        #expect(fresh.network == "/m/net.onnx" && fresh.data == "/d/own.npz")
        #expect(model.format == "ONNX" && model.origin == "by pytorch 2.1.0")
        #expect(idx == DataGlance(form: "IDX images", extent: "2 of 3×4", shape: [3, 4]))
        #expect(pets.extent == "2 classes")
    }

    @Test func itIsBounded() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["a/x.npz", "a/b/y.npz", "a/b/c/z.npz"] { try write("PK\u{3}\u{4}", name) }
        #expect(Set(search().keys) == ["a/x.npz", "a/b/y.npz"])
        #expect(Set(search { $0.depth = 1 }.keys) == ["a/x.npz"])
        for number in 0..<300 { try write("PK\u{3}\u{4}", "many/\(number).npz") }
        #expect(search { $0.mostEntries = 100 }.count <= 100)
        var late = FolderSearch(samples: nil)
        late.seconds = 0
        #expect(!late.run(folder).isWhole)
        #expect(late.run(folder, isCancelled: { true }).all.allSatisfy { !$0.path.hasPrefix(folder) })
        // A loop of links ends at its depth, and a folder that is not there is an empty one.
        try FileManager.default.createSymbolicLink(atPath: folder + "/a/loop", withDestinationPath: folder)
        #expect(search()["a/loop/a"] == nil)
        #expect(FolderSearch(samples: nil).run(folder + "/none").isWhole)
    }

    @Test func samplesAndNamedDataAreThere() throws {
        let found = FolderSearch().run("/nonexistent").all
        let names = found.compactMap { finding -> String? in
            if case .data(let data) = finding.content, data.isNamed { finding.path } else { nil }
        }
        #expect(Set(names).isSuperset(of: ["fashion-mnist", "fashion-sample", "digits"]))
        let digits = found.first { $0.path == "digits" }
        guard case .data(let glance)? = digits?.content else {
            Issue.record("digits")
            return
        }
        #expect(glance.shape == [8, 8])
        #expect(
            glance.networks.map(\.name).contains("lenet-300-100") && !glance.networks.map(\.name).contains("lenet-5"))
        #expect(found.contains { if case .recipe(let recipe) = $0.content { recipe.isSample } else { false } })
    }
}

extension MetricsLine {
    fileprivate static func line(step: Int) -> String {
        """
        {"bytes":1,"dense_samples_per_second":null,"elapsed_seconds":1,"epoch":1,"loss":0.5,"nnz":10,\
        "samples_per_second":null,"scheduled_sparsity":null,"sparsity":0.5,"step":\(step),"train_accuracy":91,\
        "validated":true,"validation_accuracy":90}
        """
    }
}
