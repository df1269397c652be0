extension CWriter {
    /// A layer with weights: each row's places are decoded once, to offsets, and used at all points.
    mutating func sumsBody(_ node: DeviceNode, _ sums: DeviceSums, _ number: Int) -> [String] {
        let tables =
            isDense
            ? DeviceTables(sums, .dense)! : DeviceTables.chosen(sums, isForSpeed: isForSpeed)
        write(tables, node, sums, number)
        let (x, y) = (plan.layouts[node.inputs[0]], plan.layouts[node.output])
        let window = sums.window, ofGroup = sums.channels / sums.groups
        let isPoint = sums.points == 1 && sums.window.taps == 1 && sums.height * sums.width == 1
        let first = window.pads.top * x.pitch + window.pads.left
        let plane = isPoint ? 1 : x.plane
        var lines = [
            "        const \(value) *x = \(pointer(node.inputs[0], before: first));",
            "        \(value) *y = \(pointer(node.output));",
        ]
        let isAllDense = tables.encoding == .dense && isPoint && sums.groups == 1
        if !isAllDense {
            use("window_offsets")
            let places = plan.scratch[number]!
            lines.append("        offset_t *at = (offset_t *)(void *)(memory + \(places.taps));")
            if tables.encoding != .dense {
                lines.append("        offset_t *offsets = (offset_t *)(void *)(memory + \(places.offsets));")
            }
            lines.append(
                "        window_offsets(at, \(ofGroup), \(window.height), \(window.width), \(plane), "
                    + "\(window.dilation.y * x.pitch), \(window.dilation.x));")
        }
        lines.append("        const \(value) *weights = values\(number);")
        if case .steps(let bits) = tables.encoding {
            lines.append(
                bits == 8
                    ? "        const uint8_t *codes = codes\(number);"
                    : "        struct bits bits = {codes\(number), 0, 0};")
        } else if case .columns(let bits) = tables.encoding {
            lines.append("        const uint\(bits)_t *codes = codes\(number);")
        }
        lines.append("        for (int row = 0; row < \(sums.rows); row++, y += \(isPoint ? 1 : y.plane)) {")
        lines += decoding(tables, sums, number).map { "            " + $0 }
        let count = tables.encoding == .dense ? "\(sums.columns)" : "count"
        let source =
            sums.groups == 1
            ? "x" : "x + row / \(sums.rows / sums.groups) * \(ofGroup * plane)"
        let rest =
            program.isQuantized
            ? "bias\(number)[row], factors\(number)[row], shifts\(number)[row], \(program.tensors[node.output].zero), "
                + "\(node.low), \(node.high)"
            : "bias\(number)[row], \(CText.float(node.limits.low)), \(CText.float(node.limits.high))"
        let offsets = tables.encoding == .dense ? "at" : "offsets"
        if isAllDense {
            use("dot")
            lines.append("            dot(x, y, weights, \(count), \(rest));")
        } else if sums.points == 1 {
            use("sparse_dot")
            lines.append("            sparse_dot(\(source), y, \(offsets), weights, \(count), \(rest));")
        } else {
            useStride(window.stride.x)
            // Runs of one pitch go on from row to row; what they write between rows is set afterwards.
            let isOneRun = window.stride.x == 1 && window.stride.y == 1 && x.pitch == y.pitch
            let (runs, points) =
                isOneRun
                ? (1, (sums.outputHeight - 1) * y.pitch + sums.outputWidth) : (sums.outputHeight, sums.outputWidth)
            lines.append(
                "            points_\(window.stride.x)(\(source), y, \(offsets), weights, \(count), \(runs), \(points), "
                    + "\(window.stride.y * x.pitch), \(y.pitch), \(rest));")
        }
        lines.append("            weights += \(count);")
        lines.append("        }")
        return lines
    }

    private mutating func decoding(_ tables: DeviceTables, _ sums: DeviceSums, _ number: Int) -> [String] {
        switch tables.encoding {
        case .dense: return []
        case .bitmask:
            use("bitmask_row")
            return [
                "const int count = bitmask_row(codes\(number), (long)row * \(sums.columns), at, \(sums.columns), offsets);"
            ]
        case .columns(let bits):
            use("csr\(bits)_row")
            return [
                "const int count = counts\(number)[row];", "csr\(bits)_row(codes, at, count, offsets);",
                "codes += count;",
            ]
        case .steps(8):
            use("delta8_row")
            return ["const int count = counts\(number)[row];", "codes = delta8_row(codes, at, count, offsets);"]
        case .steps(let bits):
            use("delta_row")
            return ["const int count = counts\(number)[row];", "delta_row(&bits, \(bits), at, count, offsets);"]
        }
    }

    private mutating func write(_ tables: DeviceTables, _ node: DeviceNode, _ sums: DeviceSums, _ number: Int) {
        // C has no empty table.
        switch tables.values {
        case .floats(let values): table("values\(number)", floats: values.isEmpty ? [0] : values)
        case .bytes(let values): table("values\(number)", "int8_t", values.isEmpty ? [0] : values, bytes: 1)
        }
        if tables.encoding != .dense {
            let codes = tables.codes.isEmpty ? [0] : tables.codes
            table("codes\(number)", "uint\(8 * tables.bytesOfCode)_t", codes, bytes: tables.bytesOfCode)
        }
        if !tables.counts.isEmpty {
            table("counts\(number)", "uint\(8 * tables.bytesOfCount)_t", tables.counts, bytes: tables.bytesOfCount)
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
                name: node.name, encoding: tables.encoding.name, bytes: tables.bytes, live: sums.count,
                weights: sums.weights, points: sums.points))
    }
}
