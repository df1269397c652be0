import Descriptors

/// The arguments of our operators with kernels. Of one spatial axis theirs is the second, the width.
enum WindowArguments {
    private static func pair(_ values: [Int], _ fallback: Int) -> [Int] {
        values.count == 1 ? [fallback, values[0]] : values
    }

    /// One number where all are the same.
    private static func value(_ values: [Int]) -> Value {
        values.allSatisfy { $0 == values[0] } ? .integer(values[0]) : .integers(values)
    }

    private static func window(_ window: ImportRules.Window) -> [String: Value] {
        var arguments = [
            "kernel": value(pair(window.kernel, 1)), "stride": value(pair(window.strides, 1)),
        ]
        let padding = pair(window.before, 0) + pair(window.after, 0), dilation = pair(window.dilations, 1)
        if padding != [0, 0, 0, 0] { arguments["padding"] = value(padding) }
        if dilation != [1, 1] { arguments["dilation"] = value(dilation) }
        return arguments
    }

    static func convolution(_ window: ImportRules.Window, rows: Int, groups: Int) -> [String: Value] {
        var arguments = self.window(window)
        arguments["channels"] = .integer(rows)
        arguments["groups"] = .integer(groups)
        return arguments
    }

    static func pool(_ window: ImportRules.Window, _ op: String, roundsUp: Bool, counts: Bool) -> [String: Value] {
        var arguments = self.window(window)
        if roundsUp { arguments["ceil"] = .boolean(true) }
        if op == "average-pool", counts { arguments["count-padding"] = .boolean(true) }
        return arguments
    }

    /// A linear layer over many points.
    static func points(rows: Int) -> [String: Value] { ["channels": .integer(rows), "kernel": .integer(1)] }
}
