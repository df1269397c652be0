extension Table {
    /// What becomes of a missing cell.
    package enum Missing: String, Sendable, CaseIterable {
        /// It is an error.
        case refuse
        /// Its row is left out.
        case drop
        /// It is the mean of its column, in training rows.
        case mean
    }

    /// How a column becomes inputs. Made from the training table, and held to by the test table.
    package struct Input: Sendable {
        package enum Kind: Sendable {
            case number(mean: Double)
            /// An input for each of the texts, 1 where the cell is that text; all 0 for one that training has not seen.
            case oneHot([String])
            /// The place of the text among these; −1 for one that training has not seen.
            case place([String])
        }
        package let name: String
        package let kind: Kind
        package var width: Int { if case .oneHot(let texts) = kind { texts.count } else { 1 } }
    }

    /// Texts that become inputs of their own.
    private static let mostOneHot = 1000

    /// - Parameter isOneHot: an input a text, else one with the place of the text.
    /// - Throws: `FileProblem` for a column of too many texts.
    package func inputs(_ columns: [Int], isOneHot: Bool) throws -> [Input] {
        try columns.map { place in
            let column = self.columns[place]
            guard !column.isNumeric else { return Input(name: column.name, kind: .number(mean: column.mean)) }
            let most = isOneHot ? Self.mostOneHot : Self.mostCategories
            guard let texts = column.categories, texts.count <= most else {
                throw FileProblem(
                    path: path, place: "column \(FileProblem.quote(column.name))",
                    found: "more than \(most) different texts"
                        + (column.firstText.map { " (line \($0.line): \(FileProblem.quote($0.text)))" } ?? ""),
                    expected: "numbers or categories; 'ignore: \(column.name)' leaves the column out")
            }
            return Input(name: column.name, kind: isOneHot ? .oneHot(texts) : .place(texts))
        }
    }

    /// Cells of the rows that are kept.
    package struct Values: Sendable {
        /// (rows, width of all inputs).
        package var inputs: NumberArray
        /// Of each target column, a text a row.
        package var targets: [[String]]
        package var dropped = 0
        /// Cells of a text that training has not seen.
        package var unseen = 0
    }

    /// - Parameters:
    ///   - targets: columns that are not inputs.
    /// - Throws: `FileProblem` for missing cells where they are refused, a text where a number is due, or too little memory.
    package func values(_ inputs: [Input], targets: [Int], missing: Missing) throws -> Values {
        let width = inputs.reduce(0) { $0 + $1.width }
        let free = FreeMemory.now
        guard width > 0 else {
            throw FileProblem(path: path, place: "columns", found: "the target alone", expected: "inputs beside it")
        }
        guard 4 * Double(rows) * Double(width) <= free.bytes else {
            throw FileProblem(
                path: path, place: "size", found: "\(rows) rows of \(width) inputs",
                expected: "no more than memory takes: \(Int(free.bytes)) bytes are \(free.holder)")
        }
        let places = try inputs.enumerated().map { number, input in
            // Without a header the place is the name.
            guard let place = columns.firstIndex(where: { $0.name == input.name }) else {
                throw FileProblem(
                    path: path, place: "columns", found: "no \(FileProblem.quote(input.name))",
                    expected: "the columns of the training table")
            }
            return place
        }
        let lookups = inputs.map { input -> [String: Int] in
            switch input.kind {
            case .number: [:]
            case .oneHot(let texts), .place(let texts):
                Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, $0) })
            }
        }
        var kept = 0, dropped = 0, unseen = 0
        var texts = [[String]](repeating: [], count: targets.count)
        let floats = try bytes.withBytes { bytes in
            var table = Rows(bytes, separator: separator, path: path)
            if hasHeader { _ = try table.next() }
            var failure: (any Error)?
            let result = [UInt8](unsafeUninitializedCapacity: 4 * rows * width) { buffer, count in
                buffer.withMemoryRebound(to: Float.self) { floats in
                    do {
                        while try table.next() {
                            let isDropped =
                                missing == .drop
                                && (places + targets).contains { CellNumber.isMissing(table.bytes(table.cells[$0])) }
                            if isDropped {
                                dropped += 1
                                continue
                            }
                            var row = floats.baseAddress! + kept * width
                            for (number, input) in inputs.enumerated() {
                                unseen +=
                                    try put(
                                        table, places[number], input, lookups[number], missing, at: row) ? 0 : 1
                                row += input.width
                            }
                            for (number, target) in targets.enumerated() {
                                let cell = table.cells[target]
                                guard !CellNumber.isMissing(table.bytes(cell)) else {
                                    throw table.problem(
                                        "no target \(FileProblem.quote(columns[target].name))",
                                        expected: "one; 'missing: drop' leaves such rows out", cell: target)
                                }
                                texts[number].append(table.text(cell))
                            }
                            kept += 1
                        }
                    } catch { failure = error }
                }
                count = 4 * kept * width
            }
            if let failure { throw failure }
            return result
        }
        guard kept > 0 else {
            throw FileProblem(
                path: path, place: "rows", found: "\(dropped) rows, each with a missing cell", expected: "one without")
        }
        return Values(
            inputs: NumberArray(.f32, [kept, width], ByteSlice(floats), path: path), targets: texts, dropped: dropped,
            unseen: unseen)
    }

    /// False for a text that training has not seen.
    private func put(
        _ table: Rows, _ place: Int, _ input: Input, _ lookup: [String: Int], _ missing: Missing,
        at row: UnsafeMutablePointer<Float>
    ) throws -> Bool {
        let cell = table.cells[place]
        let bytes = table.bytes(cell)
        let isMissing = CellNumber.isMissing(bytes)
        if isMissing, missing == .refuse {
            let column = columns[place]
            throw table.problem(
                "no value of \(FileProblem.quote(column.name)) (\(column.missing) of \(rows) rows have none)",
                expected: "a value; 'missing: drop' leaves such rows out, 'missing: mean' takes the column's mean",
                cell: place)
        }
        switch input.kind {
        case .number(let mean):
            if isMissing {
                row.pointee = Float(mean)
                return true
            }
            guard let value = CellNumber.value(bytes) else {
                throw table.problem(
                    FileProblem.quote(table.text(cell)), expected: "a number, as the training table has there",
                    cell: place)
            }
            row.pointee = Float(value)
            return true
        case .oneHot(let texts):
            row.update(repeating: 0, count: texts.count)
            // A missing category is none of them.
            if isMissing { return true }
            guard let index = lookup[table.text(cell)] else { return false }
            row[index] = 1
            return true
        case .place:
            let index = isMissing ? nil : lookup[table.text(cell)]
            row.pointee = Float(index ?? -1)
            return isMissing || index != nil
        }
    }
}
