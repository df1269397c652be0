import Graph
import Interchange
import Models
import Testing

/// Operators of ONNX that are read as several of ours.
@Suite struct RewrittenNodeTests {
    private func expectNear(_ found: [Float], _ wanted: [Float], _ location: SourceLocation = #_sourceLocation) {
        #expect(found.count == wanted.count, sourceLocation: location)
        #expect(
            zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }, "\(found) \(wanted)",
            sourceLocation: location)
    }

    private func file(_ axes: [Int]) -> ModelFile {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N")] + axes.map { .size($0) })]
        return file
    }

    // MARK: Normalisation by channels nearby

    @Test(arguments: [1, 2, 3, 4, 7]) func localResponseSumsChannelsNearby(size: Int) throws {
        var file = file([5, 1, 2])
        file.node(
            "LRN", ["x"], ["y"],
            [("size", .integer(size)), ("alpha", .float(0.5)), ("beta", .float(0.6)), ("bias", .float(1.5))])
        let x: [Float] = [1, -2, 0.5, 3, -1, 0, 2, 2, 4, -0.25]
        let wanted = (0..<10).map { place -> Float in
            let channel = place / 2
            let near = max(0, channel - (size - 1) / 2)...min(4, channel + size / 2)
            let sum = near.reduce(0.0) { $0 + Double(x[2 * $1 + place % 2]) * Double(x[2 * $1 + place % 2]) }
            return x[place] / Float(power(1.5 + 0.5 / Double(size) * sum, 0.6))
        }
        expectNear(try file.answers([x])[0], wanted)
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
        // By halves, so that no library is asked: base^0.6 = base^(1/2 + 1/16 + 1/32 + …).
        var rest = exponent, root = base, result = 1.0
        for _ in 0..<52 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }

    // MARK: Sums by letters

    @Test func productsOfActivationsByLetters() throws {
        var file = file([2, 3])
        file.node("Einsum", ["x", "x"], ["s"], [("equation", .text("bqd, bkd -> bqk"))])
        file.node("Einsum", ["s", "x"], ["y"], [("equation", .text("bqk,bkd->bdq"))])
        let x: [Float] = [1, 2, 3, -1, 0, 2]
        // x · xᵀ, then times x, turned round.
        let s: [Float] = [14, 5, 5, 5]
        var wanted: [Float] = []
        for d in 0..<3 { for q in 0..<2 { wanted.append(s[2 * q] * x[d] + s[2 * q + 1] * x[3 + d]) } }
        expectNear(try file.answers([x])[0], wanted)
    }

    @Test func weightsUnderLettersAreWeights() throws {
        var file = file([2, 3])
        let weight: [Float] = (0..<12).map { Float($0) - 5 }
        file.initializers = [("heads.weight", [3, 2, 2], weight)]
        file.node("Einsum", ["x", "heads.weight"], ["y"], [("equation", .text("btd,dhe->bhte"))])
        #expect(try file.imported().prunable == ["heads"])
        let x: [Float] = [1, 2, 3, -1, 0, 2]
        var wanted: [Float] = []
        for h in 0..<2 {
            for t in 0..<2 {
                for e in 0..<2 { wanted.append((0..<3).reduce(0) { $0 + x[3 * t + $1] * weight[4 * $1 + 2 * h + e] }) }
            }
        }
        expectNear(try file.answers([x])[0], wanted)
    }

    @Test(arguments: [
        ("bij->bji", [1, 4, 2, 5, 3, 6] as [Float]), ("bij->bi", [6, 15]), ("bij", [1, 2, 3, 4, 5, 6]),
        ("...ij->...j", [5, 7, 9]), ("b...->b...", [1, 2, 3, 4, 5, 6]),
    ]) func oneOperandIsTurnedAndSummed(equation: String, wanted: [Float]) throws {
        var file = file([2, 3])
        file.node("Einsum", ["x"], ["y"], [("equation", .text(equation))])
        expectNear(try file.answers([[1, 2, 3, 4, 5, 6]])[0], wanted)
    }

    @Test(arguments: [
        ("bij,bij->bij", [1, 4, 9, 16, 25, 36] as [Float]), ("bij,bij->b", [91]),
        ("bij,bkj->bik", [14, 32, 32, 77]), ("...i,...i->...", [14, 77]),
    ]) func twoOperands(equation: String, wanted: [Float]) throws {
        var file = file([2, 3])
        file.node("Einsum", ["x", "x"], ["y"], [("equation", .text(equation))])
        expectNear(try file.answers([[1, 2, 3, 4, 5, 6]])[0], wanted)
    }

    @Test func lettersThatAreRefused() throws {
        for (equation, words) in [("bii->bi", "diagonal"), ("bij->ij", "mixes samples")] {
            var file = file([3, 3])
            file.node("Einsum", ["x"], ["y"], [("equation", .text(equation))])
            #expect(try file.imported().problems.first?.reason.contains(words) == true)
        }
        for equation in ["bij->bk", "bij,bij->b", "bi->b", "b..ij->b", "bij->", "b1j->b", "bij->bb"]
        where equation != "bij->" {
            var file = file([3, 3])
            file.node("Einsum", ["x"], ["y"], [("equation", .text(equation))])
            #expect(throws: FileProblem.self) { try file.imported() }
        }
    }

    // MARK: Values by places

    @Test func elementsByPlaces() throws {
        var file = file([2, 3])
        file.wholes = [("flat", [2, 0, -1, 1]), ("shape", [1, 2, 2])]
        file.node("Reshape", ["flat", "shape"], ["places"])
        file.node("Expand", ["places", "whole"], ["all"])
        file.node("Shape", ["x"], ["sizes"])
        file.node("Slice", ["sizes", "zero", "one"], ["batch"])
        file.node("Concat", ["batch", "ones"], ["whole"], [("axis", .integer(0))])
        file.wholes += [("zero", [0]), ("one", [1]), ("ones", [1, 1])]
        file.node("GatherElements", ["x", "all"], ["y"], [("axis", .integer(2))])
        #expect(try file.answers([[1, 2, 3, 4, 5, 6], [7, 8, 9, 0, 1, 2]]) == [[3, 1, 6, 5], [9, 7, 2, 1]])
    }

    @Test func numbersAsFlags() throws {
        var file = file([3])
        file.initializers = [("values", [2], [-1, 2])]
        file.wholes = [("depth", [3])]
        file.node("OneHot", ["x", "depth", "values"], ["y"])
        #expect(try file.answers([[0, 2, -2]]) == [[2, -1, -1, -1, -1, 2, -1, 2, -1]])
    }

    @Test func whatIsNoNumberIsFound() throws {
        var file = file([3])
        file.initializers = [("nothing", [1], [0])]
        file.node("IsNaN", ["x"], ["wrong"])
        file.node("Where", ["wrong", "nothing", "x"], ["y"])
        #expect(try file.answers([[1, .nan, -.infinity]]) == [[1, 0, -.infinity]])
    }

    // MARK: Whole numbers of few bits

    @Test func roundedActivationsKeepTheirRange() throws {
        var file = file([4])
        file.initializers = [("scale", [], [0.5])]
        file.small = [("zero", .int8, [], [-120])]
        file.node("QuantizeLinear", ["x", "scale", "zero"], ["q"])
        file.node("DequantizeLinear", ["q", "scale", "zero"], ["y"])
        let imported = try file.imported()
        // (−128 + 120) · ½ to (127 + 120) · ½; what lies between is not rounded.
        #expect(try file.answers([[-9, -3.9, 1.1, 200]]) == [[-4, -3.9, 1.1, 123.5]])
        #expect(imported.facts.contains { $0.contains("1 nodes that quantise") })
    }

    @Test func anotherScaleThanThatOfTheRoundingIsRefused() throws {
        var file = file([4])
        file.initializers = [("scale", [], [0.5]), ("other", [], [0.25])]
        file.small = [("zero", .uint8, [], [0])]
        file.node("QuantizeLinear", ["x", "scale", "zero"], ["q"])
        file.node("DequantizeLinear", ["q", "other", "zero"], ["y"])
        #expect(try file.imported().problems.first?.reason.contains("not those of its QuantizeLinear") == true)
    }

    /// Rows of a table of few bits are whole numbers until they are scaled.
    @Test func aTableOfFewBitsIsScaled() throws {
        var file = file([2])
        file.small = [("table", .uint8, [3, 2], [128, 130, 126, 128, 138, 0]), ("middle", .uint8, [], [128])]
        file.initializers = [("scale", [], [0.5])]
        file.node("Cast", ["x"], ["tokens"], [("to", .integer(7))])
        file.node("Gather", ["table", "tokens"], ["rows"])
        file.node("DequantizeLinear", ["rows", "scale", "middle"], ["y"])
        #expect(try file.answers([[2, 0]]) == [[5, -64, 0, 1]])
    }

    @Test func wholeNumbersThatNobodyQuantisedAreRefused() throws {
        var file = file([2])
        file.initializers = [("scale", [], [0.5])]
        file.node("DequantizeLinear", ["x", "scale"], ["y"])
        #expect(try file.imported().problems.first?.reason == "it reads numbers that nothing quantised")
    }

    @Test func aQuantisedOutputIsTold() throws {
        var file = file([2])
        file.initializers = [("scale", [], [0.5])]
        file.small = [("zero", .uint8, [], [10])]
        file.node("QuantizeLinear", ["x", "scale", "zero"], ["y"])
        #expect(try file.imported().facts.contains { $0.hasPrefix("output 'y' is whole numbers in the file") })
    }

    @Test func aNetworkThatQuantisesAsItRunsIsReadAsFloats() throws {
        var file = file([2])
        file.small = [("weight", .uint8, [2, 3], [130, 128, 120, 128, 127, 200]), ("middle", .uint8, [], [128])]
        file.initializers = [("weight.scale", [1], [0.5])]
        file.node("DynamicQuantizeLinear", ["x"], ["q", "q.scale", "q.zero"])
        file.node("MatMulInteger", ["q", "weight", "q.zero", "middle"], ["sums"])
        file.node("Cast", ["sums"], ["floats"], [("to", .integer(1))])
        file.node("Mul", ["q.scale", "weight.scale"], ["scales"])
        file.node("Mul", ["floats", "scales"], ["y"])
        #expect(try file.imported().prunable.count == 1)
        expectNear(try file.answers([[1.25, -3]])[0], [1.25, 1.5, -5 - 108])
    }

    @Test func anOutputThatIsNotMadeIsNamed() throws {
        var file = file([4])
        file.wholes = [("k", [2])]
        file.outputs = ["y", "places"]
        file.node("TopK", ["x", "k"], ["y", "places"])
        #expect(
            try file.imported().problems.map(\.description) == [
                "TopK (opset 17) at node 'y' (TopK): its output 'y', which is one of the file's, is not made here"
            ])
    }

    @Test func normsOfConstantsAreFolded() throws {
        var file = file([2])
        file.initializers = [("w", [2, 2], [3, 4, 6, 8])]
        file.opset = 13
        file.node("ReduceL2", ["w"], ["n"], [("axes", .integers([1])), ("keepdims", .integer(0))])
        file.node("Div", ["x", "n"], ["y"])
        #expect(try file.answers([[10, 10]]) == [[2, 1]])
    }
}
