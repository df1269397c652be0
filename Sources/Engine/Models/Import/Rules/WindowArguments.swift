import Descriptors

/// The arguments of our operators with kernels: of an image two numbers and four for the padding, of a line one and two, or one
/// number where all are the same.
enum WindowArguments {
    private static func value(_ values: [Int]) -> Value {
        values.allSatisfy { $0 == values[0] } ? .integer(values[0]) : .integers(values)
    }

    private static func window(_ window: ImportRules.Window) -> [String: Value] {
        [
            "kernel": value(window.kernel), "stride": value(window.strides), "dilation": value(window.dilations),
            "padding": value(window.before + window.after),
        ]
    }

    static func convolution(_ window: ImportRules.Window, rows: Int, groups: Int) -> [String: Value] {
        var arguments = self.window(window)
        arguments["channels"] = .integer(rows)
        arguments["groups"] = .integer(groups)
        return arguments
    }

    static func pool(_ window: ImportRules.Window, _ op: String, roundsUp: Bool, counts: Bool) -> [String: Value] {
        var arguments = self.window(window)
        arguments["ceil-mode"] = .boolean(roundsUp)
        if op == "average-pool" { arguments["count-include-pad"] = .boolean(counts) }
        return arguments
    }

    /// A linear layer over many points.
    static func points(rows: Int) -> [String: Value] { ["channels": .integer(rows), "kernel": .integer(1)] }
}
