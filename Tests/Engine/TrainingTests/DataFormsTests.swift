import Descriptors
import Foundation
import Graph
import Interchange
import Testing
import Training

@Suite struct DataFormsTests {
    let folder = TemporaryFolder()

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 5) } }
    private func load(_ name: String, _ words: [String: Value] = [:]) throws -> DataSet {
        try DataSources.load(folder(name), DataChoice(words))
    }
    private func put(_ text: String, _ name: String) {
        precondition(FileManager.default.createFile(atPath: folder(name), contents: Data(text.utf8)))
    }

    // MARK: Layouts

    @Test(arguments: [
        ([4, 3, 8, 6], "auto", Shape(channels: 3, height: 8, width: 6), false),
        ([4, 8, 6, 3], "auto", Shape(channels: 3, height: 8, width: 6), true),
        ([4, 8, 6, 3], "nchw", Shape(channels: 8, height: 6, width: 3), false),
        ([4, 64, 8, 8], "auto", Shape(channels: 64, height: 8, width: 8), false),
        ([4, 8, 6], "auto", Shape(channels: 1, height: 8, width: 6), false),
        ([4, 8, 6], "ncl", Shape([8, 6]), false),
        ([4, 8, 6], "nlc", Shape([6, 8]), true),
        ([4, 8, 6], "features", Shape(channels: 48), false), ([4, 5], "auto", Shape(channels: 5), false),
        ([4], "auto", Shape(channels: 1), false), ([4, 2, 3, 2, 2], "features", Shape(channels: 24), false),
        ([4, 2, 3, 2, 2], "auto", Shape([2, 3, 2, 2]), false),
    ])
    func axesAreWhatTheySay(_ axes: [Int], _ layout: String, _ shape: Shape, _ isLast: Bool) throws {
        let tensors = [
            Tensor("x_train", bytes(axes.reduce(1, *)), shape: axes), Tensor("y_train", [0, 1, 0, 1] as [Int64]),
            Tensor("x_test", bytes(axes.reduce(1, *)), shape: axes), Tensor("y_test", [1, 1, 0, 0] as [Int64]),
        ]
        try Npz.write(tensors, to: folder("a.npz"))
        let data = try load("a.npz", layout == "auto" ? [:] : ["layout": .text(layout)])
        #expect(data.train.shape == shape && (data.train.order == .channelsLast) == isLast)
        #expect(data.train.count == 4 && data.classes == 2 && data.test.classes == [1, 1, 0, 0])
        #expect(data.format == "npz" && data.outputs == 2)
        // The same arrays as files of a folder.
        try FileManager.default.createDirectory(atPath: folder("f"), withIntermediateDirectories: true)
        for tensor in tensors { try Npy.write(tensor, to: folder("f/\(tensor.name).npy")) }
        let files = try load("f", layout == "auto" ? [:] : ["layout": .text(layout)])
        #expect(DataIdentity(files).difference(from: DataIdentity(data)) == nil && files.format == "npy")
    }

    @Test(arguments: [
        ([4, 3, 8, 3], "uint8 (4, 3, 8, 3)", "'layout: nchw' or 'layout: nhwc'", false),
        ([4, 5, 6, 7], "uint8 (4, 5, 6, 7)", "'layout: nchw' or 'layout: nhwc'", false),
        ([4, 8, 6], "float32 (4, 8, 6)", "'layout: nhw' or 'layout: ncl' or 'layout: nlc'", true),
    ])
    func axesThatAreNotClearAreAskedFor(_ axes: [Int], _ found: String, _ expected: String, _ isFloat: Bool) throws {
        let count = axes.reduce(1, *)
        try Npz.write(
            [
                isFloat
                    ? Tensor("x", bytes(count).map(Float.init), shape: axes) : Tensor("x", bytes(count), shape: axes),
                Tensor("y", [0, 1, 0, 1] as [Int64]),
            ], to: folder("a.npz"))
        #expect(
            throws: FileProblem(
                path: folder("a.npz"), place: "array 'x'", found: found, expected: "a word on its axes: \(expected)")
        ) { try load("a.npz") }
    }

    /// Labels that a program wrote as floats are learned as numbers, unless a word says otherwise: that is told.
    @Test(arguments: [true, false]) func floatLabelsAreToldToBeNumbers(isWhole: Bool) throws {
        let x = Tensor("x", (0..<8).map(Float.init), shape: [8, 1])
        let y = Tensor("y", [0, 2, 1, 0, 1, 2, 0, isWhole ? 1 : 1.5] as [Float], shape: [8, 1])
        try Npz.write([x, y], to: folder("a.npz"))
        let data = try load("a.npz", ["test": .number(0.25)])
        #expect(data.train.targets.summary == "a number")
        let said = data.notices.filter { $0.contains("(3 different): taken for numbers to learn; 'targets: classes'") }
        #expect(said.count == (isWhole ? 1 : 0), "\(data.notices)")
        guard isWhole else { return }
        #expect(try load("a.npz", ["test": .number(0.25), "targets": .text("classes")]).classes == 3)
        let silent = try load("a.npz", ["test": .number(0.25), "targets": .text("numbers")])
        #expect(!silent.notices.contains { $0.contains("taken for") })
    }

    @Test func manyWholeNumbersOfATableAreToldToBeNumbers() throws {
        put("a,target\n" + (0..<30).map { "\($0),\($0)" }.joined(separator: "\n"), "t.csv")
        let data = try load("t.csv")
        #expect(data.notices.contains { $0.contains("more than 20 whole numbers (30 different)") }, "\(data.notices)")
    }

    /// Counted as the file counts its samples, whichever of them are set apart.
    @Test func whereANumberThatIsNoneStands() throws {
        var values = (0..<20).map(Float.init), targets = values
        values[13] = .infinity
        let y = Tensor("y", targets, shape: [20])
        try Npz.write([Tensor("x", values, shape: [20, 1]), y], to: folder("a.npz"))
        let wrong = DataSummary(try load("a.npz", ["test": .number(0.3)]))
        #expect(wrong.problem?.contains("sample 13 (the first is 0), value 0") == true, "\(wrong.problem ?? "none")")
        targets[16] = .nan
        let x = Tensor("x", (0..<20).map(Float.init), shape: [20, 1])
        try Npz.write([x, Tensor("y", targets, shape: [20])], to: folder("b.npz"))
        let target = DataSummary(try load("b.npz", ["test": .number(0.3)]))
        #expect(target.problem?.contains("target values") == true, "\(target.problem ?? "none")")
        #expect(target.problem?.contains("sample 16 (the first is 0), value 0") == true, "\(target.problem ?? "none")")
        targets[16] = 1
        try Npz.write([x, Tensor("y", targets, shape: [20])], to: folder("c.npz"))
        #expect(DataSummary(try load("c.npz", ["test": .number(0.3)])).problem == nil)
    }

    @Test func tokensKeepTheirNumbersAndTheirMask() throws {
        let tokens = Tensor("x", [5, 1, 0, 7, 30_000, 2] as [Int64], shape: [2, 3])
        let mask = Tensor("mask", [1, 1, 0, 1, 1, 1] as [UInt8], shape: [2, 3])
        let labels = Tensor("y", [0, 1] as [Int64])
        try Npz.write([tokens, labels], to: folder("a.npz"))
        #expect(throws: FileProblem.self) { try load("a.npz") }
        let plain = try load("a.npz", ["layout": .text("tokens"), "test": .number(0.5)])
        #expect(plain.train.shape == Shape(channels: 3) && plain.normalization == .none)
        #expect((0..<6).map { plain.train.elements[$0] } == [5, 1, 0, 7, 30_000, 2])
        try Npz.write([tokens, labels, mask], to: folder("m.npz"))
        let masked = try load("m.npz", ["test": .number(0.5)])
        #expect(masked.train.shape == Shape([6]) && masked.normalization == .none)
        #expect((0..<12).map { masked.train.elements[$0] } == [5, 1, 0, 1, 1, 0, 7, 30_000, 2, 1, 1, 1])
        try Npz.write([Tensor("x", [5, -1] as [Int64], shape: [2, 1]), labels], to: folder("n.npz"))
        #expect {
            try load("n.npz", ["layout": .text("tokens")])
        } throws: { "\($0)".contains("token -1 at [1, 0]") }
    }

    // MARK: IDX

    private func idx(_ type: Tensor.Element, _ dimensions: [Int], _ values: [Int]) -> IDXArray {
        let bytes = values.flatMap { value -> [UInt8] in
            switch type {
            case .i8: [UInt8(bitPattern: Int8(value))]
            case .i16: withUnsafeBytes(of: Int16(value).bigEndian) { Array($0) }
            case .i32: withUnsafeBytes(of: Int32(value).bigEndian) { Array($0) }
            case .f32: withUnsafeBytes(of: Float(value).bitPattern.bigEndian) { Array($0) }
            case .f64: withUnsafeBytes(of: Double(value).bitPattern.bigEndian) { Array($0) }
            default: [UInt8(value)]
            }
        }
        return IDXArray(type, dimensions: dimensions, bytes: bytes)
    }

    @Test(arguments: [Tensor.Element.u8, .i8, .i16, .i32, .f32, .f64]) func idxOfEveryTypeIsRead(_ type: Tensor.Element)
        throws
    {
        let values = (0..<300).map { $0 * 7 % 100 - (type == .u8 ? 0 : 50) }
        for (name, count) in [("train", 4), ("t10k", 2)] {
            try IDX.write(
                idx(type, [count, 3, 5, 5], Array(values[..<(count * 75)])), to: folder("\(name)-images.idx4"))
            // Each image's class and seven other numbers, as QMNIST has them.
            try IDX.write(
                idx(.i32, [count, 8], (0..<count * 8).map { $0 % 8 == 0 ? $0 / 8 % 3 : 900 }),
                to: folder("qmnist-\(name)-labels-idx2-int.gz"))
        }
        let data = try DataSources.load(folder.path)
        #expect(data.train.shape == Shape(channels: 3, height: 5, width: 5) && data.format == "idx")
        #expect((0..<300).map { data.train.elements[$0] } == values.map(Float.init))
        #expect(data.train.classes == [0, 1, 2, 0] && data.test.classes == [0, 1])
    }

    @Test func oneOfSeveralSetsInAFolderIsNamed() throws {
        for set in ["letters", "digits"] {
            for (name, count) in [("train", 6), ("test", 3)] {
                try IDX.write(
                    idx(.u8, [count, 2, 2], (0..<count * 4).map { $0 }),
                    to: folder("emnist-\(set)-\(name)-images-idx3-ubyte.gz"))
                try IDX.write(
                    idx(.u8, [count], (0..<count).map { $0 % (set == "letters" ? 3 : 2) }),
                    to: folder("emnist-\(set)-\(name)-labels-idx1-ubyte.gz"))
            }
        }
        #expect { try DataSources.load(folder.path) } throws: { "\($0)".contains("more than one file") }
        for (set, classes) in [("letters", 3), ("digits", 2)] {
            let choice = try DataChoice(["x": .text("emnist-\(set)")])
            #expect(try DataSources.load(folder.path, choice).classes == classes)
        }
        // Without a test part some are set apart.
        for name in ["images-idx3", "labels-idx1"] {
            for set in ["letters", "digits"] {
                try FileManager.default.removeItem(atPath: folder("emnist-\(set)-test-\(name)-ubyte.gz"))
            }
        }
        let apart = try DataSources.load(folder.path, DataChoice(["x": .text("emnist-digits"), "test": .number(0.34)]))
        #expect(apart.train.count == 4 && Set(apart.test.classes) == [0, 1])
    }

    // MARK: Targets

    private func targets(_ tensor: Tensor, _ words: [String: Value] = [:]) throws -> DataSet {
        let count = tensor.shape[0]
        try Npz.write([Tensor("x", (0..<count).map(Float.init), shape: [count, 1]), tensor], to: folder("t.npz"))
        return try load("t.npz", words)
    }

    @Test func labelsAreMappedToClasses() throws {
        let plain = try targets(Tensor("y", (0..<40).map { Int64($0 % 4) }))
        #expect(plain.classNames == ["0", "1", "2", "3"] && plain.train.count == 36 && plain.test.count == 4)
        #expect(Set(plain.test.classes) == [0, 1, 2, 3], "of each class its share")
        // A class that is missing stays one; numbers far apart are mapped.
        #expect(try targets(Tensor("y", (0..<40).map { Int64($0 % 2 * 2) })).classNames == ["0", "1", "2"])
        let mapped = try targets(Tensor("y", (0..<40).map { [-5, 100, 7, 2000][$0 % 4] as Int64 }))
        #expect(mapped.classNames == ["-5", "7", "100", "2000"] && mapped.notices.contains { $0.contains("-5, 7") })
        #expect(try targets(Tensor("y", (0..<40).map { Int64(1 + $0 % 2) })).classNames == ["1", "2"])
        let given = try targets(Tensor("y", (0..<40).map { Int64(1 + $0 % 2) }), ["classes": .integer(10)])
        #expect(given.classes == 10)
        #expect {
            try targets(Tensor("y", (0..<40).map { Int64($0) }), ["classes": .integer(10)])
        } throws: { "\($0)".contains("label 10 of sample 10") }
        let column = try targets(Tensor("y", (0..<40).map { Int64($0 % 3) }, shape: [40, 1]))
        #expect(column.classes == 3)
    }

    @Test func numbersAndRowsOfFlagsAreTargets() throws {
        let numbers = try targets(Tensor("y", (0..<40).map { Float($0) / 2 }))
        guard case .numbers(let values, each: 1) = numbers.train.targets else {
            Issue.record("no numbers")
            return
        }
        #expect(values.count == 36 && numbers.outputs == 1 && numbers.classes == 0)
        let three = try targets(Tensor("y", (0..<120).map { Float($0) }, shape: [40, 3]))
        #expect(three.outputs == 3 && three.test.targets.count == 4)
        let flags = (0..<40).flatMap { row in (0..<3).map { Float($0 == row % 3 ? 1 : 0) } }
        let oneHot = try targets(Tensor("y", flags, shape: [40, 3]), ["targets": .text("classes")])
        #expect(oneHot.classes == 3 && oneHot.train.classes.count == 36)
        #expect(throws: FileProblem.self) {
            try targets(Tensor("y", flags.map { $0 * 2 }, shape: [40, 3]), ["targets": .text("classes")])
        }
        let own = try targets(Tensor("z", [Float](repeating: 0, count: 40)), ["targets": .text("input")])
        #expect(own.train.targets == .input && own.outputs == 1)
        #expect { try targets(Tensor("z", [Float](repeating: 0, count: 40))) } throws: {
            "\($0)".contains("no targets beside it") && "\($0)".contains("'targets: input'")
        }
    }

    @Test func testLabelsThatTrainingHasNotAreRefused() throws {
        let x = Tensor("x_train", [1, 2, 3, 4] as [Float]), other = Tensor("x_test", [1, 2] as [Float])
        try Npz.write(
            [x, Tensor("y_train", [3, 9, 3, 9] as [Int64]), other, Tensor("y_test", [3, 4] as [Int64])],
            to: folder("a.npz"))
        #expect { try load("a.npz") } throws: {
            "\($0)".contains("array 'y_test': found label 4 of sample 1, expected a class of training: 3, 9")
        }
        try Npz.write([x, Tensor("y_train", [3, 9, 3, 9] as [Int64]), other], to: folder("b.npz"))
        #expect { try load("b.npz") } throws: { "\($0)".contains("x_test without its targets") }
    }

    @Test func arraysByOtherNamesAreNamedInTheRecipe() throws {
        try Npz.write(
            [
                Tensor("pictures", bytes(64), shape: [4, 4, 4]), Tensor("kinds", [0, 1, 0, 1] as [Int64]),
                Tensor("rest", [1] as [UInt8]),
            ], to: folder("a.npz"))
        #expect { try load("a.npz") } throws: {
            "\($0)".contains("kinds int64 (4); pictures uint8 (4, 4, 4)") && "\($0)".contains("'x:' and 'y:'")
        }
        let data = try load("a.npz", ["x": .text("pictures"), "y": .text("kinds"), "test": .number(0.25)])
        #expect(data.train.count == 3 && data.classes == 2 && data.notices.contains("not used: rest"))
        #expect { try load("a.npz", ["x": .text("nothing")]) } throws: { "\($0)".contains("no 'nothing'") }
    }

    // MARK: Tables

    @Test func aTableIsADataSet() throws {
        put(
            "a,b,kind\n" + (0..<20).map { "\($0),\($0 * 2),\(["cat", "dog"][$0 % 2])" }.joined(separator: "\n"), "t.csv"
        )
        #expect { try load("t.csv") } throws: { "\($0)".contains("a, b, kind") && "\($0)".contains("'target:'") }
        let data = try load("t.csv", ["target": .text("kind")])
        #expect(data.classNames == ["cat", "dog"] && data.train.shape == Shape(channels: 2) && data.test.count == 2)
        #expect(data.normalization.means.count == 2, "each column by its own")
        let number = try load("t.csv", ["target": .text("b"), "ignore": .text("kind"), "targets": .text("numbers")])
        #expect(number.outputs == 1 && number.train.shape == Shape(channels: 1))
        let several = try load("t.csv", ["target": .text("a, b"), "targets": .text("numbers")])
        #expect(several.outputs == 2 && several.train.shape == Shape(channels: 2), "two texts, an input each")
        // In two files of a folder, whose columns may stand in another order.
        try FileManager.default.createDirectory(atPath: folder("two"), withIntermediateDirectories: true)
        put("a,y\n1,x\n2,z\n3,x\n", "two/train.csv")
        put("y,a\nz,9\n", "two/test.csv")
        let two = try load("two")
        #expect(two.train.count == 3 && two.test.classes == [1] && two.test.elements[0] == 9)
        put("y,a\nw,9\n", "two/test.csv")
        #expect { try load("two") } throws: { "\($0)".contains("'w' in row 1") }
    }

    // MARK: What is wrong is said before the first step

    @Test func whatIsNoNumberIsSaidBeforeTheFirstStep() throws {
        try Npz.write(
            [
                Tensor("x", [1, 2, .nan, 4, 5, 6, 7, .infinity] as [Float], shape: [4, 2]),
                Tensor("y", [0, 1, 0, 1] as [Int64]),
            ], to: folder("a.npz"))
        let recipe = try RecipeReader.read(
            "network: mlp-2-2\ndata: {path: \(folder("a.npz")), test: 0.25}\nvalidation: 1", file: "f", name: "n")
        do {
            _ = try TrainingPlan(recipe)
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains("values that are NaN or infinite, the first at sample"), "\(error)")
        }
        try Npz.write(
            [
                Tensor("x", [1, 2, 1, 4, 1, 6, 1, 8] as [Float], shape: [4, 2]),
                Tensor("y", [0, 1, 0, 1] as [Int64]),
            ], to: folder("a.npz"))
        let plan = try TrainingPlan(recipe)
        #expect(plan.notices.contains { $0.hasPrefix("nothing varies in channel 0") })
        #expect(plan.data.normalization.deviations[0] == 1)
    }

    // MARK: Recipes

    @Test func aRecipeSaysHowDataIsTaken() throws {
        func read(_ data: String, _ changes: [String] = []) throws -> Recipe {
            try RecipeReader.read("network: mlp-2-2\n\(data)", file: "f", name: "n", changes: changes)
        }
        let plain = try read("data: a.npz")
        #expect(plain.data == "a.npz" && plain.dataLine == "data: a.npz")
        let words = try read("data:\n  path: a.npz\n  layout: nhwc\n  test: 0.2\n  stratified: true")
        #expect(words.data == "a.npz" && words.dataChoice.layout == .nhwc && words.dataChoice.isStratified)
        #expect(words.dataLine == "data: {name: a.npz, layout: nhwc, test: 0.2, stratified: true}")
        #expect(try read(words.dataLine).dataChoice == words.dataChoice)
        #expect(try read("data: a.npz", ["data.layout=nhwc"]).dataChoice.layout == .nhwc)
        #expect(try read("data: a.npz", ["data.layout=nhwc"]).data == "a.npz")
        #expect(try read("", ["data.stratified=true"]).data == "fashion-mnist")
        for (text, message) in [
            ("data: {layout: nhwc}", "'data' needs 'name'"), ("data: {name: a, path: b}", "accepted: one of them"),
            ("data: {name: a, layout: hwc}", "'layout' of 'data' is hwc; accepted: one of auto, nchw"),
            ("data: {name: a, colour: 1}", "'data' has no 'colour'"),
            ("data: {name: a, test: 1.5}", "'test' of 'data'"),
        ] {
            #expect { try read(text) } throws: { "\($0)".hasPrefix("f:2: ") && "\($0)".contains(message) }
        }
    }

    @Test func aStratifiedSplitHasOfEachClassItsShare() throws {
        let labels = (0..<100).map { UInt8($0 < 90 ? 0 : $0 < 97 ? 1 : 2) }
        let samples = Samples(shape: Shape(channels: 1), pixels: bytes(100), labels: labels)
        let split = try Split(samples, validation: 20, seed: 3, isStratified: true)
        var counts = [0, 0, 0]
        for index in split.validation { counts[Int(labels[Int(index)])] += 1 }
        // 18, 1.4 and 0.6: the twentieth goes to the class that lost most.
        #expect(counts == [18, 1, 1] && split.train.count == 80)
        #expect(Set(split.train + split.validation) == Set(0..<100))
        #expect(try Split(samples, validation: 20, seed: 3, isStratified: true).validation == split.validation)
    }
}
