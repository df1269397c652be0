import Descriptors
import Graph

/// What is to leave a network for good, as a person asks for it.
package struct Shrinking: Codable, Sendable, Hashable {
    /// By these names in the journal, which a test holds.
    package enum Target: String, Codable, Sendable, CaseIterable {
        /// What does nothing, and no more.
        case idle
        case parameters
        case multiplyAdds = "multiply-adds"
        case channels
        case latency
        /// So many units of what is left without the idle ones, the smallest first.
        case units
    }

    package var target: Target
    /// Of the network as it is; of no meaning for `idle` and `units`.
    package var share: Double
    package var count: Int
    /// The smallest units of all layers, not the same share of each.
    package var isGlobal: Bool
    package var multiple: Int
    /// Also units whose going changes the answers a little.
    package var isApproximate: Bool

    package init(
        _ target: Target = .idle, share: Double = 1, count: Int = 0, isGlobal: Bool = false, multiple: Int = 1,
        isApproximate: Bool = false
    ) {
        self.target = target
        self.share = share
        self.count = count
        self.isGlobal = isGlobal
        self.multiple = multiple
        self.isApproximate = isApproximate
    }

    /// - Throws: `ArgumentError`.
    package init(_ arguments: Arguments, for target: Target) {
        self.init(
            target, isGlobal: target != .idle && arguments.boolean("global"), multiple: arguments.integer("multiple"),
            isApproximate: arguments.boolean("approximate"))
        if target == .units {
            count = arguments.integer("count")
        } else if target != .idle {
            share = arguments.number("share")
        }
    }

    /// Of one target each.
    package static let descriptors = Target.allCases.map { target in
        Descriptor(name: target.rawValue, summary: target.summary, parameters: parameters(target))
    }

    private static func parameters(_ target: Target) -> [Parameter] {
        let amount: [Parameter] =
            switch target {
            case .idle: []
            case .units: [Parameter("count", "Units that go besides those that do nothing", .integer(1...1 << 30))]
            default:
                [
                    Parameter(
                        "share", "Of what there is that is to be left", .number(0.001...1), default: .number(0.5))
                ]
            }
        let global = Parameter(
            "global", "The smallest units of all layers, not the same share of each", .boolean,
            default: .boolean(false))
        return amount + (target == .idle ? [] : [global]) + [
            Parameter(
                "multiple", "Layers that lose channels keep a multiple of so many", .integer(1...1024),
                default: .integer(1)),
            Parameter(
                "approximate",
                "Also units that a normalisation counts, or whose constant lies along a border: answers change a little",
                .boolean, default: .boolean(false)),
        ]
    }

    /// - Throws: `UnitChoice.Problem`, `GraphError`, and what `measure` throws.
    package func shrunk(
        _ graph: Graph, _ arrays: GraphArrays,
        measure: (_ graph: Graph, _ arrays: GraphArrays) throws -> Double = { _, _ in 0 }
    ) throws -> ShrunkNetwork {
        var options = UnitRemoval.Options()
        (options.multiple, options.isApproximate) = (multiple, isApproximate)
        return try ShrunkNetwork(
            graph, arrays, target: choice, evenly: !isGlobal, options: options, measure: measure)
    }

    private var choice: UnitChoice.Target? {
        switch target {
        case .idle: nil
        case .parameters: .parameters(share)
        case .multiplyAdds: .multiplyAdds(share)
        case .channels: .channels(share)
        case .latency: .latency(share)
        case .units: .units(count)
        }
    }

    /// The same without a clock: what it came to in a network.
    package func counted(_ shrunk: ShrunkNetwork) -> Shrinking {
        guard target == .latency else { return self }
        var counted = self
        (counted.target, counted.share, counted.count) = (.units, 1, shrunk.asked ?? 0)
        return counted
    }
}

extension Shrinking.Target {
    fileprivate var summary: String {
        switch self {
        case .idle: "only what does nothing: units without weights, and those that nobody reads"
        case .parameters: "then the smallest units, until a share of the parameters is left"
        case .multiplyAdds: "then the smallest units, until a share of the multiply-adds is left"
        case .channels: "then the smallest units, until a share of the units is left"
        case .latency: "then the smallest units, until a share of the time of one image is left, as measured here"
        case .units: "then so many of the smallest units"
        }
    }
}
