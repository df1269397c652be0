import Interchange

/// What targets of training samples are, and how those of both halves become numbers.
struct TargetMap {
    private enum Kind {
        case input
        case numbers(each: Int)
        /// Labels are numbers of classes.
        case places(Int)
        /// The rows of a matrix with one 1 each.
        case oneHot(Int)
        case integers([Int64: Int32])
        case texts([String: Int32])
        case folders
    }
    private let kind: Kind
    private let names: [String]
    private(set) var notices: [String] = []

    /// Whole numbers in a table are classes where there are no more of them than this.
    private static let mostGuessed = 20

    /// - Throws: `FileProblem`, `DataError`.
    init(_ half: FoundData.Half, _ choice: DataChoice) throws {
        let wants = choice.targets
        if wants == "input" {
            (kind, names) = (.input, [])
            return
        }
        guard let targets = half.targets else {
            throw half.inputs.problem(
                "no targets beside it",
                expected: "targets (y_train, or 'y:' that names them), or 'targets: input' to learn the input itself")
        }
        switch targets {
        case .folders(let names, _): (kind, self.names) = (.folders, names)
        case .columns(let columns, let texts, let isWhole, let isNumeric):
            let isOne = columns.count == 1
            let different = isOne ? Set(texts[0]) : []
            let isClasses =
                wants == "classes"
                || wants == "auto" && isOne && (!isNumeric || isWhole && different.count <= Self.mostGuessed)
            guard isClasses else {
                guard isNumeric else {
                    throw FileProblem(
                        path: half.targetPath, place: "target \(columns.joined(separator: ", "))", found: "texts",
                        expected: "numbers, or one column of classes")
                }
                (kind, names) = (.numbers(each: columns.count), [])
                if wants == "auto", isOne, isWhole {
                    notices.append(
                        Self.whole(
                            "target \(columns[0]) holds more than \(Self.mostGuessed) whole numbers", different.count))
                }
                return
            }
            guard isOne else {
                throw FileProblem(
                    path: half.targetPath, place: "target \(columns.joined(separator: ", "))",
                    found: "\(columns.count) columns", expected: "one column of classes")
            }
            if isWhole {
                let labels = texts[0].map { Int64(Double($0) ?? 0) }
                (kind, names) = try Self.integers(labels, choice) { Self.problem(half, columns[0], $0, $1) }
                if wants == "auto" {
                    notices.append(
                        "target \(columns[0]) is taken for \(names.count) classes; 'targets: numbers' takes its numbers"
                    )
                }
            } else {
                names = different.sorted()
                try Self.require(names.count) { Self.problem(half, columns[0], $0, $1) }
                kind = .texts(Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) }))
            }
        case .array(let array):
            // (samples, 1) is a column.
            let each = array.dimensions.dropFirst().reduce(1, *)
            guard each > 0, each <= 1 << 24 else {
                throw array.problem(array.summary, expected: "a target for each sample")
            }
            let isClasses = wants == "classes" || wants == "auto" && each == 1 && array.isWhole
            guard isClasses else {
                (kind, names) = (.numbers(each: each), [])
                if wants == "auto", each == 1 {
                    let values = array.floats()
                    if values.allSatisfy({ $0.isFinite && $0 == $0.rounded() }) {
                        notices.append(Self.whole("targets are floats, all of them whole numbers", Set(values).count))
                    }
                }
                return
            }
            if each > 1 {
                (kind, names) = (.oneHot(each), (0..<each).map(String.init))
                try Self.require(each) { array.problem($0, expected: $1) }
                return
            }
            let labels = try array.integers()
            if half.labelHeader != nil, choice.classes == 0 {
                // A byte a label: what its number is.
                let count = Int(labels.max() ?? 0) + 1
                (kind, names) = (.places(count), (0..<count).map(String.init))
            } else {
                (kind, names) = try Self.integers(labels, choice) { array.problem($0, expected: $1) }
            }
        }
        if case .integers = kind { notices.append("labels \(Self.listed(names)) are classes 0 to \(names.count - 1)") }
    }

    /// What could be meant otherwise.
    private static func whole(_ found: String, _ different: Int) -> String {
        "\(found) (\(different) different): taken for numbers to learn; 'targets: classes' takes them for classes"
    }

    private static func listed(_ names: [String]) -> String {
        names.count <= 8 ? names.joined(separator: ", ") : names.prefix(4).joined(separator: ", ") + " … " + names.last!
    }

    private static func problem(_ half: FoundData.Half, _ column: String, _ found: String, _ expected: String)
        -> FileProblem
    {
        FileProblem(
            path: half.targetPath, place: "column \(FileProblem.quote(column))", found: found, expected: expected)
    }

    private static func require(_ count: Int, _ problem: (String, String) -> FileProblem) throws {
        guard count <= DataAssembly.mostClasses else {
            throw problem("\(count) classes", "at most \(DataAssembly.mostClasses), or 'targets: numbers'")
        }
    }

    /// Labels from 0 up are numbers of classes, also where up to half of them are missing; others are given numbers in their
    /// order.
    private static func integers(
        _ labels: [Int64], _ choice: DataChoice, _ problem: (String, String) -> FileProblem
    ) throws -> (Kind, [String]) {
        let different = Set(labels).sorted()
        if choice.classes > 0 {
            if let wrong = labels.firstIndex(where: { $0 < 0 || $0 >= choice.classes }) {
                throw problem(
                    "label \(labels[wrong]) of sample \(wrong)", "0 to \(choice.classes - 1), as 'classes' says")
            }
            return (.places(choice.classes), (0..<choice.classes).map(String.init))
        }
        try require(different.count, problem)
        if different.first == 0, different.last! < 2 * different.count {
            let count = Int(different.last!) + 1
            return (.places(count), (0..<count).map(String.init))
        }
        return (
            .integers(Dictionary(uniqueKeysWithValues: different.enumerated().map { ($1, Int32($0)) })),
            different.map(String.init)
        )
    }

    /// - Throws: `FileProblem` for a label that the training samples do not have.
    func targets(_ half: FoundData.Half) throws -> Targets {
        switch (kind, half.targets) {
        case (.input, _): return .input
        case (.folders, .folders(_, let labels)?): return .classes(labels, names: names)
        case (.numbers(let each), .array(let array)?):
            guard array.dimensions.dropFirst().reduce(1, *) == each else {
                throw array.problem(array.summary, expected: "\(each) numbers a sample, as in training")
            }
            return .numbers(array.floats(), each: each)
        case (.numbers(let each), .columns(let columns, let texts, _, let isNumeric)?):
            guard isNumeric else {
                throw FileProblem(
                    path: half.targetPath, place: "target \(columns.joined(separator: ", "))", found: "texts",
                    expected: "numbers, as in training")
            }
            return .numbers(
                texts[0].indices.flatMap { row in texts.map { Float(Double($0[row]) ?? .nan) } }, each: each)
        case (.oneHot(let count), .array(let array)?):
            guard array.dimensions.dropFirst().reduce(1, *) == count else {
                throw array.problem(array.summary, expected: "\(count) flags a sample, as in training")
            }
            return .classes(try oneHot(array, count), names: names)
        case (_, .array(let array)?):
            return .classes(try places(array.integers(), half) { array.problem($0, expected: $1) }, names: names)
        case (.texts(let numbers), .columns(let columns, let texts, _, _)?):
            return .classes(
                try texts[0].enumerated().map { row, text in
                    guard let number = numbers[text] else {
                        throw Self.problem(
                            half, columns[0], "\(FileProblem.quote(text)) in row \(row + 1)",
                            "one of the training table: \(Self.listed(names))")
                    }
                    return number
                }, names: names)
        case (_, .columns(let columns, let texts, let isWhole, _)?):
            guard isWhole else {
                throw Self.problem(half, columns[0], "other than whole numbers", "labels as in training")
            }
            return .classes(
                try places(texts[0].map { Int64(Double($0) ?? 0) }, half) { Self.problem(half, columns[0], $0, $1) },
                names: names)
        default:
            throw half.inputs.problem("no targets beside it", expected: "targets as the training samples have")
        }
    }

    private func places(
        _ labels: [Int64], _ half: FoundData.Half, _ problem: (String, String) -> FileProblem
    ) throws -> [Int32] {
        func wrong(_ place: Int) -> FileProblem {
            if let header = half.labelHeader {
                return FileProblem(
                    path: half.targetPath, place: DataSet.place(of: place, header: header),
                    found: "label \(labels[place])",
                    expected: "0 to \(names.count - 1), the classes of the training images")
            }
            return problem("label \(labels[place]) of sample \(place)", "a class of training: \(Self.listed(names))")
        }
        return try labels.enumerated().map { place, label in
            switch kind {
            case .integers(let numbers):
                guard let number = numbers[label] else { throw wrong(place) }
                return number
            default:
                guard label >= 0, label < names.count else { throw wrong(place) }
                return Int32(label)
            }
        }
    }

    private func oneHot(_ array: NumberArray, _ count: Int) throws -> [Int32] {
        let flags = array.floats()
        return try (0..<array.dimensions[0]).map { sample in
            let row = flags[sample * count..<(sample + 1) * count]
            guard row.allSatisfy({ $0 == 0 || $0 == 1 }), row.count(where: { $0 == 1 }) == 1 else {
                throw array.problem(
                    "a row of other than one 1 and zeros (sample \(sample))", expected: "the class of each sample")
            }
            return Int32(row.firstIndex(of: 1)! - row.startIndex)
        }
    }
}
