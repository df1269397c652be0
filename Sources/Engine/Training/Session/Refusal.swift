/// A command that cannot be carried out as it stands, and changed nothing. A replay stops at it.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
