/// Shape arithmetic: what is known before any sample.
extension ImportRules {
    static let shapeRules: [String: Rule] = [
        "Shape": { node in
            let shape = try node.required(0).shape
            let start = clamp(try node.integer("start", 0), shape.rank)
            let end = max(start, clamp(try node.integer("end", shape.rank), shape.rank))
            return [wholes(Array(shape.wholes[start..<end]))]
        },
        "Size": { node in
            let shape = try node.required(0).shape
            let count = shape.sample.reduce(1, *)
            return [scalar(whole: shape.hasBatch ? Whole(0, batch: count) : Whole(count))]
        },
        "Constant": constant, "ConstantOfShape": constantOfShape, "Range": range, "Trilu": triangle,
        "EyeLike": { node in
            let shape = try node.required(0).shape
            guard shape.rank == 2, !shape.hasBatch, checkedProduct(shape.sample)! <= Importer.mostFolded else {
                throw Unsupported("its shape \(shape) depends on the batch")
            }
            let shift = try node.integer("k", 0), columns = shape.sample[1]
            let values = (0..<shape.sample.reduce(1, *)).map { Float($0 % columns - $0 / columns == shift ? 1 : 0) }
            return [
                Importer.Value(shape: shape, kind: .numbers, content: .floats(Constant(Block(shape.sample, values))))
            ]
        },
    ]

    private static func clamp(_ axis: Int, _ rank: Int) -> Int { min(max(axis < 0 ? axis + rank : axis, 0), rank) }

    static func wholes(_ values: [Whole]) -> Importer.Value {
        Importer.Value(
            shape: FileShape(sizes: [values.count]), kind: .wholes, content: .wholes(Block([values.count], values)))
    }
    static func scalar(whole: Whole) -> Importer.Value {
        Importer.Value(shape: FileShape([]), kind: .wholes, content: .wholes(Block([], [whole])))
    }

    private static func constant(_ node: ImportNode) throws -> [Importer.Value] {
        let attributes = node.node.attributes
        guard attributes.count == 1, let value = attributes.first else {
            throw node.fault("\(attributes.count) attributes", "one, its value")
        }
        switch value.value {
        case .tensor(let tensor):
            return [try node.importer.read(tensor, name: node.node.outputs.first ?? "", isTrained: false)]
        case .float(let number): return [scalar(number)]
        case .floats(let numbers):
            let block = Block([numbers.count], numbers)
            return [
                Importer.Value(shape: FileShape(sizes: block.shape), kind: .numbers, content: .floats(Constant(block)))
            ]
        case .integer(let number): return [scalar(whole: Whole(number))]
        case .integers(let numbers): return [wholes(numbers.map { Whole($0) })]
        case .sparse(let tensor):
            let block = Block(tensor.shape, try tensor.floats())
            return [
                Importer.Value(shape: FileShape(sizes: block.shape), kind: .numbers, content: .floats(Constant(block)))
            ]
        default: throw Unsupported("its value is no tensor of numbers")
        }
    }

    /// The axes that whole numbers say, with the batch where they hold it.
    static func shape(_ node: ImportNode, _ wholes: [Whole]) throws -> FileShape {
        guard wholes.count <= 64 else { throw node.fault("\(wholes.count) axes", "at most 64") }
        let axes = try wholes.map { whole -> FileAxis in
            guard whole.isSize else { throw node.fault("size \(whole)", "no negative size") }
            if whole.batch == 0 { return FileAxis(whole.constant) }
            return .batch(before: 1, after: whole.batch)
        }
        guard axes.count(where: \.hasBatch) <= 1 else { throw Unsupported("its shape holds the batch twice") }
        return FileShape(axes)
    }

    static func checkFolded(_ shape: FileShape) throws {
        let count = checkedProduct(shape.sample) ?? Int.max
        guard count <= Importer.mostFolded else {
            throw Unsupported("it makes a constant of \(count) numbers; at most \(Importer.mostFolded) are made")
        }
    }

