import Descriptors

extension Methods {
    package struct None: Method {
        package static let descriptor = Descriptor(
            name: "none", summary: "Dense training: nothing is cut but what a person cuts")
        package static let usesSchedule = false

        package init(_ arguments: Arguments) {}

        package mutating func respond(to context: StepContext) -> [Decision] { [] }

        package func nextCut(after step: Int, schedule: any Schedule) -> Int? { nil }

        package func target(at step: Int, schedule: any Schedule) -> Double? { nil }

        package func lastCut(_ schedule: any Schedule) -> Int? { nil }
    }
}
