import Descriptors

/// Numbers as rows of flags.
extension ImportRules {
    static let flagRules: [String: Rule] = ["OneHot": oneHot]

    /// Each number beside all that it may be; negative ones count from the end.
    private static func oneHot(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let depth = try node.fixed(1)?.first, (1...1 << 24).contains(depth) else {
            throw node.fault("no depth", "how many numbers there may be")
        }
        guard let values = node.constant(try node.required(2)), values.values.count == 2 else {
            throw Unsupported("what it writes is no constant of two numbers")
        }
        let axis = try node.axis(node.integer("axis", -1), rank: x.shape.rank + 1)
        var one = x.shape, shape = x.shape
        one.axes.insert(FileAxis(1), at: axis)
        shape.axes.insert(FileAxis(depth), at: axis)
        let places = FileShape((0...x.shape.rank).map { FileAxis($0 == axis ? depth : 1) })
        let number = try node.reshaped(x, one)
        func equal(_ first: Int, _ name: String) throws -> Importer.Value {
            let all = Importer.Value(
                shape: places, kind: .wholes,
                content: .floats(Constant(Block(places.sample, (0..<depth).map { Float($0 + first) }))))
            let (joint, aligned) = try broadcast(node, [number, all])
            return try node.emit("equal", [:], aligned, shape: joint, name: node.ownName + name)
        }
        let flags = try node.emit(
            "add", [:], [equal(0, ".up"), equal(-depth, ".down")], shape: shape, name: node.ownName + ".flags")
        let (off, on) = (Double(values.values[0]), Double(values.values[1]))
        if off == 0, on == 1 { return [flags] }
        return [try node.emit("affine", ["scale": .number(on - off), "shift": .number(off)], [flags], shape: shape)]
    }
}