    private static func constantOfShape(_ node: ImportNode) throws -> [Importer.Value] {
        guard let sizes = try node.wholes(0) else { throw node.fault("no shape", "one") }
        let shape = try self.shape(node, sizes)
        try checkFolded(shape)
        let count = shape.sample.reduce(1, *)
        guard case .tensor(let tensor)? = node.node.attributes["value"] else {
            return [
                Importer.Value(
                    shape: shape, kind: .numbers,
                    content: .floats(Constant(Block(shape.sample, [Float](repeating: 0, count: count)))))
            ]
        }
        guard tensor.count == 1 else { throw node.fault("a value of \(tensor.count) numbers", "one number") }
        let value = try node.importer.read(tensor, name: "", isTrained: false)
        switch value.content {
        case .wholes(let block):
            let block = Block(shape.sample, [Whole](repeating: block.values[0], count: count))
            return [Importer.Value(shape: shape, kind: value.kind, content: .wholes(block))]
        default:
            let number = node.constant(value)!.values[0]
            let block = Block(shape.sample, [Float](repeating: number, count: count))
            return [Importer.Value(shape: shape, kind: .numbers, content: .floats(Constant(block)))]
        }
    }

    private static func range(_ node: ImportNode) throws -> [Importer.Value] {
        let inputs = [try node.required(0), try node.required(1), try node.required(2)]
        if inputs.allSatisfy({ $0.kind == .wholes }) {
            if try [node.wholes(0), node.wholes(1), node.wholes(2)] == [[Whole(0)], [Whole(0, batch: 1)], [Whole(1)]] {
                // One number for each sample: its own.
                let number = Block([], [Whole(0, sample: 1)])
                return [Importer.Value(shape: FileShape([.batch]), kind: .wholes, content: .wholes(number))]
            }
            guard let start = try node.fixed(0)?.first, let limit = try node.fixed(1)?.first,
                let delta = try node.fixed(2)?.first, delta != 0
            else { throw node.fault("no step", "a step other than 0") }
            let steps = ((Double(limit) - Double(start)) / Double(delta)).rounded(.up)
            let count = steps < Double(Importer.mostFolded) ? max(0, Int(steps)) : Int.max
            try checkFolded(FileShape(sizes: [count]))
            return [wholes((0..<count).map { Whole(start + $0 * delta) })]
        }
        let numbers = try inputs.map { input -> Double in
            guard let value = node.constant(input)?.uniform else { throw Unsupported("its bounds are no constants") }
            return Double(value)
        }
        let count = ((numbers[1] - numbers[0]) / numbers[2]).rounded(.up)
        guard count.isFinite, count < Double(Importer.mostFolded) else {
            throw node.fault("bounds \(numbers)", "finite ones")
        }
        let values = (0..<max(0, Int(count))).map { Float(numbers[0] + Double($0) * numbers[2]) }
        return [
            Importer.Value(
                shape: FileShape(sizes: [values.count]), kind: .numbers,
                content: .floats(Constant(Block([values.count], values))))
        ]
    }

    private static func triangle(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let shift = try node.fixed(1)?.first ?? 0, isUpper = try node.integer("upper", 1) != 0
        let shape = x.shape.sample
        guard shape.count >= 2, x.shape.rank >= 2, !x.shape.axes.suffix(2).contains(where: { $0.hasBatch }) else {
            throw Unsupported("its matrices \(x.shape) hold the batch")
        }
        let rows = shape[shape.count - 2], columns = shape[shape.count - 1]
        func keeps(_ index: Int) -> Bool {
            let column = index % columns, row = index / columns % rows
            return isUpper ? column - row >= shift : column - row <= shift
        }
        switch x.content {
        case .wholes(let block):
            let values = block.values.enumerated().map { keeps($0) ? $1 : Whole(0) }
            return [Importer.Value(shape: x.shape, kind: x.kind, content: .wholes(Block(block.shape, values)))]
        case .floats(let constant):
            let values = constant.values.enumerated().map { keeps($0) ? $1 : 0 }
            return [Importer.Value(shape: x.shape, kind: x.kind, content: .floats(Constant(Block(shape, values))))]
        case .node:
            let mask = Block([rows, columns], (0..<rows * columns).map { Float(keeps($0) ? 1 : 0) })
            let value = Importer.Value(
                shape: FileShape(sizes: mask.shape), kind: .numbers, content: .floats(Constant(mask)))
            return [try node.emit("mul", [:], [x, value], shape: x.shape)]
        }
    }
}
