import Descriptors

/// Which of many arrays are which, by their names.
struct ArrayRoles {
    /// Lower case, in the order in which they are looked for.
    private static let inputs = [
        "x", "images", "data", "inputs", "input", "features", "samples", "tokens", "input_ids",
    ]
    private static let targets = ["y", "labels", "label", "targets", "target"]
    private static let masks = ["mask", "attention_mask"]
    private static let trains = ["train", "training"]
    private static let tests = ["test", "t10k", "testing"]

    let x: String
    let y: String?
    let mask: String?
    let xTest: String?
    let yTest: String?
    let maskTest: String?
    let unused: [String]

    /// - Parameter shown: what each array is, for messages.
    /// - Throws: `FileProblem` where it is not clear which array is which.
    init(_ names: [String], _ reading: DataReading, path: String, shown: (String) -> String) throws {
        func list(_ names: [String]) -> String {
            names.prefix(12).map { "\($0) \(shown($0))" }.joined(separator: "; ") + (names.count > 12 ? "; …" : "")
        }
        /// Given by name, or the first of the usual names; with the half's word before or behind it.
        func find(_ given: String?, _ key: String, _ roles: [String], _ halves: [String], alone: Bool) throws -> String?
        {
            if let given {
                guard names.contains(given) else {
                    throw FileProblem(
                        path: path, place: "arrays", found: "no \(FileProblem.quote(given)); there are \(list(names))",
                        expected: "the array that '\(key)' names" + didYouMean(given, among: names))
                }
                return given
            }
            for role in roles {
                var words = halves.flatMap { ["\(role)_\($0)", "\($0)_\(role)", "\(role)\($0)", "\($0)\(role)"] }
                if alone { words.append(role) }
                for word in words {
                    if let name = names.first(where: { $0.lowercased().replacing("-", with: "_") == word }) {
                        return name
                    }
                }
            }
            return nil
        }
        // Alone in its file an array needs no name.
        let only = names.count == 1 ? names[0] : nil
        guard let x = try find(reading.x, "x", Self.inputs, Self.trains, alone: true) ?? only else {
            throw FileProblem(
                path: path, place: "arrays", found: list(names),
                expected: "x_train, y_train, x_test, y_test, or 'x:' and 'y:' that name them")
        }
        let isNamed = reading.x != nil
        let y =
            reading.wantsNoTarget && reading.y == nil
            ? nil : try find(reading.y, "y", Self.targets, Self.trains, alone: true).flatMap { $0 == x ? nil : $0 }
        mask = try find(reading.mask, "mask", Self.masks, Self.trains, alone: true)
        // Of arrays that were named, none is guessed to be their test part.
        xTest =
            isNamed && reading.xTest == nil
            ? nil : try find(reading.xTest, "x-test", Self.inputs, Self.tests, alone: false)
        if xTest != nil {
            yTest =
                y == nil ? nil : try find(reading.yTest, "y-test", Self.targets, Self.tests, alone: false)
            maskTest =
                mask == nil ? nil : try find(reading.maskTest, "mask-test", Self.masks, Self.tests, alone: false)
        } else {
            (yTest, maskTest) = (nil, nil)
        }
        if let xTest, y != nil, yTest == nil {
            throw FileProblem(
                path: path, place: "arrays", found: "\(xTest) without its targets; there are \(list(names))",
                expected: "y_test, or 'y-test:' that names it")
        }
        if let xTest, mask != nil, maskTest == nil {
            throw FileProblem(
                path: path, place: "arrays", found: "\(xTest) without its mask; there are \(list(names))",
                expected: "mask_test, or 'mask-test:' that names it")
        }
        self.x = x
        self.y = y
        let used = [x, y, mask, xTest, yTest, maskTest].compactMap { $0 }
        unused = names.filter { !used.contains($0) }
    }

