import Descriptors

/// Tables as text: one for all rows, or a folder with one for training and one for test.
enum TableData: DataFormat {
    static let descriptor = Descriptor(
        name: "csv", summary: "Tables as text, separated by commas, tabs, semicolons or bars, with or without a header",
        citation: "RFC 4180")

    private static let endings = ["csv", "tsv", "tab"]

    static func sniff(_ place: DataLocation) -> Bool {
        if place.isFolder { return file(place, "train") != nil }
        if endings.contains(Files.ending(of: place.path).lowercased()) { return true }
        return ["txt", "data"].contains(Files.ending(of: place.path).lowercased())
            && place.start.allSatisfy { $0 >= 32 || [9, 10, 13].contains($0) } && !place.start.isEmpty
    }

    private static func file(_ place: DataLocation, _ word: String) -> String? {
        let names = place.files(ending: endings).filter { $0.lowercased().contains(word) }
        return names.count == 1 ? place.path + "/" + names[0] : nil
    }

    static func read(_ place: DataLocation, _ reading: DataReading) throws -> FoundData {
        let trainPath = place.isFolder ? file(place, "train")! : place.path
        let testPath = place.isFolder ? file(place, "test") : nil
        let table = try Table(trainPath, header: reading.header)
        let targets = try Self.targets(table, reading)
        let ignored = try reading.ignore.map { try column($0, table, "ignore") }
        let inputs = try table.inputs(
            table.columns.indices.filter { !targets.contains($0) && !ignored.contains($0) }, isOneHot: reading.isOneHot)
        let names = targets.map { table.columns[$0].name }
        var notices: [String] = []
        func half(_ table: Table) throws -> FoundData.Half {
            let places = try targets.map { number in
                let column = try Self.column(
                    table.hasHeader ? self.name(number, names, targets) : "\(number + 1)", table, "target")
                return column
            }
            let values = try table.values(inputs, targets: places, missing: reading.missing)
            if values.dropped > 0 {
                notices.append(
                    "\(table.path): \(values.dropped) of \(table.rows) rows have a missing cell and are left out")
            }
            if values.unseen > 0 {
                notices.append("\(table.path): \(values.unseen) cells hold a text that the training table has not")
            }
            let columns = places.map { table.columns[$0] }
            return FoundData.Half(
                inputs: values.inputs,
                targets: targets.isEmpty
                    ? nil
                    : .columns(
                        names, values.targets, isWhole: columns.allSatisfy(\.isWhole),
                        isNumeric: columns.allSatisfy(\.isNumeric)),
                targetPath: table.path)
        }
        let train = try half(table)
        let test = try testPath.map { path in
            try half(Table(path, header: table.hasHeader ? .yes : .no))
        }
        var found = FoundData(format: "csv", train: train, test: test)
        let missing = table.columns.filter { $0.missing > 0 }
        if reading.missing == .mean, !missing.isEmpty {
            notices.append(
                "missing cells: " + missing.prefix(8).map { "\($0.name) \($0.missing)" }.joined(separator: ", ")
                    + (missing.count > 8 ? ", …" : "") + "; the mean of the column stands for them")
        }
        let texts = inputs.filter { if case .number = $0.kind { false } else { true } }
        if !texts.isEmpty {
            notices.append(
                "texts: " + texts.prefix(8).map { "\($0.name) (\($0.categories))" }.joined(separator: ", ")
                    + (texts.count > 8 ? ", …" : "")
                    + (reading.isOneHot ? "; an input for each" : "; the number of the text"))
        }
        found.notices = notices
        found.isTable = true
        return found
    }

    private static func name(_ number: Int, _ names: [String], _ targets: [Int]) -> String {
        names[targets.firstIndex(of: number)!]
    }

    /// Names that target columns have.
    private static let usual = ["target", "label", "labels", "class", "y"]

    private static func targets(_ table: Table, _ reading: DataReading) throws -> [Int] {
        if !reading.target.isEmpty { return try reading.target.map { try column($0, table, "target") } }
        if reading.wantsNoTarget { return [] }
        for word in usual {
            if let place = table.columns.firstIndex(where: { $0.name.lowercased() == word }) { return [place] }
        }
        throw FileProblem(
            path: table.path, place: "columns", found: listed(table),
            expected: "'target:' with the name of the column to learn, or its number, or 'last'")
    }

    private static func column(_ word: String, _ table: Table, _ key: String) throws -> Int {
        guard let place = table.column(word) else {
            throw FileProblem(
                path: table.path, place: "columns", found: "no \(FileProblem.quote(word)); there are \(listed(table))",
                expected: "the column that '\(key)' names")
        }
        return place
    }

    private static func listed(_ table: Table) -> String {
        table.columns.prefix(12).map(\.name).joined(separator: ", ")
            + (table.columns.count > 12 ? " and \(table.columns.count - 12) more" : "")
    }
}

extension Table.Input {
    fileprivate var categories: Int {
        switch kind {
        case .number: 0
        case .oneHot(let texts), .place(let texts): texts.count
        }
    }
}
