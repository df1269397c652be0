import Descriptors

/// What criteria that look at data have in common.
enum Calibrated {
    static func samples(_ count: Int) -> Parameter {
        Parameter("samples", "Training samples that it looks at", .integer(1...1_000_000), default: .integer(count))
    }
}