    /// Reads them with `array`, and targets that are texts with `texts`.
    func found(
        _ format: String, _ array: (String) throws -> NumberArray, texts: (String) throws -> TextArray?
    ) throws -> FoundData {
        func half(_ x: String, _ y: String?, _ mask: String?) throws -> FoundData.Half {
            let inputs = try array(x), labels = try y.flatMap(texts), mask = try mask.map(array)
            let targets = labels == nil ? try y.map(array) : nil
            for other in [targets, mask].compactMap({ $0 }) {
                guard other.dimensions.first == inputs.dimensions.first, !inputs.dimensions.isEmpty else {
                    throw other.problem(
                        other.summary, expected: "an entry for each sample of '\(x)', which is \(inputs.summary)")
                }
            }
            if let y, let labels {
                guard labels.values.count == inputs.dimensions.first, labels.dimensions.first == labels.values.count
                else {
                    throw FileProblem(
                        path: labels.path, place: "array \(FileProblem.quote(y))", found: "texts \(labels.dimensions)",
                        expected: "a text for each sample of '\(x)', which is \(inputs.summary)")
                }
                return FoundData.Half(
                    inputs: inputs, targets: .columns([y], [labels.values], isWhole: false, isNumeric: false),
                    mask: mask, targetPath: labels.path)
            }
            return FoundData.Half(
                inputs: inputs, targets: targets.map { .array($0) }, mask: mask,
                targetPath: targets?.path ?? inputs.path)
        }
        var found = FoundData(
            format: format, train: try half(x, y, mask), test: try xTest.map { try half($0, yTest, maskTest) })
        if !unused.isEmpty { found.notices.append("not used: \(unused.prefix(12).joined(separator: ", "))") }
        return found
    }
}

/// Arrays in an archive.
enum NpzData: DataFormat {
    static let descriptor = Npz.descriptor

    static func sniff(_ place: DataLocation) -> Bool { Npz.recognises(place.start) }

    static func read(_ place: DataLocation, _ reading: DataReading) throws -> FoundData {
        let archive = try Npz.Archive(place.path)
        let roles = try ArrayRoles(archive.names, reading, path: place.path) { name in
            (try? archive.header(name)) ?? ""
        }
        return try roles.found("npz") {
            try archive.array($0, mapsAbove: reading.mapsAbove)
        } texts: {
            try archive.texts($0)
        }
    }
}

/// An array in a file of its own, or a folder of such files, named as arrays in an archive are.
enum NpyData: DataFormat {
    static let descriptor = Npy.descriptor

    static func sniff(_ place: DataLocation) -> Bool {
        place.isFolder ? !place.files(ending: ["npy"]).isEmpty : Npy.recognises(place.start)
    }

    static func read(_ place: DataLocation, _ reading: DataReading) throws -> FoundData {
        let folder = place.isFolder ? place.path : Files.folder(of: place.path)
        let prefix = folder.isEmpty ? "" : folder + "/"
        var reading = reading
        var names = place.files(ending: ["npy"]).map { String($0.dropLast(4)) }
        if !place.isFolder {
            // The file is the inputs; the others are named beside it.
            func stem(_ name: String) -> String {
                name.lowercased().hasSuffix(".npy") ? String(name.dropLast(4)) : name
            }
            let own = stem(Files.name(of: place.path))
            reading.x = own
            reading.y = reading.y.map(stem)
            names =
                [own] + [reading.y, reading.mask, reading.xTest, reading.yTest, reading.maskTest].compactMap { $0 }
            reading.mask = reading.mask.map(stem)
            reading.xTest = reading.xTest.map(stem)
            reading.yTest = reading.yTest.map(stem)
            reading.maskTest = reading.maskTest.map(stem)
            names = names.map(stem)
        }
        func path(_ name: String) -> String {
            if !place.isFolder, name == names[0] { return place.path }
            return ["npy", "NPY"].map { "\(prefix)\(name).\($0)" }.first(where: Files.isFile) ?? "\(prefix)\(name).npy"
        }
        let roles = try ArrayRoles(names, reading, path: place.path) { name in
            (try? Npy.read(path(name), mapsAbove: 0).summary) ?? ""
        }
        return try roles.found("npy") {
            try Npy.read(path($0), mapsAbove: reading.mapsAbove)
        } texts: {
            try Npy.texts(path($0))
        }
    }
}
