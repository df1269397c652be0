import Descriptors

/// Sums of products by the letters of their axes, made of transposes and matrix products.
extension ImportRules {
    static let letterRules: [String: Rule] = ["Einsum": einsum]

    /// A value with a letter for each axis.
    private struct Lettered {
        var value: Importer.Value
        var letters: [Character]

        func axis(_ letter: Character) -> FileAxis { value.shape.axes[letters.firstIndex(of: letter)!] }
        func axes(_ letters: [Character]) -> [FileAxis] { letters.map(axis) }
    }

    private static func einsum(_ node: ImportNode) throws -> [Importer.Value] {
        let equation = try node.text("equation", "").filter { $0 != " " }
        let inputs = try node.node.inputs.indices.map { try node.required($0) }
        let (terms, answer) = try letters(node, equation, ranks: inputs.map(\.shape.rank))
        var operands = zip(inputs, terms).map { Lettered(value: $0, letters: $1) }
        for operand in operands where Set(operand.letters).count < operand.letters.count {
            throw Unsupported("it takes a diagonal: '\(equation)' has a letter twice in one operand")
        }
        var result = operands.removeFirst(), number = 0
        while !operands.isEmpty {
            let next = operands.removeFirst(), isLast = operands.isEmpty
            // What nobody behind asks for is summed over.
            let kept = Set(answer + operands.flatMap(\.letters))
            number += 1
            result = try contracted(node, result, next, kept, name: node.ownName + (isLast ? "" : ".\(number)"))
        }
        result = try summed(node, result, over: result.letters.filter { !answer.contains($0) }, name: ".sum")
        let order = answer.map { result.letters.firstIndex(of: $0)! }
        return [try node.transposed(result.value, order, name: node.ownName)]
    }

    /// The letters of each operand and of the answer; for an ellipsis digits stand, counted from the last axis.
    private static func letters(
        _ node: ImportNode, _ equation: String, ranks: [Int]
    ) throws -> (operands: [[Character]], answer: [Character]) {
        let halves = equation.split(separator: "-", omittingEmptySubsequences: false)
        let sides = halves.count == 2 && halves[1].first == ">" ? [halves[0], halves[1].dropFirst()] : [halves[0]]
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard sides.count == halves.count, terms.count == ranks.count, !terms.isEmpty else {
            throw node.fault("equation '\(equation)' for \(ranks.count) inputs", "as many terms, and one '->' at most")
        }
        var widest = 0
        func spread(_ term: String, rank: Int?) throws -> [Character] {
            let parts = term.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 1 || parts.count == 4 && parts[1].isEmpty && parts[2].isEmpty,
                term.allSatisfy({ $0.isASCII && $0.isLetter || $0 == "." })
            else { throw node.fault("'\(term)' in equation '\(equation)'", "letters, and one '...' at most") }
            let named = parts.reduce(0) { $0 + $1.count }
            let hidden = rank.map { $0 - named } ?? widest
            guard parts.count == 4 ? (0...9).contains(hidden) : rank == nil || hidden == 0 else {
                throw node.fault("'\(term)' in equation '\(equation)'", "a letter for each of \(rank ?? named) axes")
            }
            if parts.count == 1 { return Array(term) }
            widest = max(widest, hidden)
            return Array(parts[0]) + (0..<hidden).reversed().map { Character("\($0)") } + Array(parts[3])
        }
        let operands = try zip(terms, ranks).map { try spread($0, rank: $1) }
        let all = operands.flatMap { $0 }
        let implied =
            (0..<widest).reversed().map { Character("\($0)") }
            + Set(all.filter { letter in !letter.isNumber && all.count { $0 == letter } == 1 }).sorted()
        let answer = sides.count == 2 ? try spread(String(sides[1]), rank: nil) : implied
        guard Set(answer).count == answer.count, answer.allSatisfy(all.contains) else {
            throw node.fault("equation '\(equation)'", "an answer with letters of the operands, each once")
        }
        return (operands, answer)
    }

