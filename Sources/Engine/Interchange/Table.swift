/// A table as text, looked through once: what its columns hold. The cells themselves are read when they are asked for.
package struct Table: Sendable {
    package enum Header: String, Sendable, CaseIterable { case auto, yes, no }

    package struct Column: Sendable {
        package let name: String
        /// Whether every cell that is not missing is a number.
        package internal(set) var isNumeric = true
        /// Whether these are whole numbers.
        package internal(set) var isWhole = true
        package internal(set) var missing = 0
        /// Line of the first missing cell.
        package internal(set) var firstMissing: Int?
        /// Of cells that are numbers.
        package internal(set) var mean = 0.0
        /// Different cells of a column with texts, sorted; nil where there are more than `mostCategories`.
        package internal(set) var categories: [String]?
        /// The first cell that is no number, and its line.
        package internal(set) var firstText: (line: Int, text: String)?
        /// Whether all numbers are finite, and the line of the first that is not.
        package internal(set) var firstInfinite: Int?
    }

    package static let mostCategories = 65_536

    package let path: String
    package let hasHeader: Bool
    package let columns: [Column]
    package let rows: Int
    let bytes: ByteSlice
    let separator: UInt8

    /// Read, and not mapped: it is gone through twice and must be the same both times.
    ///
    /// - Throws: `FileProblem` for text that is no table.
    package init(_ path: String, header: Header = .auto) throws {
        try self.init(ByteSlice(FileBytes.read(path)), path: path, header: header)
    }

    package init(_ bytes: ByteSlice, path: String, header: Header = .auto) throws {
        self.path = path
        self.bytes = bytes
        var found: Scan?
        separator = try bytes.withBytes { bytes in
            if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
                throw FileProblem(path: path, place: "byte 0", found: "UTF-16", expected: "text in UTF-8")
            }
            let separator = Rows.separator(of: bytes, path: path)
            found = try Scan(Rows(bytes, separator: separator, path: path), header, path: path)
            return separator
        }
        hasHeader = found!.hasHeader
        columns = found!.columns.map(\.column)
        rows = found!.rows
    }

    /// The column of that name, or of that number, counted from 1, or `first` or `last`.
    package func column(_ word: String) -> Int? {
        if let place = columns.firstIndex(where: { $0.name == word }) { return place }
        if word == "first" { return 0 }
        if word == "last" { return columns.count - 1 }
        guard let number = Int(word), (1...columns.count).contains(number) else { return nil }
        return number - 1
    }

    /// What is found while a table is looked through.
    private struct Scan {
        struct Growing {
            var column: Column
            var seen: Set<String>? = []
            var sum = 0.0
            var numbers = 0
        }
        var hasHeader = false
        var columns: [Growing] = []
        var rows = 0

        init(_ start: Rows, _ header: Header, path: String) throws {
            var table = start
            guard try table.next() else {
                throw FileProblem(path: path, place: "size", found: "no rows", expected: "a table")
            }
            let first = table.cells.map { (text: table.text($0), isNumber: CellNumber.value(table.bytes($0)) != nil) }
            // Names are no numbers. Where nothing is one, the first row names the columns.
            hasHeader =
                header == .yes || header == .auto && first.allSatisfy { !$0.isNumber }
            if hasHeader {
                var names: Set<String> = []
                for (place, cell) in first.enumerated() {
                    let name = cell.text.isEmpty ? "column \(place + 1)" : cell.text
                    guard names.insert(name).inserted else {
                        throw table.problem(
                            "two columns \(FileProblem.quote(name))", expected: "each name once, or 'header: no'")
                    }
                    columns.append(Growing(column: Column(name: name)))
                }
                guard try table.next() else {
                    throw FileProblem(
                        path: path, place: "line \(table.line)", found: "no rows behind the header",
                        expected: "a table with rows, or 'header: no'")
                }
            } else {
                columns = first.indices.map { Growing(column: Column(name: "\($0 + 1)")) }
            }
            repeat {
                guard table.cells.count == columns.count else {
                    throw table.problem("\(table.cells.count) cells", expected: "\(columns.count), as in the first row")
                }
                rows += 1
                for (place, cell) in table.cells.enumerated() { try add(table, cell, place) }
            } while try table.next()
            for place in columns.indices {
                columns[place].column.mean =
                    columns[place].numbers == 0 ? 0 : columns[place].sum / Double(columns[place].numbers)
                if columns[place].numbers == 0 { columns[place].column.isWhole = false }
            }
            try collectTexts(start)
        }

        /// A second time through, where columns have texts: most tables have none, and a set of all numbers takes longer than
        /// all else.
        private mutating func collectTexts(_ start: Rows) throws {
            let places = columns.indices.filter { !columns[$0].column.isNumeric }
            guard !places.isEmpty else { return }
            var table = start
            if hasHeader { _ = try table.next() }
            while try table.next() {
                for place in places where columns[place].seen != nil {
                    let cell = table.cells[place]
                    if CellNumber.isMissing(table.bytes(cell)) { continue }
                    columns[place].seen!.insert(table.text(cell))
                    if columns[place].seen!.count > Table.mostCategories { columns[place].seen = nil }
                }
            }
            for place in places { columns[place].column.categories = columns[place].seen?.sorted() }
        }

        private mutating func add(_ table: Rows, _ cell: Rows.Cell, _ place: Int) throws {
            let bytes = table.bytes(cell)
            if CellNumber.isMissing(bytes) {
                columns[place].column.missing += 1
                if columns[place].column.firstMissing == nil { columns[place].column.firstMissing = table.line }
                return
            }
            if let value = CellNumber.value(bytes) {
                if value.isFinite {
                    columns[place].sum += value
                    columns[place].numbers += 1
                } else if columns[place].column.firstInfinite == nil {
                    columns[place].column.firstInfinite = table.line
                }
                if value.rounded() != value || !value.isFinite { columns[place].column.isWhole = false }
            } else if columns[place].column.isNumeric {
                // With another separator a comma may be meant for the dot.
                let text = table.text(cell)
                if table.separator != 44, text.contains(","), Double(text.replacing(",", with: ".")) != nil {
                    throw table.problem(FileProblem.quote(text), expected: "a number with a dot", cell: place)
                }
                columns[place].column.isNumeric = false
                columns[place].column.isWhole = false
                columns[place].column.firstText = (table.line, text)
            }
        }
    }
}
