import Interchange

extension CWriter {
    /// A layer with weights: at one point each row is decoded and summed up in one loop; at many its places are decoded once, to
    /// offsets, and used at all points.
    mutating func sumsBody(_ node: DeviceNode, _ sums: DeviceSums, _ number: Int) -> [String] {
        let tables = plan.tables[number]!
        write(tables, node, sums, number)
        let (x, y) = (plan.layouts[node.inputs[0]], plan.layouts[node.output])
        let first = sums.isOnePoint ? 0 : sums.window.pads.top * x.pitch + sums.window.pads.left
        var lines = [
            "        const \(value) *x = \(pointer(node.inputs[0], before: first));",
            "        \(value) *y = \(pointer(node.output));",
        ]
        if !sums.isOnePoint { lines += offsets(tables, sums, x, number) }
        if !tables.walker.copiesValues { lines.append("        const \(value) *weights = values\(number);") }
        lines += tables.walker.state(tables, number).map { "        " + $0 }
        lines.append(
            "        for (int row = 0; row < \(sums.rows); row++\(sums.isOnePoint ? "" : ", y += \(y.plane)")) {")
        lines += (sums.isOnePoint ? atOnePoint(tables, node, number) : atPoints(tables, node, sums, number))
            .map { "            " + $0 }
        lines.append("        }")
        return lines
    }

    /// Where each column is read, from the first tap on.
    private mutating func offsets(
        _ tables: DeviceTables, _ sums: DeviceSums, _ x: DeviceLayout, _ number: Int
    ) -> [String] {
        use("window_offsets")
        let places = plan.scratch[number]!, window = sums.window
        func scratch(_ type: String, _ name: String, _ start: Int) -> String {
            "        \(type) *\(name) = (\(type) *)(void *)(memory + \(start));"
        }
        var lines = [scratch("offset_t", "at", places.taps)]
        if !tables.isDense { lines.append(scratch("offset_t", "offsets", places.offsets)) }
        if tables.walker.copiesValues { lines.append(scratch(value, "lined", places.values)) }
        lines.append(
            "        window_offsets(at, \(sums.channels / sums.groups), \(window.height), \(window.width), \(x.plane), "
                + "\(window.dilation.y * x.pitch), \(window.dilation.x));")
        return lines
    }

    private mutating func atOnePoint(_ tables: DeviceTables, _ node: DeviceNode, _ number: Int) -> [String] {
        let call = tables.walker.sum(tables, number, bias: "bias\(number)[row]")
        use(String(call.prefix { $0 != "(" }))
        let zero = program.tensors[node.output].zero
        let stored: String
        if program.isQuantized {
            use("clamped", "requantized")
            stored =
                "clamped(\(zero) + requantized(sum, factors\(number)[row], shifts\(number)[row]), \(node.low), \(node.high))"
        } else {
            stored = limit("sum", node)
        }
        return ["const \(types.sum) sum = \(call);", "y[row] = \(stored);"]
    }

    private mutating func atPoints(
        _ tables: DeviceTables, _ node: DeviceNode, _ sums: DeviceSums, _ number: Int
    ) -> [String] {
        let (x, y) = (plan.layouts[node.inputs[0]], plan.layouts[node.output]), window = sums.window
        let call = tables.walker.row(tables, number)
        if !tables.isDense { use(String(call.prefix { $0 != "(" })) }
        let ofGroup = sums.channels / sums.groups
        let source = sums.groups == 1 ? "x" : "x + row / \(sums.rows / sums.groups) * \(ofGroup * x.plane)"
        let rest =
            program.isQuantized
            ? "bias\(number)[row], factors\(number)[row], shifts\(number)[row], \(program.tensors[node.output].zero), "
                + "\(node.low), \(node.high)"
            : "bias\(number)[row], \(CText.float(node.limits.low)), \(CText.float(node.limits.high))"
        let entries =
            "\(tables.isDense ? "at" : "offsets"), \(tables.walker.copiesValues ? "lined" : "weights"), count"
        // A run along rows of one pitch goes on from one to the next; what it writes between rows is set afterwards.
        let isOneRun = window.stride.x == 1 && window.stride.y == 1 && x.pitch == y.pitch
        let choice = CTile.chosen(
            stride: window.stride.x, runs: sums.outputHeight, points: sums.outputWidth,
            whole: isOneRun ? (sums.outputHeight - 1) * y.pitch + sums.outputWidth : nil,
            isQuantized: program.isQuantized)
        use(choice.tile)
        var lines = ["const int count = \(call);"]
        lines.append(
            "\(choice.tile.name)(\(source), y, \(entries), \(choice.runs), \(choice.points), "
                + "\(window.stride.y * x.pitch), \(y.pitch), \(rest));")
        if !tables.walker.copiesValues { lines.append("weights += count;") }
        return lines
    }

    private mutating func write(_ tables: DeviceTables, _ node: DeviceNode, _ sums: DeviceSums, _ number: Int) {
        // C has no empty table.
        switch tables.values {
        case .floats(let values): table("values\(number)", floats: values.isEmpty ? [0] : values)
        case .bytes(let values): table("values\(number)", "int8_t", values.isEmpty ? [0] : values, bytes: 1)
        }
        for places in tables.places where !tables.walker.constants.contains(places.name) {
            let numbers = DeviceTables.numbers(places), bytes = places.type.bytes
            table("\(places.name)\(number)", "uint\(8 * bytes)_t", numbers.isEmpty ? [0] : numbers, bytes: bytes)
        }
        if program.isQuantized {
            table("bias\(number)", "int32_t", sums.bias, bytes: 4)
            table("factors\(number)", "int32_t", sums.requantizations.map(\.multiplier), bytes: 4)
            table("shifts\(number)", "uint8_t", sums.requantizations.map(\.shift), bytes: 1)
        } else {
            table("bias\(number)", floats: sums.floatBias)
        }
        add(
            Layer(
                name: node.name, encoding: tables.walker.encoding.name, bytes: tables.bytes, live: sums.count,
                weights: sums.weights, points: sums.points))
    }
}
