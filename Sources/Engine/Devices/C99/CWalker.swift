import Interchange

/// How C reads the rows of a layer that lies in one encoding of `Interchange`, one row after the other.
///
/// `row` writes where the inputs of a row's entries lie to `offsets`, to be used at many points; `sum` adds up the row at one
/// point without anything in between. Both go on from where the row before ended, in variables that `state` declares.
protocol CWalker: Sendable {
    var encoding: any Encoding { get }
    /// The encoding's, or a name of its own where several walkers read one encoding.
    var name: String { get }
    /// Arrays of the encoding that are one number, which the C has as such.
    var constants: Set<String> { get }
    /// The encoding's arrays, as C has them.
    func places(_ kept: KeptWeights) -> Places
    /// Rough instructions of an entry's place, and of each column whether a weight is there or not.
    var instructionsOfEntry: Double { get }
    var instructionsOfColumn: Double { get }
    /// Of all places of a layer.
    func instructions(_ kept: KeptWeights) -> Double
    /// The most entries of a row.
    func longestRow(_ tables: DeviceTables) -> Int
    /// Whether `row` copies the row's values to `lined`.
    var copiesValues: Bool { get }
    /// Lines before the loop over rows.
    func state(_ tables: DeviceTables, _ number: Int) -> [String]
    /// A call that gives the number of entries of `row`.
    func row(_ tables: DeviceTables, _ number: Int) -> String
    /// A call that adds the row's products with `x` to `bias`, and moves `weights` on.
    func sum(_ tables: DeviceTables, _ number: Int, bias: String) -> String
    /// The functions of both.
    func kernels(_ types: CTypes) -> [CKernels.Kernel]
}

extension CWalker {
    var name: String { encoding.name }
    var constants: Set<String> { [] }
    var copiesValues: Bool { false }
    var instructionsOfColumn: Double { 0 }
    func places(_ kept: KeptWeights) -> Places { encoding.places("", kept) }
    func instructions(_ kept: KeptWeights) -> Double {
        Double(encoding.size(kept).entries) * instructionsOfEntry + Double(kept.total) * instructionsOfColumn
    }
    func longestRow(_ tables: DeviceTables) -> Int { tables.mostWeights }
    func state(_: DeviceTables, _: Int) -> [String] { [] }
}

/// Every walker, the one of all weights first: one struct below or beside, one entry here.
enum CWalkers {
    static let all: [any CWalker] = [
        Dense(), Masked(), CSR16(), CSR8(), Delta(bits: 8), Delta(bits: 5), Gaps(bits: 2), Gaps(bits: 3), Gaps(bits: 4),
        Gaps(bits: 5), Gaps(bits: 6), Gaps(bits: 7), Gaps(bits: 8), Blocks(height: 4, width: 1),
        Blocks(height: 1, width: 4), Blocks(height: 4, width: 4), NOfM(m: 4), NOfM(m: 8), NOfM(m: 16),
    ]

    /// What a walker can be asked for by: its encoding, and its own name.
    static var names: [String] {
        all.reduce(into: []) { names, walker in
            for name in [walker.encoding.name, walker.name] where !names.contains(name) { names.append(name) }
        }
    }

    /// Rough instructions of a multiply-add where several points share a weight.
    static let instructionsOfPoint = 2.0
}

/// The C names of types.
struct CTypes {
    let isQuantized: Bool
    /// Every layer's sums are numbers of 16 bits once they are steps of its output: see `DeviceSums.isNarrow`.
    let isNarrow: Bool
    /// Of a sum in steps of the output.
    var step: String { isNarrow ? "int16_t" : "int64_t" }
    /// Of a value and of a sum.
    var value: String { isQuantized ? "int8_t" : "float" }
    var sum: String { isQuantized ? "int32_t" : "float" }

    /// Lines that add the products of entries with the inputs of their places: four at a time, then the rest.
    ///
    /// - Parameters:
    ///   - place: of entry k in C, where `#` stands for k.
    ///   - indent: before each line but the first.
    func products(_ place: String, count: String, moving: [String], indent: Int) -> String {
        func line(_ k: Int) -> String { "sum += weights[\(k)] * x[\(place.replacing("#", with: "\(k)"))];" }
        let moves = moving.map { "\($0) += 4" }.joined(separator: ", ")
        let one = moving.map { "\($0)++" }.joined(separator: ", ")
        var lines = ["for (; \(count) >= 4; \(count) -= 4, \(moves)) {"]
        lines += (0..<4).map { "    " + line($0) }
        lines += ["}", "for (; \(count) > 0; \(count)--, \(one))", "    " + line(0)]
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}
