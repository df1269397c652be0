import Kernels

extension CWriter {
    /// Pools: what of a window lies outside the image is left out.
    mutating func windowBody(_ node: DeviceNode) -> [String] {
        let area: QuantizedWindow, mean: QuantizedMean?
        switch node.rule {
        case .largest(let window): (area, mean) = (window, nil)
        case .mean(let found): (area, mean) = (found.area, found)
        default: return []
        }
        let (x, y) = windowLayouts(node, area)
        let window = area.window
        let isInside =
            window.pads.widest == 0 && (area.outputHeight - 1) * window.stride.y + window.extent.y <= area.height
            && (area.outputWidth - 1) * window.stride.x + window.extent.x <= area.width
        let zero = program.tensors[node.inputs[0]].zero
        let number = program.isQuantized ? (mean == nil ? "int" : "int32_t") : "float"
        let start = mean != nil ? (program.isQuantized ? "0" : "0.0f") : program.isQuantized ? "-128" : "-INFINITE"
        var taps: [String] = []
        let value = "x[c * \(x.plane) + v * \(x.pitch) + u]"
        if mean == nil {
            taps = ["if (\(value) > sum)", "    sum = \(value);"]
        } else {
            taps = ["sum += \(value)\(program.isQuantized && zero != 0 ? " - (\(zero))" : "");"]
        }
        if isInside, window.taps <= 16 { return smallWindows(node, area, mean) }
        // Of windows that are all inside the number of points is known.
        let counts = mean != nil && !isInside
        let countsPads = mean?.countsPads == true
        var lines = open(node)
        lines += [
            "        for (int c = 0; c < \(area.channels); c++)",
            "            for (int oy = 0; oy < \(area.outputHeight); oy++)",
            "                for (int ox = 0; ox < \(area.outputWidth); ox++) {",
            "                    \(number) sum = \(start);",
        ]
        if counts { lines.append("                    int count = 0;") }
        lines += [
            "                    for (int ky = 0; ky < \(window.height); ky++)",
            "                        for (int kx = 0; kx < \(window.width); kx++) {",
            "                            const int v = oy * \(window.stride.y) + ky * \(window.dilation.y) - \(window.pads.top);",
            "                            const int u = ox * \(window.stride.x) + kx * \(window.dilation.x) - \(window.pads.left);",
        ]
        let space = "                            "
        if !isInside {
            if counts, countsPads {
                lines.append(
                    "\(space)if (v < \(area.height + window.pads.bottom) && u < \(area.width + window.pads.right))")
                lines.append("\(space)    count++;")
            }
            lines.append("\(space)if (v < 0 || v >= \(area.height) || u < 0 || u >= \(area.width))")
            lines.append("\(space)    continue;")
            if counts, !countsPads { lines.append("\(space)count++;") }
        }
        lines += taps.map { space + $0 }
        lines.append("                        }")
        lines.append(
            "                    y[c * \(y.plane) + oy * \(y.pitch) + ox] = "
                + stored(node, mean, isInside: isInside, taps: window.taps) + ";")
        lines.append("                }")
        return lines
    }

    /// The images that the window goes over: a tensor without a border may have other axes, as where some of them are reduced.
    private func windowLayouts(_ node: DeviceNode, _ area: QuantizedWindow) -> (x: DeviceLayout, y: DeviceLayout) {
        let (x, y) = (plan.layouts[node.inputs[0]], plan.layouts[node.output])
        return (x.hasBorder ? x : area.inputLayout, y.hasBorder ? y : area.outputLayout)
    }

    /// Every tap is a line, as no loop is shorter.
    private mutating func smallWindows(_ node: DeviceNode, _ area: QuantizedWindow, _ mean: QuantizedMean?) -> [String]
    {
        let (x, y) = windowLayouts(node, area)
        let window = area.window, zero = Int(program.tensors[node.inputs[0]].zero)
        let taps = (0..<window.height).flatMap { ky in
            (0..<window.width).map { "from[\(ky * window.dilation.y * x.pitch + $0 * window.dilation.x)]" }
        }
        let number = program.isQuantized ? "int32_t" : "float"
        // What stands for 0 is taken off all at once.
        let start =
            mean != nil
            ? (program.isQuantized ? "\(-zero * taps.count)" : "0.0f") : program.isQuantized ? "-128" : "-INFINITE"
        var lines = [
            "\(number) sum = \(start);",
            "const \(value) *from = x + c * \(x.plane) + oy * \(window.stride.y * x.pitch) + ox * \(window.stride.x);",
        ]
        for tap in taps {
            lines += mean != nil ? ["sum += \(tap);"] : ["sum = \(tap) > sum ? \(tap) : sum;"]
        }
        lines.append(
            "y[c * \(y.plane) + oy * \(y.pitch) + ox] = \(stored(node, mean, isInside: true, taps: taps.count));")
        return open(node) + [
            "        for (int c = 0; c < \(area.channels); c++)",
            "            for (int oy = 0; oy < \(area.outputHeight); oy++)",
            "                for (int ox = 0; ox < \(area.outputWidth); ox++) {",
        ] + lines.map { "                    " + $0 } + ["                }"]
    }

    private mutating func stored(_ node: DeviceNode, _ mean: QuantizedMean?, isInside: Bool, taps: Int) -> String {
        guard let mean else { return program.isQuantized ? "(int8_t)sum" : "sum" }
        guard program.isQuantized else {
            return isInside ? "sum * (1.0f / \(taps).0f)" : "sum / (float)count"
        }
        use("clamped", "requantized")
        let zero = program.tensors[node.output].zero
        func with(_ scale: Requantization) -> String { "requantized(sum, \(scale.multiplier), \(scale.shift))" }
        var text = with(mean.counts[mean.counts.count - 1].requantization)
        if !isInside {
            for count in mean.counts.dropLast() {
                text = "count == \(count.points) ? \(with(count.requantization)) : \(text)"
            }
        } else if let count = mean.counts.first(where: { $0.points == taps }) {
            text = with(count.requantization)
        }
        return "clamped(\(zero) + (\(text)), \(node.low), \(node.high))"
    }
}
