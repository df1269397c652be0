import Descriptors

/// Every schedule: one file in `Schedules/`, one entry here.
package enum Schedules {
    package static let all: [any Schedule.Type] = [
        OneShot.self,
        Constant.self,
        Linear.self,
        Cubic.self,
        Cosine.self,
        Exponential.self,
        Steps.self,
        Cyclic.self,
        Points.self,
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the schedule refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any Schedule {
        let type = try choose(name, kind: "schedule", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
