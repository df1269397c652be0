/// What a method remembers, for a checkpoint: text that is made when it is asked for, since a step keeps it and few steps are saved.
package struct HeldMemory: Sendable {
    private let make: @Sendable () -> String

    package init(_ make: @escaping @Sendable () -> String) { self.make = make }

    package var text: String { make() }
}

extension HeldMemory: Equatable {
    package static func == (one: HeldMemory, other: HeldMemory) -> Bool { one.text == other.text }
}

extension HeldMemory: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self.init { text }
    }
}
