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
        let train = Samples(shape: Shape(channels: 1, height: 1, width: 2), pixels: [0, 2, 4, 6], labels: [0, 1])
        let test = Samples(shape: Shape(channels: 1, height: 1, width: 2), pixels: [255, 255], labels: [2])
        let data = DataSet(name: "t", train: train, test: test)
        #expect(data.mean == 3 && abs(data.deviation - Float(5).squareRoot()) < 1e-6 && data.classes == 3)
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

    /// A tenth of small data, at most 5,000; what a recipe says holds.
    @Test func validationIsATenthOfSmallData() throws {
        for (count, expected) in [(2, 1), (9, 1), (1437, 143), (6000, 600), (50_000, 5000), (60_000, 5000)] {
            let images = Samples(
                shape: Shape(channels: 1, height: 1, width: 1), pixels: [UInt8](repeating: 0, count: count),
                labels: [UInt8](repeating: 0, count: count))
            #expect(try Split(images, validation: 0, seed: 1).validation.count == expected)
            #expect(try Split(images, validation: 1, seed: 1).validation.count == 1)
        }
        let recipe = try RecipeReader.read("network: lenet-300-100\ndata: digits", file: "f", name: "n")
        #expect(try TrainingPlan(recipe).split.validation.count == 143)
    }

    /// Files that were renamed on their way are told by the words in their names.
    @Test(arguments: [
        ["train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"],
        [
            "emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte",
            "emnist-letters-test-images-idx3-ubyte", "emnist-letters-test-labels-idx1-ubyte",
        ],
        ["TRAIN-IMAGES-IDX3-UBYTE", "TRAIN-LABELS-IDX1-UBYTE", "T10K-IMAGES-IDX3-UBYTE", "T10K-LABELS-IDX1-UBYTE"],
        ["TrainImages.idx", "TrainLabels.idx", "TestImages.idx", "TestLabels.idx"],
        ["latest-train-images", "latest-train-labels", "latest-test-images", "latest-test-labels"],
        ["images_train", "labels_train", "images_test", "labels_test"],
        ["train.idx3", "train.idx1", "test.idx3", "test.idx1"],
    ])
    func filesByOtherNamesAreFound(_ names: [String]) throws {
        for isPacked in [false, true] {
            let folder = TemporaryFolder()
            write(folder, names: isPacked ? names.map { $0 + ".gz" } : names, isPacked: isPacked)
            put([], folder("readme.txt"))
            put([], folder("train-images.sha256"))
            let data = try DataSources.load(folder.path)
            #expect(data.train.count == 6 && data.test.count == 3 && data.classes == 3)
        }
    }

    /// The archive on Kaggle has each file beside a folder of nearly its name that holds it again; torchvision puts the files
    /// two folders down, packed and unpacked.
    @Test func filesBelowTheFolderAreFound() throws {
        let kaggle = TemporaryFolder()
        let names = ["train-images", "train-labels", "t10k-images", "t10k-labels"]
        let ends = ["idx3-ubyte", "idx1-ubyte", "idx3-ubyte", "idx1-ubyte"]
        let files = FileManager.default
        func folders(_ folder: TemporaryFolder, _ start: String) throws {
            for (name, end) in zip(names, ends) {
                try files.createDirectory(
                    atPath: folder("\(start)\(name)-\(end)"), withIntermediateDirectories: true)
            }
            write(folder, names: zip(names, ends).map { "\(start)\($0)-\($1)/\($0)-\($1)" }, isPacked: false)
        }
        try folders(kaggle, "")
        #expect(try DataSources.load(kaggle.path).train.count == 6, "each in a folder of its own")
        write(kaggle, names: zip(names, ends).map { "\($0).\($1)" }, isPacked: false)
        #expect(try DataSources.load(kaggle.path).test.count == 3, "beside them")

        let torch = TemporaryFolder()
        try files.createDirectory(atPath: torch("MNIST/raw"), withIntermediateDirectories: true)
        let raw = zip(names, ends).map { "MNIST/raw/\($0)-\($1)" }
        write(torch, names: raw.map { $0 + ".gz" }, isPacked: true)
        #expect(try DataSources.load(torch.path).train.count == 6)
        write(torch, names: raw, isPacked: false)
        #expect(try DataSources.load(torch.path).train.count == 6)
        #expect(try DataSources.load(torch("MNIST")).train.count == 6)
        // A link to a file is that file.
        let linked = TemporaryFolder()
        for name in raw {
            try files.createSymbolicLink(
                atPath: linked((name as NSString).lastPathComponent), withDestinationPath: torch(name))
        }
        #expect(try DataSources.load(linked.path).train.count == 6)
        // Two sets are one too many.
        try folders(torch, "Other/")
        #expect {
            try DataSources.load(torch.path)
        } throws: {
            ($0 as? FileProblem)?.found.hasPrefix("no such file; there are MNIST/, Other/") == true
                || ($0 as? FileProblem)?.found.hasPrefix("more than one file: ") == true
        }
    }

    @Test func aFolderOfOtherFilesNamesThem() throws {
        let folder = TemporaryFolder()
        put([], folder("x.csv"))
        put([], folder("y.csv"))
        #expect(
            throws: FileProblem(
                path: folder("train-images-idx3-ubyte"), place: "train images",
                found: "no such file; there are x.csv, y.csv",
                expected: "train-images-idx3-ubyte[.gz], or a name with 'train' and 'images'; "
                    + "or arrays, a table, or folders of pictures")
        ) { try DataSources.load(folder.path) }
        for name in ["a-train-images-idx3-ubyte", "b-train-images-idx3-ubyte.gz"] { put([], folder(name)) }
        #expect(
            throws: FileProblem(
                path: folder.path, place: "train images",
                found: "more than one file: a-train-images-idx3-ubyte, b-train-images-idx3-ubyte.gz",
                expected: "one; where a folder holds several data sets, 'x' says what the names of one begin with")
        ) { try DataSources.load(folder.path) }
        // The original name goes before all others.
        write(folder)
        #expect(try DataSources.load(folder.path).train.count == 6)
    }

    @Test func aWrongLabelNamesFileRecordAndRange() throws {
        let folder = TemporaryFolder()
        write(folder)
        put(idx([3], [0, 9, 1]), folder("test-labels-idx1-ubyte"))
        #expect(
            throws: FileProblem(
                path: folder("test-labels-idx1-ubyte"), place: "record 1 (the first is 0), byte 9", found: "label 9",
                expected: "0 to 2, the classes of the training images")
        ) { try DataSources.load(folder.path) }
        put(idx([3], [0, 2, 1]), folder("test-labels-idx1-ubyte"))
        put(idx([6], [0, 1, 2, 0, 200, 2]), folder("train-labels-idx1-ubyte"))
        let recipe = try RecipeReader.read(
            "network: mlp-4-3-3\ndata: \(folder.path)\nvalidation: 1", file: "f", name: "n")
        do {
            _ = try TrainingPlan(recipe)
            Issue.record("accepted")
        } catch {
            #expect(
                "\(error)" == "network 'mlp-4-3-3' gives 3 outputs, for labels 0 to 2, not label 200 in "
                    + "\(folder("train-labels-idx1-ubyte")), record 4 (the first is 0), byte 12; the data has 201 classes"
            )
        }
    }

    @Test func aClassThatIsMissingIsSaid() throws {
        func notices(_ labels: [UInt8], validation: Int) throws -> [String] {
            let images = Samples(
                shape: Shape(channels: 1, height: 2, width: 2), pixels: (0..<4 * labels.count).map { UInt8($0 % 7) },
                labels: labels)
            let recipe = try RecipeReader.read(
                "network: lenet-300-100\nvalidation: \(validation)", file: "f", name: "n")
            return try TrainingPlan(recipe, data: DataSet(name: "t", train: images, test: images)).notices
        }
        let both = (0..<40).map { UInt8($0 % 2) }
        #expect(try notices(both, validation: 20).isEmpty)
        #expect(
            try notices(both.map { 2 * $0 }, validation: 20) == [
                "class 1: no image to train on, and none to validate with; the highest is label 2 in t, record 1 (the first is 0), byte 9"
            ])
        // One image of a class is in one half.
        let rare = [UInt8](repeating: 0, count: 39) + [1]
        let said = try notices(rare, validation: 1) + notices(rare, validation: 39)
        #expect(said.contains("class 1: none of the 1 images for validation"))
        #expect(said.contains("class 1: no image to train on") || said.contains("class 0: no image to train on"))
    }

    /// One wrong label makes outputs for itself and all below it. It is named whichever half its image falls into.
    @Test func aStrayLabelIsNamed() throws {
        for record in [0, 5, 33, 59] {
            for (label, validation) in [(10, 6), (10, 50), (77, 6), (77, 50)] {
                var labels = (0..<60).map { UInt8($0 % 10) }
                labels[record] = UInt8(label)
                let images = Samples(
                    shape: Shape(channels: 1, height: 2, width: 2), pixels: (0..<240).map { UInt8($0 % 7) },
                    labels: labels)
                let recipe = try RecipeReader.read(
                    "network: lenet-300-100\nvalidation: \(validation)", file: "f", name: "n")
                let said = try TrainingPlan(recipe, data: DataSet(name: "t", train: images, test: images)).notices
                let place = "label \(label) in t, record \(record) (the first is 0), byte \(8 + record)"
                #expect(said.count == 1 && said[0].hasSuffix("; the highest is \(place)"), "\(said)")
            }
        }
    }

    // MARK: Identity

    @Test func dataIsToldByItsBytes() throws {
        let folder = TemporaryFolder(), other = TemporaryFolder()
        write(folder)
        write(other)
        let identity = DataIdentity(try DataSources.load(folder.path))
        func difference() throws -> String? {
            DataIdentity(try DataSources.load(other.path)).difference(from: identity)
        }
        #expect(try difference() == nil)
        #expect(identity.train.labels == "d1be10f5", "as zlib has it")
        var images = contents(other("train-images-idx3-ubyte"))!
        images[20] ^= 1
        put(images, other("train-images-idx3-ubyte"))
        #expect(try difference() == "other training images")
        write(other)
        put(idx([6], [0, 1, 2, 0, 2, 1]), other("train-labels-idx1-ubyte"))
        #expect(try difference() == "the same training images with other labels")
        write(other)
        put(idx([3], [1, 0, 2]), other("test-labels-idx1-ubyte"))
        #expect(try difference() == "the same test images with other labels")
    }

    /// A run that goes on with other data than it was begun on says so and asks for a word; the same data is found again where
    /// the run and it were moved together, or where it is said to be.
    @Test func aRunIsHeldToItsData() throws {
        let folder = TemporaryFolder()
        let files = FileManager.default
        func make(_ path: String, _ labels: [UInt8]) throws {
            try files.createDirectory(atPath: folder(path), withIntermediateDirectories: true)
            for (name, count) in [("train", 40), ("test", 8)] {
                put(
                    idx([count, 2, 2], (0..<count * 4).map { UInt8($0 * 7 % 256) }),
                    folder("\(path)/\(name)-images-idx3-ubyte"))
                put(idx([count], (0..<count).map { labels[$0 % 2] }), folder("\(path)/\(name)-labels-idx1-ubyte"))
            }
        }
        try make("a/data", [0, 1])
        try make("other", [1, 0])
        let recipe = try RecipeReader.read(
            "network: mlp-4-3-2\ndata: \(folder("a/data"))\nepochs: 4\nbatch: 8\ncheckpoint-every: 4", file: "r",
            name: "r")
        let begun = try Play(recipe, in: folder("a/run"), [.init(5, .stop)])
        guard case .stopped = try begun.end() else {
            Issue.record("did not stop")
            return
        }
        func resume(_ run: String, _ choice: RunData.Choice = .init()) throws -> (how: Session.Ending, said: [String]) {
            copyRun(folder("a/run"), to: folder(run))
            var options = Session.Options()
            options.data = choice
            let said = Locked<[String]>([])
            options.onMessage = { message in said.withLock { $0.append(message.text) } }
            let run = try RunFolder.open(folder(run))
            let session = Session(recipe: try RecipeReader.read(run.recipe), run: run, options: options)
            session.start()
            return (session.wait(), said.withLock { $0 })
        }
        guard case .finished(let test) = try resume("a/same").how else {
            Issue.record("did not finish")
            return
        }
        // Exchanged under its name.
        try files.moveItem(atPath: folder("a/data"), toPath: folder("a/kept"))
        try files.moveItem(atPath: folder("other"), toPath: folder("a/data"))
        guard case .failed(let error) = try resume("a/exchanged").how else {
            Issue.record("went on with other data")
            return
        }
        #expect("\(error)".contains("this is not the data that the run was begun on"), "\(error)")
        #expect("\(error)".contains("the same training images with other labels") && "\(error)".contains("--new-data"))
        #expect(!files.fileExists(atPath: folder("a/exchanged/final.safetensors")))
        // Said where it is; and meant as it is.
        guard case .finished(let elsewhere) = try resume("a/elsewhere", .init(folder: folder("a/kept"))).how else {
            Issue.record("not found where it was said to be")
            return
        }
        #expect(
            elsewhere == test
                && contents(folder("a/elsewhere/final.safetensors")) == contents(folder("a/same/final.safetensors")))
        let meant = try resume("a/meant", .init(acceptsOther: true))
        guard case .finished = meant.how else {
            Issue.record("other data was meant")
            return
        }
        #expect(meant.said.contains { $0.contains("goes on with other data") })
        // Gone, and moved together with the run.
        try files.removeItem(atPath: folder("a/data"))
        guard case .failed(let gone) = try resume("a/gone").how else {
            Issue.record("went on without data")
            return
        }
        #expect(
            "\(gone)".contains("is gone: nothing at \(folder("a/data"))") && "\(gone)".contains("--data PATH"),
            "\(gone)")
        try files.moveItem(atPath: folder("a/kept"), toPath: folder("a/data"))
        try files.moveItem(atPath: folder("a"), toPath: folder("b"))
        let run = try RunFolder.open(folder("b/run"))
        let moved = Session(recipe: try RecipeReader.read(run.recipe), run: run, options: Session.Options())
        moved.start()
        guard case .finished(let there) = moved.wait() else {
            Issue.record("not found beside the run")
            return
        }
        #expect(there == test)
        #expect(contents(folder("b/run/final.safetensors")) == contents(folder("b/same/final.safetensors")))
    }

    /// What a run was begun on is in its state, too: `data.json` may be gone, damaged or another run's.
    @Test func aRunIsHeldToItsDataByItsState() throws {
        let folder = TemporaryFolder()
        let files = FileManager.default
        func make(_ path: String, _ first: UInt8) throws {
            try files.createDirectory(atPath: folder(path), withIntermediateDirectories: true)
            for (name, count) in [("train", 40), ("test", 8)] {
                put(
                    idx([count, 2, 2], (0..<count * 4).map { UInt8($0 * 7 % 256) }),
                    folder("\(path)/\(name)-images-idx3-ubyte"))
                put(
                    idx([count], (0..<count).map { UInt8($0) % 2 ^ first }), folder("\(path)/\(name)-labels-idx1-ubyte")
                )
            }
        }
        try make("data", 0)
        try make("other", 1)
        let recipe = try RecipeReader.read(
            "network: mlp-4-3-2\ndata: \(folder("data"))\nepochs: 4\nbatch: 8\ncheckpoint-every: 4", file: "r",
            name: "r")
        guard case .stopped = try Play(recipe, in: folder("run"), [.init(5, .stop)]).end() else {
            Issue.record("did not stop")
            return
        }
        func resume(_ run: String, _ choice: RunData.Choice = .init()) throws -> String {
            let run = try RunFolder.open(folder(run))
            var options = Session.Options()
            options.data = choice
            let session = Session(recipe: try RecipeReader.read(run.recipe), run: run, options: options)
            session.start()
            switch session.wait() {
            case .finished: return "finished"
            case .stopped: return "stopped"
            case .failed(let error): return "\(error)"
            }
        }
        func copy(_ name: String) { copyRun(folder("run"), to: folder(name)) }
        copy("same")
        #expect(try resume("same") == "finished")
        // From before states said it.
        copy("old")
        let latest = folder("old/checkpoints/latest.safetensors")
        let state = try Safetensors.read(latest)
        var metadata = state.metadata
        #expect(metadata.removeValue(forKey: "data") != nil)
        metadata["checksum"] = nil
        try Safetensors.write(TensorFile(sealing: state.tensors, metadata: metadata, path: latest), to: latest)
        #expect(try resume("old") == "finished")
        #expect(contents(folder("old/final.safetensors")) == contents(folder("same/final.safetensors")))

        copy("damaged")
        put(Array("{".utf8), folder("damaged/data.json"))
        #expect(try resume("damaged").contains("no account of a run's data"))
        #expect(throws: FileProblem.self) {
            try RunData.plan(recipe, in: folder("damaged"), choice: .init(acceptsOther: true))
        }
        try files.moveItem(atPath: folder("data"), toPath: folder("kept"))
        try files.moveItem(atPath: folder("other"), toPath: folder("data"))
        copy("bare")
        try files.removeItem(atPath: folder("bare/data.json"))
        #expect(try resume("bare").contains("the same training images with other labels"))
        #expect(!files.fileExists(atPath: folder("bare/data.json")))
        // That of a run on other data does not make it this run's.
        guard case .stopped = try Play(recipe, in: folder("foreign"), [.init(2, .stop)]).end() else {
            Issue.record("did not stop")
            return
        }
        copy("exchanged")
        try files.removeItem(atPath: folder("exchanged/data.json"))
        try files.copyItem(atPath: folder("foreign/data.json"), toPath: folder("exchanged/data.json"))
        #expect(try resume("exchanged").contains("the same training images with other labels"))
        #expect(try resume("exchanged", .init(folder: folder("kept"))) == "finished")
        #expect(contents(folder("exchanged/final.safetensors")) == contents(folder("same/final.safetensors")))
        // Other data that was meant stays so.
        copy("meant")
        #expect(try resume("meant", .init(acceptsOther: true)) == "finished")
        // A finished run stays what it was trained on.
        let written = contents(folder("same/data.json"))
        #expect(try resume("same", .init(folder: folder("data"), acceptsOther: true)) == "finished")
        #expect(contents(folder("same/data.json")) == written)
        try files.removeItem(atPath: folder("same/data.json"))
        #expect(try resume("same").contains("the same training images with other labels"))
        try files.removeItem(atPath: folder("same/checkpoints/latest.safetensors"))
        #expect(
            try RunFolder.look(at: folder("same")).dataIdentity()
                == KeptNetwork.read(folder("same/final.safetensors")).data)
    }

    @Test func homesAreExpanded() {
        #expect(HomeFolder.expand("~/x") == NSHomeDirectory() + "/x" || HomeFolder.expand("~/x").hasSuffix("/x"))
        #expect(!HomeFolder.expand("~").hasPrefix("~") && HomeFolder.expand("~root/x") == "/root/x")
        let folder = TemporaryFolder()
        #expect(
            HomeFolder.find("~/no-such-thing").hasSuffix("/no-such-thing") && !HomeFolder.find("~/x").hasPrefix("~"))
        #expect(HomeFolder.find(folder.path) == folder.path)
        #expect(HomeFolder.expand("a/~") == "a/~" && HomeFolder.expand("~nobody-has-this/x") == "~nobody-has-this/x")
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

    private func write(_ folder: TemporaryFolder, names: [String], isPacked: Bool) {
        for (number, count) in [6, 3].enumerated() {
            let files = [
                idx([count, 2, 2], (0..<count * 4).map { UInt8($0 * 7 % 256) }),
                idx([count], (0..<count).map { UInt8($0 % 3) }),
            ]
            for (kind, bytes) in files.enumerated() {
                put(isPacked ? Gzip.deflate(bytes) : bytes, folder(names[2 * number + kind]))
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
