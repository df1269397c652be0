import Interchange

/// Asks numbers of a file what they may be, before anything counts with them. The first that is none of these is the error.
struct NumberCheck {
    let path: String
    /// In the file: "metadata 'progress'".
    let place: String
    /// What values of the figure that decides may be.
    var figures = percents

    /// Steps of training: far beyond any run, and small enough that sums and products with others fit a word.
    static let steps = 0...1 << 48
    /// Numbers of events, cuts and states, images, lines: what is counted one by one.
    static let counts = 0...1 << 40
    static let percents = 0.0...100
    /// Values of a figure that is no share.
    static let figures = 0.0...Double.greatestFiniteMagnitude
    static let shares = 0.0...1

    /// - Throws: `FileProblem`; for NaN too.
    func require<Number: Comparable>(_ name: String, _ value: Number?, _ accepted: ClosedRange<Number>) throws {
        guard let value, !accepted.contains(value) else { return }
        throw FileProblem(
            path: path, place: "\(place), \(name)", found: "\(value)",
            expected: "\(accepted.lowerBound) to \(accepted.upperBound)")
    }

    func require(_ name: String, _ holds: Bool, found: @autoclosure () -> String, expected: String) throws {
        guard !holds else { return }
        throw FileProblem(path: path, place: "\(place), \(name)", found: found(), expected: expected)
    }

    func require(_ name: String, _ reading: Reading?) throws {
        guard let reading else { return }
        try require("\(name).\(reading.isPercent ? "percent" : "value")", reading.value, figures)
        try require("\(name).margin", reading.isPercent ? nil : reading.margin, Self.figures)
        try require("\(name).count", reading.count, Self.counts)
        try require("\(name).step", reading.step, Self.steps)
    }

    /// - Parameter next: the number that the next one gets.
    func require(_ name: String, _ numbers: [Int], below next: Int) throws {
        for (place, number) in numbers.enumerated() {
            try require(
                "\(name)[\(place)]", (1..<max(next, 1)).contains(number), found: "\(number)",
                expected: "a number from 1 to \(next - 1)")
        }
        try require(
            name, Set(numbers).count == numbers.count, found: "a number twice", expected: "each number once")
    }
}
