import Interchange

/// What a file leaves open, and who imports it says.
package struct ImportOptions: Sendable {
    /// Axes of one sample by input; "" is the only input. What the file leaves free comes from here: a length of sequences, a size
    /// of images.
    package var inputShapes: [String: [Int]] = [:]
    /// Axes of the arrays that the model is run for, by input; "" is the only input. The first is the batch, but of an array of one
    /// sample, and of an input without a batch.
    package var arrayShapes: [String: [Int]] = [:]
    /// False: no axis is the batch, the whole tensor is one sample. Nil: as the file looks, and one sample where nothing else runs.
    package var hasBatch: Bool?
    /// The output that is run; nil: the first.
    package var output: String?
    /// Inputs that are the same for every sample.
    package var constants: [String: ONNXTensor] = [:]

    package init(
        inputShapes: [String: [Int]] = [:], arrayShapes: [String: [Int]] = [:], hasBatch: Bool? = nil
    ) {
        self.inputShapes = inputShapes
        self.arrayShapes = arrayShapes
        self.hasBatch = hasBatch
    }
}

/// An axis of an input that has no size in the file.
package struct FreeAxis: Sendable, Equatable {
    package let input: String
    package let axis: Int
    package let symbol: String
    /// That it was given here.
    package let size: Int
}

/// What a person is told of a file besides what it holds.
struct ImportFacts {
    var elements: Set<ONNXElement> = []
    var quantized = 0
    /// Outputs that are whole numbers in the file.
    var quantizedOutputs: [String] = []
    /// Nodes that round what is computed.
    var rounded = 0
    /// Nodes that the file has as they train.
    var training = 0
    var free: [FreeAxis] = []
}

/// Chooses which axis of each input is the batch, and gives sizes to the others.
struct InputShapes {
    private let model: ONNXModel
    private let options: ImportOptions
    private(set) var fixedBatch: Int?
    private(set) var free: [FreeAxis] = []
    private var symbols: [String: Int] = [:]
    /// For an axis without a size, where nobody gave one.
    static let someSize = 32

    /// Whether the file has one input: what is said without a name is said of it.
    private let isOnly: Bool

    /// - Parameter inputs: how many the file has.
    init(model: ONNXModel, options: ImportOptions, inputs: Int) {
        self.model = model
        self.options = options
        isOnly = inputs == 1
    }

    private func problem(_ input: ONNXValue, _ found: String, _ expected: String) -> FileProblem {
        FileProblem(
            path: model.file.path, place: "input \(FileProblem.quote(input.name))", found: found, expected: expected)
    }

    /// - Throws: `FileProblem` where it is no tensor of numbers, or the sizes given are not those of the file.
    mutating func shape(_ input: ONNXValue) throws -> (FileShape, ONNXValueKind) {
        let kind: ONNXValueKind
        switch input.element {
        case .some(let element) where element.isFloat: kind = .numbers
        case .bool: kind = .truths
        case .uint8, .int8, .uint16, .int16, .int32, .int64, .uint32, .uint64: kind = .wholes
        default: throw problem(input, input.kind, "a tensor of floats, whole numbers or truth values")
        }
        var given = options.inputShapes[input.name] ?? (isOnly ? options.inputShapes[""] : nil)
        let array = options.arrayShapes[input.name] ?? (isOnly ? options.arrayShapes[""] : nil)
        guard
            var axes = input.axes ?? given.map({ [.unknown] + $0.map { _ in .unknown } })
                ?? array.map({ $0.map { _ in .unknown } })
        else {
            throw problem(input, "no shape in the file", "a shape: say it with --input-shape")
        }
        let batchAxis = self.batchAxis(axes, given: given)
        if let batchAxis {
            if case .size(let size) = axes[batchAxis] {
                guard fixedBatch == nil || fixedBatch == size else {
                    throw problem(
                        input, "\(size) samples beside \(fixedBatch!) of another input", "one number of samples")
                }
                guard size >= 1 else { throw problem(input, "a batch of \(size)", "1 or more samples") }
                fixedBatch = size
            }
            axes.remove(at: batchAxis)
        }
        if given == nil, let array {
            given = array.count == axes.count ? array : Array(array.dropFirst())
            guard (axes.count...axes.count + 1).contains(array.count) else {
                throw problem(
                    input, "an array of axes \(array)", "\(Self.axes(axes.count)) a sample, the batch before it")
            }
        }
        guard given == nil || given?.count == axes.count else {
            throw problem(input, "axes \(given ?? [])", "\(Self.axes(axes.count)) a sample, as the file has")
        }
        var sizes: [FileAxis] = []
        for (axis, found) in axes.enumerated() {
            var size: Int
            switch found {
            case .size(let fixed):
                size = fixed
                if let given, given[axis] != fixed {
                    throw problem(input, "\(fixed) points on axis \(axis), \(given[axis]) given", "the file's size")
                }
            case .symbol(let symbol):
                size = given?[axis] ?? symbols[symbol] ?? Self.someSize
                if given == nil, symbols[symbol] == nil {
                    free.append(FreeAxis(input: input.name, axis: axis, symbol: symbol, size: size))
                }
                symbols[symbol] = size
            case .unknown:
                size = given?[axis] ?? Self.someSize
                if given == nil { free.append(FreeAxis(input: input.name, axis: axis, symbol: "?", size: size)) }
            }
            guard size >= 1, size < 1 << 30 else {
                throw problem(input, "\(size) points on axis \(axis)", "1 to \(1 << 30)")
            }
            sizes.append(FileAxis(size))
        }
        guard checkedProduct(sizes.map(\.size)).map({ $0 < 1 << 30 }) ?? false else {
            throw problem(input, "\(FileShape(sizes)) values a sample", "fewer than 2^30")
        }
        if let batchAxis { sizes.insert(.batch, at: batchAxis) }
        return (FileShape(sizes), kind)
    }

    private static func axes(_ count: Int) -> String { count == 1 ? "1 axis" : "\(count) axes" }

    private func batchAxis(_ axes: [ONNXValue.Axis], given: [Int]?) -> Int? {
        guard options.hasBatch != false, !axes.isEmpty else { return nil }
        // An axis that is called so, wherever it stands: sequences often have it second.
        let named = axes.firstIndex {
            if case .symbol(let name) = $0 { return name.lowercased().contains("batch") || name == "N" }
            return false
        }
        if let named { return named }
        if let given, given.count == axes.count { return nil }
        if case .size = axes[0] {
            // Features alone are one sample; so is what has fewer axes than an input with a batch.
            return axes.count == 1 && options.hasBatch == nil ? nil : 0
        }
        return 0
    }
}
