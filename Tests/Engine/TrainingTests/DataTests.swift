import Foundation
import Graph
import Interchange
import Testing
import Training

@Suite struct DataTests {
    @Test func theSplitIsDisjointCompleteAndSeeded() throws {
        let images = try DataSources.load("digits").train
        let split = try Split(images, validation: 237, seed: 1)
        #expect(split.train.count == 1200 && split.validation.count == 237)
        #expect(Set(split.train + split.validation) == Set(0..<1437))
        let again = try Split(images, validation: 237, seed: 1), other = try Split(images, validation: 237, seed: 2)
        #expect(split.validation == again.validation && split.train == again.train)
        #expect(split.validation != other.validation)
        #expect(throws: DataError.tooFew(found: 1437, validation: 1437)) {
            try Split(images, validation: 1437, seed: 1)
        }
    }

    @Test func batchesCoverEachEpochOnce() throws {
        let recipe = try digits().with("batch", 70)
        let trainer = Trainer(try TrainingPlan(recipe), team: .init(size: 1))
        #expect(trainer.plan.stepsPerEpoch == 18)
        var orders: [[Int32]] = []
        for epoch in 0..<3 {
            let batches = (0..<18).map { Array(trainer.batch(epoch * 18 + $0)) }
            #expect(batches.dropLast().allSatisfy { $0.count == 70 } && batches[17].count == 10)
            #expect(batches.flatMap { $0 }.sorted() == trainer.plan.split.train.sorted())
            orders.append(batches.flatMap { $0 })
        }
        #expect(orders[0] != orders[1] && orders[1] != orders[2])
        // Asked for out of order, as after an undo.
        #expect(Array(trainer.batch(3)) == Array(orders[0][210..<280]))
    }

    @Test func pixelsAreNormalisedByTheTrainingImages() throws {
        let train = Images(shape: Shape(channels: 1, height: 1, width: 2), pixels: [0, 2, 4, 6], labels: [0, 1])
        let test = Images(shape: Shape(channels: 1, height: 1, width: 2), pixels: [255, 255], labels: [2])
        let data = DataSet(name: "t", train: train, test: test)
        #expect(data.mean == 3 && abs(data.deviation - Float(5).squareRoot()) < 1e-6 && data.classes == 3)
        #expect(data.normalized[3] == 0 && abs(data.normalized[255] - 252 / Float(5).squareRoot()) < 1e-4)
    }

    /// A picture of one colour must not divide by zero.
    @Test func imagesOfOneColourStayFinite() {
        let images = Images(shape: Shape(channels: 1, height: 1, width: 1), pixels: [9, 9], labels: [0, 1])
        #expect(DataSet(name: "t", train: images, test: images).normalized.allSatisfy { $0.isFinite })
    }

    @Test func embeddedSetsHaveWhatTheirDescriptorsSay() throws {
        let digits = try DataSources.load("digits"), sample = try DataSources.load("fashion-sample")
        #expect(digits.train.count == 1437 && digits.test.count == 360 && digits.classes == 10)
        #expect(sample.train.count == 6000 && sample.test.count == 1000 && sample.classes == 10)
        #expect(digits.notice == nil && sample.train.shape == Shape(channels: 1, height: 28, width: 28))
        let fashion = try DataSources.load("fashion-mnist")
        #expect(
            fashion.notice
                == (fashion.name == "fashion-mnist"
                    ? nil : "fashion-mnist is not installed: running on the embedded sample, fashion-sample"))
        #expect(throws: DataError.unknown("moths", known: ["fashion-mnist", "fashion-sample", "digits"])) {
            try DataSources.load("moths")
        }
    }

    // MARK: Folders of IDX files

    @Test func aFolderOfIDXFilesIsADataSet() throws {
        let folder = TemporaryFolder()
        write(folder)
        let data = try DataSources.load(folder.path)
        #expect(data.train.count == 6 && data.test.count == 3 && data.classes == 3)
        #expect(data.train.shape == Shape(channels: 1, height: 2, width: 2))
        // The names of the original files, too.
        for kind in ["images-idx3", "labels-idx1"] {
            try FileManager.default.moveItem(atPath: folder("test-\(kind)-ubyte"), toPath: folder("t10k-\(kind)-ubyte"))
        }
        #expect(try DataSources.load(folder.path).test.count == 3)
    }

    @Test(arguments: [
        "missing", "empty", "magic", "rank", "truncated", "trailing", "huge", "labels", "no images", "other size",
        "a folder",
    ])
    func aHostileFolderIsOneTypedError(_ how: String) throws {
        let folder = TemporaryFolder()
        write(folder)
        let images = folder("train-images-idx3-ubyte"), labels = folder("train-labels-idx1-ubyte")
        var bytes = contents(images)!
        var culprit = images
        switch how {
        case "missing": unlink(images)
        case "empty": bytes = []
        case "magic": bytes[2] = 0x0D
        case "rank": bytes[3] = 2
        case "truncated": bytes.removeLast()
        case "trailing": bytes.append(0)
        case "huge": bytes.replaceSubrange(4..<16, with: [UInt8](repeating: 0xFF, count: 12))
        case "labels":
            put(idx([5], [0, 1, 2, 0, 1]), labels)
            culprit = labels
        case "no images":
            bytes = idx([0, 2, 2], [])
            put(idx([0], []), labels)
        case "other size":
            culprit = folder("test-images-idx3-ubyte")
            put(idx([3, 1, 4], [UInt8](repeating: 1, count: 12)), culprit)
        default:
            unlink(images)
            try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        }
        if how != "missing", how != "a folder" { put(bytes, images) }
        do {
            _ = try DataSources.load(folder.path)
            Issue.record("\(how) was read")
        } catch let problem as FileProblem {
            #expect(problem.path == culprit, "\(problem)")
            #expect(!problem.found.isEmpty && !problem.expected.isEmpty)
        }
    }

    @Test func aNetworkMustHaveAnOutputForEachClass() throws {
        let recipe = try RecipeReader.read("network: mlp-64-10-4\ndata: digits\nvalidation: 9", file: "f", name: "n")
        #expect(throws: DataError.shape(network: "mlp-64-10-4", found: "4", expected: "10")) {
            do { _ = try TrainingPlan(recipe) } catch let DataError.shape(network, found, expected) {
                throw DataError.shape(
                    network: network, found: String(found.prefix { $0.isNumber }), expected: expected)
            }
        }
    }

    private func write(_ folder: TemporaryFolder) {
        for (name, count) in [("train", 6), ("test", 3)] {
            put(idx([count, 2, 2], (0..<count * 4).map { UInt8($0 * 7 % 256) }), folder("\(name)-images-idx3-ubyte"))
            put(idx([count], (0..<count).map { UInt8($0 % 3) }), folder("\(name)-labels-idx1-ubyte"))
        }
    }
    private func idx(_ sizes: [Int], _ bytes: [UInt8]) -> [UInt8] {
        [0, 0, 8, UInt8(sizes.count)]
            + sizes.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } } + bytes
    }
    private func put(_ bytes: [UInt8], _ path: String) {
        precondition(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
    }
}

extension Recipe {
    func with(_ key: String, _ value: Int) -> Recipe {
        var recipe = self
        recipe.settings[key] = .integer(value)
        return recipe
    }
}
