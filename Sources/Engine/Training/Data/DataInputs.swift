import Graph
import Interchange

/// Which axis of an array is which.
struct Inputs {
    let shape: Shape
    let order: Samples.Order
    let normalization: Normalization.Extent
    private let isTokens: Bool

    /// Floats hold whole numbers exactly up to here.
    private static let mostTokens: Int64 = 1 << 24

    /// - Throws: `FileProblem` where it is not clear, with what would make it so.
    init(_ half: FoundData.Half, _ found: FoundData, _ choice: DataChoice) throws {
        let array = half.inputs
        let axes = Array(array.dimensions.dropFirst())
        guard array.dimensions.count >= 1, array.dimensions.allSatisfy({ $0 > 0 }) else {
            throw array.problem(array.summary, expected: "at least one sample, and no axis of length 0")
        }
        let features = axes.reduce(1, *)
        guard features <= 1 << 24 else {
            throw array.problem("\(features) values a sample", expected: "at most 2^24")
        }
        let layout = try choice.layout ?? Self.layout(axes, half, found)
        func needs(_ count: Int, _ what: String) throws {
            guard axes.count == count else {
                throw array.problem(
                    array.summary, expected: "\(count + 1) axes (\(what)) for layout \(layout.rawValue)")
            }
        }
        switch layout {
        case .nchw:
            try needs(3, "samples, channels, rows, columns")
            shape = Shape(channels: axes[0], height: axes[1], width: axes[2])
        case .nhwc:
            try needs(3, "samples, rows, columns, channels")
            shape = Shape(channels: axes[2], height: axes[0], width: axes[1])
        case .nhw:
            try needs(2, "samples, rows, columns")
            shape = Shape(channels: 1, height: axes[0], width: axes[1])
        case .ncl:
            try needs(2, "samples, channels, places")
            shape = Shape(axes)
        case .nlc:
            try needs(2, "samples, places, channels")
            shape = Shape([axes[1], axes[0]])
        case .features: shape = Shape([features])
        case .axes:
            guard (1...Shape.mostAxes).contains(axes.count) else {
                throw array.problem(array.summary, expected: "2 to \(Shape.mostAxes + 1) axes for layout axes")
            }
            shape = Shape(axes)
        case .tokens:
            try needs(1, "samples, tokens")
            guard array.isWhole else { throw array.problem(array.summary, expected: "whole numbers, which tokens are") }
            shape = Shape([half.mask == nil ? axes[0] : 2 * axes[0]])
        }
        isTokens = layout == .tokens
        if let mask = half.mask {
            guard isTokens, mask.dimensions == array.dimensions else {
                throw mask.problem(
                    mask.summary,
                    expected: isTokens
                        ? "the axes of the tokens, \(array.summary)" : "no mask, but for 'layout: tokens'")
            }
        }
        order = layout == .nhwc || layout == .nlc ? .channelsLast : .channelsFirst
        let isBytes = array.type == .u8 || array.type == .bool
        normalization = isTokens ? .none : shape.isFlat && isBytes && !found.isTable ? .all : .channel
    }

    private static func layout(_ axes: [Int], _ half: FoundData.Half, _ found: FoundData) throws -> DataChoice.Layout {
        let array = half.inputs
        func unclear(_ layouts: DataChoice.Layout...) -> FileProblem {
            array.problem(
                array.summary,
                expected: "a word on its axes: "
                    + layouts.map { "'layout: \($0.rawValue)'" }.joined(separator: " or "))
        }
        switch axes.count {
        case 0: return .features
        case 1:
            if half.mask != nil { return .tokens }
            // Bytes are pixels; larger whole numbers may be words of a text or counts.
            if !array.isWhole || array.type.bytes == 1 || found.isTable { return .features }
            throw unclear(.tokens, .features)
        case 2:
            if array.type.bytes == 1 || axes[0] == axes[1] || found.format == "idx" { return .nhw }
            throw unclear(.nhw, .ncl, .nlc)
        case 3:
            if found.isChannelsLast == true { return .nhwc }
            let few = 1...4
            switch (few.contains(axes[0]), few.contains(axes[2])) {
            case (true, false): return .nchw
            case (false, true): return .nhwc
            case (false, false) where axes[1] == axes[2] && axes[0] != axes[1]: return .nchw
            case (false, false) where axes[0] == axes[1] && axes[1] != axes[2]: return .nhwc
            default: throw unclear(.nchw, .nhwc)
            }
        default: return axes.count <= Shape.mostAxes ? .axes : .features
        }
    }

    /// - Throws: `FileProblem` for tokens that are none.
    func elements(_ half: FoundData.Half) throws -> Elements {
        guard isTokens else { return try half.inputs.elements() }
        let tokens = try half.inputs.integers()
        if let wrong = tokens.firstIndex(where: { $0 < 0 || $0 >= Self.mostTokens }) {
            throw half.inputs.problem(
                "token \(tokens[wrong]) at \(half.inputs.index(of: wrong))",
                expected: "0 to \(Self.mostTokens - 1), the rows of a table")
        }
        guard let mask = half.mask else { return Elements(tokens.map(Float.init)) }
        // A sample is its tokens and then its flags.
        let length = half.inputs.dimensions[1], flags = mask.floats()
        if let wrong = flags.firstIndex(where: { $0 != 0 && $0 != 1 }) {
            throw mask.problem("\(flags[wrong]) at \(mask.index(of: wrong))", expected: "flags, 0 or 1")
        }
        var elements: [Float] = []
        elements.reserveCapacity(2 * tokens.count)
        for first in stride(from: 0, to: tokens.count, by: length) {
            elements += tokens[first..<first + length].map(Float.init)
            elements += flags[first..<first + length]
        }
        return Elements(elements)
    }
}
