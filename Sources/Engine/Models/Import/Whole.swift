/// A whole number of shape arithmetic: `constant + batch · N + sample · n`, where N is how many samples a batch has, and n the number
/// of the sample that it is of.
struct Whole: Equatable, CustomStringConvertible {
    var constant: Int
    var batch: Int
    var sample: Int

    init(_ constant: Int, batch: Int = 0, sample: Int = 0) {
        self.constant = constant
        self.batch = batch
        self.sample = sample
    }

    /// Nil where it depends on the batch.
    var fixed: Int? { batch == 0 && sample == 0 ? constant : nil }

    var description: String {
        let parts = [(batch, "N"), (sample, "n")].filter { $0.0 != 0 }.map { $0.0 == 1 ? $0.1 : "\($0.0)·\($0.1)" }
        return (parts + (constant == 0 && !parts.isEmpty ? [] : ["\(constant)"])).joined(separator: " + ")
    }

    // Nil: the number is too large, or no such number at all (N · N).
    static func sum(_ left: Whole, _ right: Whole) -> Whole? {
        let (constant, low) = left.constant.addingReportingOverflow(right.constant)
        let (batch, high) = left.batch.addingReportingOverflow(right.batch)
        let (sample, beyond) = left.sample.addingReportingOverflow(right.sample)
        return low || high || beyond ? nil : Whole(constant, batch: batch, sample: sample)
    }

    static func difference(_ left: Whole, _ right: Whole) -> Whole? {
        product(right, Whole(-1)).flatMap { sum(left, $0) }
    }

    static func product(_ left: Whole, _ right: Whole) -> Whole? {
        guard let factor = left.fixed ?? right.fixed else { return nil }
        let other = left.fixed == nil ? left : right
        let (constant, low) = other.constant.multipliedReportingOverflow(by: factor)
        let (batch, high) = other.batch.multipliedReportingOverflow(by: factor)
        let (sample, beyond) = other.sample.multipliedReportingOverflow(by: factor)
        return low || high || beyond ? nil : Whole(constant, batch: batch, sample: sample)
    }

    /// As ONNX divides whole numbers: towards zero.
    static func quotient(_ left: Whole, _ right: Whole) -> Whole? {
        guard left.sample == 0, right.sample == 0 else { return nil }
        if left == right, left != Whole(0) { return Whole(1) }
        if let divisor = right.fixed {
            guard divisor != 0, !(divisor == -1 && left.constant == .min) else { return nil }
            if left.batch == 0 { return Whole(left.constant / divisor) }
            guard left.batch % divisor == 0, left.constant % divisor == 0 else { return nil }
            return Whole(left.constant / divisor, batch: left.batch / divisor)
        }
        guard left.constant == 0, right.constant == 0, left.batch % right.batch == 0 else { return nil }
        return Whole(left.batch / right.batch)
    }

    /// With the sign of the divisor, as ONNX's Mod of whole numbers has it.
    static func remainder(_ left: Whole, _ right: Whole) -> Whole? {
        guard left.sample == 0, right.sample == 0 else { return nil }
        guard let divisor = right.fixed, divisor != 0, divisor != -1 else {
            return right.fixed == -1 || left == right ? Whole(0) : nil
        }
        guard left.batch % divisor == 0 else { return nil }
        let rest = left.constant % divisor
        return Whole(rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest)
    }

    static func magnitude(_ value: Whole) -> Whole? {
        if value.constant >= 0, value.batch >= 0, value.sample >= 0 { return value }
        return value.constant <= 0 && value.batch <= 0 && value.sample <= 0 ? product(value, Whole(-1)) : nil
    }

    /// Nil where it depends on which sample it is. N is equal to no number that a file writes out.
    static func isEqual(_ left: Whole, _ right: Whole) -> Bool? {
        left.sample == right.sample ? left == right : nil
    }

    /// Nil where it depends on which sample it is.
    var isZero: Bool? { sample == 0 ? self == Whole(0) : nil }

    /// Nil where it depends on how large the batch is, or which sample it is.
    static func isLess(_ left: Whole, _ right: Whole) -> Bool? {
        guard left.sample == right.sample else { return nil }
        guard left.batch != right.batch else { return left.constant < right.constant }
        // N is 1 or more: decided where one side is not above zero.
        if left.batch == 0, left.constant <= 0, right.constant >= 0, right.batch > 0 { return true }
        if right.batch == 0, right.constant <= 0, left.constant >= 0, left.batch > 0 { return false }
        return nil
    }
}
