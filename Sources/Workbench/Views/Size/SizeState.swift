import Interchange
import Training

/// What was chosen in the Size view.
package struct SizeState: ViewState {
    package static let view = ViewID.size

    /// What a value is kept as, one of `values`.
    package var values = Self.values[0]
    /// First of the columns that are shown.
    package var column = 0
    /// Where it was opened, and leads back to.
    package var from = ViewID.session
    /// A person asked for it; it takes ten seconds.
    package var measuresEnergy = false

    static let values = ValueEncodings.all.map { $0.name }
    static let mostColumns = 64

    package init() {}

    private enum CodingKeys: String, CodingKey { case values, column, from }

    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        let name = saved.value(.values, or: Self.values[0])
        values = Self.values.contains(name) ? name : Self.values[0]
        column = saved.whole(.column, within: 0...Self.mostColumns) ?? 0
        from = ViewID(rawValue: saved.value(.from, or: "")) ?? .session
    }

    mutating func nextValues() {
        let at = Self.values.firstIndex(of: values) ?? 0
        values = Self.values[(at + 1) % Self.values.count]
    }
}

extension ViewID {
    package static let size = ViewID("size")
}

extension WorkbenchState {
    package var sizes: SizeState {
        get { self[SizeState.self] }
        set { self[SizeState.self] = newValue }
    }
}
