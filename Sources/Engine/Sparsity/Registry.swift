import Descriptors

/// The one look-up behind the lists `Criteria`, `Granularities`, `Distributions`, `Schedules` and `Methods`.
///
/// - Throws: `ArgumentError.outOfRange` that names the kind, the name asked for, and the names there are.
package func choose<Kind>(
    _ name: String, kind: String, among all: [Kind], descriptor: (Kind) -> Descriptor
) throws -> Kind {
    guard let found = all.first(where: { descriptor($0).name == name }) else {
        throw ArgumentError.outOfRange(
            name: kind, of: "recipe", value: name,
            accepted: Accepted.names(all.map(descriptor), for: name))
    }
    return found
}

extension Accepted {
    /// A sparsity. The bound stands short of 1 because a network without weights is never meant.
    package static let sparsity = Accepted.number(0...0.9999)
    /// A count of completed optimizer steps.
    package static let step = Accepted.integer(0...Int.max)
}