    private static func summed(
        _ node: ImportNode, _ x: Lettered, over letters: [Character], name: String
    ) throws -> Lettered {
        if letters.isEmpty { return x }
        let axes = try letters.map { try node.sampleAxis(x.letters.firstIndex(of: $0)!, of: x.value.shape) }.sorted()
        var shape = x.value.shape
        for letter in letters { shape.axes[x.letters.firstIndex(of: letter)!] = FileAxis(1) }
        let sum = try node.emit(
            "reduce", ["kind": .text("sum"), "axes": .integers(axes), "keep": .boolean(true)], [x.value], shape: shape,
            name: node.ownName + name)
        let rest = x.letters.filter { !letters.contains($0) }
        return Lettered(value: try node.reshaped(sum, FileShape(x.axes(rest))), letters: rest)
    }

    /// Two operands as one.
    private static func contracted(
        _ node: ImportNode, _ left: Lettered, _ right: Lettered, _ kept: Set<Character>, name: String
    ) throws -> Lettered {
        let left = try summed(
            node, left, over: left.letters.filter { !kept.contains($0) && !right.letters.contains($0) },
            name: ".left")
        let right = try summed(
            node, right, over: right.letters.filter { !kept.contains($0) && !left.letters.contains($0) },
            name: ".right")
        let both = left.letters.filter { right.letters.contains($0) }
        for letter in both where left.axis(letter) != right.axis(letter) {
            throw node.fault("\(left.value.shape) and \(right.value.shape)", "one size for '\(letter)'")
        }
        let inner = both.filter { !kept.contains($0) }, outer = both.filter { kept.contains($0) }
        let rows = left.letters.filter { !both.contains($0) }, columns = right.letters.filter { !both.contains($0) }
        let letters = outer + rows + columns
        let shape = FileShape(left.axes(outer + rows) + right.axes(columns))
        func arranged(_ x: Lettered, _ order: [Character], _ shape: FileShape, _ side: String) throws -> Importer.Value
        {
            let turned = try node.transposed(
                x.value, order.map { x.letters.firstIndex(of: $0)! }, name: "\(name).\(side)")
            return try node.reshaped(turned, shape)
        }
        if inner.isEmpty {
            let one = FileAxis(1)
            let a = try arranged(
                left, outer + rows, FileShape(left.axes(outer + rows) + columns.map { _ in one }), "left")
            let b = try arranged(
                right, outer + columns, FileShape(right.axes(outer) + rows.map { _ in one } + right.axes(columns)),
                "right")
            let (joint, aligned) = try broadcast(node, [a, b])
            let value = try node.emit("mul", [:], aligned, shape: joint, name: name)
            return Lettered(value: try node.reshaped(value, shape), letters: letters)
        }
        func joined(_ axes: [FileAxis]) throws -> FileAxis {
            let size = axes.reduce(1) { $0 * $1.size }
            guard let batch = axes.firstIndex(where: \.hasBatch) else { return FileAxis(size) }
            let before = axes[..<batch].reduce(1) { $0 * $1.size } * axes[batch].before
            return .batch(before: before, after: size / max(1, before))
        }
        let depth = try joined(left.axes(inner))
        let height = try joined(left.axes(rows)), width = try joined(right.axes(columns))
        let a = try arranged(
            left, outer + rows + inner, FileShape(left.axes(outer) + [height, depth]), "left")
        // Weights are weights whatever letters they stand under.
        if outer.isEmpty, !a.isConstant, !depth.hasBatch, let weight = node.constant(right.value),
            weight.shape.count == right.letters.count
        {
            let table = weight.transposed((columns + inner).map { right.letters.firstIndex(of: $0)! })
                .reshaped([width.size, depth.size])
            let layer = try linear(
                node, a, table, bias: nil, name: node.layerName(right.value, weight, input: 1))
            return Lettered(value: try node.reshaped(layer, shape), letters: letters)
        }
        let b = try arranged(
            right, outer + inner + columns, FileShape(right.axes(outer) + [depth, width]), "right")
        let value = try product(node, a, b, name: name)
        return Lettered(value: try node.reshaped(value, shape), letters: letters)
    }
}
