import Graph
import Interchange

extension NodeExport {
    /// An axis of a sample in the file.
    func fileAxis(_ axis: Int, _ rank: Int) -> Int { (axis < 0 ? axis + rank : axis) + 1 }

    private static let toShape: Rule = { node in
        let x = node.batched(0)
        _ = node.reshaped(x, node.node.shape.axes, to: node.output)
    }

    static let moveRules: [String: Rule] = [
        "reshape": toShape, "squeeze": toShape, "unsqueeze": toShape, "flatten": toShape,
        "transpose": { node in
            let x = node.batched(0), order = node.integers("perm") ?? []
            node.last("Transpose", [x], [("perm", .integers([0] + order.map { $0 + 1 }))])
        },
        "slice": { node in
            let x = node.batched(0), rank = node.shape(0).rank
            let starts = node.integers("starts") ?? [], ends = node.integers("ends") ?? []
            var axes = node.integers("axes") ?? [], steps = node.integers("steps") ?? []
            if axes.isEmpty { axes = Array(starts.indices) }
            if steps.isEmpty { steps = starts.map { _ in 1 } }
            let inputs = [
                x, node.wholes(starts), node.wholes(ends), node.wholes(axes.map { node.fileAxis($0, rank) }),
                node.wholes(steps),
            ]
            node.last("Slice", inputs)
        },
        "concat": { node in
            let inputs = node.node.inputs.indices.map { node.batched($0) }
            let axis = node.fileAxis(node.integer("axis") ?? 0, node.node.shape.rank)
            node.last("Concat", inputs, [("axis", .integer(axis))])
        },
        "pad": { node in
            let x = node.batched(0), pads = node.integers("pads") ?? [], rank = pads.count / 2
            let all = node.wholes([0] + pads[..<rank] + [0] + pads[rank...])
            let mode = node.text("mode") ?? "constant"
            if mode == "wrap", node.opset < 19 { throw node.problem("padding by 'wrap' needs opset 19 (--opset 19)") }
            var inputs = [x, all]
            if mode == "constant" { inputs.append(node.scalar(node.number("value") ?? 0)) }
            node.last("Pad", inputs, [("mode", .text(mode))])
        },
        "expand": { node in
            let axes = node.node.shape.axes
            let x = node.batched(0, rank: axes.count), target = node.wholes([1] + axes)
            node.last("Expand", [x, target])
        },
        "gather": { node in
            let x = node.batched(0), indices = node.wholes(node.integers("indices") ?? [])
            let axis = node.fileAxis(node.integer("axis") ?? 0, node.shape(0).rank)
            node.last("Gather", [x, indices], [("axis", .integer(axis))])
        },
        "tile": { node in
            let x = node.batched(0), repeats = node.wholes([1] + (node.integers("repeats") ?? []))
            node.last("Tile", [x, repeats])
        },
        "resize": { node in
            let x = node.batched(0), sizes = node.node.shape.axes
            func underscored(_ word: String) -> String { word.replacing("-", with: "_") }
            let coordinates = node.text("coordinates") ?? "half-pixel"
            var attributes: [(String, ONNXWriter.Attribute)] = [
                ("mode", .text(node.text("mode") ?? "nearest")),
                ("coordinate_transformation_mode", .text(underscored(coordinates))),
            ]
            if node.text("mode") ?? "nearest" == "nearest" {
                attributes.append(("nearest_mode", .text(underscored(node.text("nearest") ?? "round-prefer-floor"))))
            }
            if node.text("mode") == "cubic" {
                attributes.append(("cubic_coeff_a", .float(Float(node.number("cubic-a") ?? -0.75))))
                attributes.append(("exclude_outside", .integer(node.isOn("exclude-outside") ? 1 : 0)))
            }
            if coordinates == "half-pixel-symmetric", node.opset < 19 {
                throw node.problem("coordinates by 'half-pixel-symmetric' need opset 19")
            }
            if let scales = node.numbers("scales"), !scales.isEmpty {
                let name = node.inner("scales")
                node.writer.tensor(name, [scales.count + 1], [1] + scales.map { Float($0) })
                return node.last("Resize", [x, "", name], attributes)
            }
            let whole = node.step("Shape", [x]), first = node.wholes([0])
            let count = node.step("Gather", [whole, first], [("axis", .integer(0))])
            let rest = node.wholes(sizes)
            let target = node.step("Concat", [count, rest], [("axis", .integer(0))])
            node.last("Resize", [x, "", "", target], attributes)
        },
        // ONNX has no zeros between points but in a convolution that is turned round: here one with a kernel of one 1.
        "spread": { node in
            let steps = node.integers("strides") ?? [], axes = node.shape(0).axes
            guard axes.count == steps.count, (2...3).contains(axes.count), steps[0] == 1 else {
                throw node.problem("zeros between points are written for images alone")
            }
            let x = node.batched(0), spatial = axes.count - 1
            let kernel = node.tensor(
                "ones", [axes[0], 1] + [Int](repeating: 1, count: spatial), [Float](repeating: 1, count: axes[0]))
            node.last(
                "ConvTranspose", [x, kernel],
                [("group", .integer(axes[0])), ("strides", .integers(Array(steps.dropFirst())))])
        },
    ]
}
