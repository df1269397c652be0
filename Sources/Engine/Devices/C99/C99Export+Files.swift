extension C99Export {
    /// Names and texts: the network, its header, a program for a desktop and one for a bare Cortex-M.
    package var files: [(name: String, text: String)] {
        Array(zip(C99Export.fileNames(options.name), [source, header, desktopMain, cortexMain, linkerScript]))
    }

    var header: String {
        let name = identifier, upper = name.uppercased()
        let program = plan.program
        let kind = program.isQuantized ? "8-bit integers" : "float32"
        var lines = ["/* A network of \(kind), written by Espalier.", " *"]
        for line in options.about { lines.append(" * " + CText.comment(line)) }
        lines += [
            " * tables           \(tableBytes) bytes, of them weights and their places \(weightBytes)",
            " * arena            \(arenaBytes) bytes, given by the caller; the stack is not in it",
            " * multiply-adds    \(multiplyAdds), of them with weights that are not zero \(liveMultiplyAdds)",
            " * accuracy         \(CText.comment(options.accuracy))",
            " *", " * layer, encoding, bytes, weights that are not zero:",
        ]
        for layer in layers {
            lines.append(
                " *   \(CText.comment(layer.name)): \(layer.encoding), \(layer.bytes), \(layer.live) of \(layer.weights)"
            )
        }
        lines += [
            " */", "#ifndef \(upper)_H", "#define \(upper)_H", "",
            "#define \(upper)_INPUTS \(inputs)", "#define \(upper)_OUTPUTS \(outputs)",
            "#define \(upper)_ARENA_BYTES \(arenaBytes)", "",
        ]
        lines += scale
        lines += [
            "#ifdef __cplusplus", "extern \"C\" {", "#endif", "",
            "/* input: \(axes(0)) values, row-major. output: \(axes(program.output)). arena: \(upper)_ARENA_BYTES bytes, a multiple of 4 of",
            " * an address. Nothing is kept between calls. Returns 0, or 1 where the arena is none. */",
            "int \(name)_run(const float *input, float *output, void *arena);", "",
            "#ifdef \(upper)_SELFTEST",
            "/* How many of the answers to known inputs are not those of Espalier: 0 is right. */",
            "int \(name)_selftest(void *arena);", "#endif", "",
            "#ifdef __cplusplus", "}", "#endif", "", "#endif", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// What becomes of a value before it is an input, for whoever has values as they come.
    private var scale: [String] {
        let upper = identifier.uppercased(), means = options.means
        guard !means.isEmpty else { return [] }
        let which = means.count == 1 ? "the same for all" : "by \(means.count) channels"
        return [
            "/* An input is (value - mean) / deviation of the data's values, \(which). */",
            "#define \(upper)_MEANS \(CText.list(means))",
            "#define \(upper)_DEVIATIONS \(CText.list(options.deviations))", "",
        ]
    }

    private func axes(_ tensor: Int) -> String {
        plan.program.tensors[tensor].axes.map(String.init).joined(separator: " x ")
    }

    var source: String {
        let name = identifier, upper = name.uppercased()
        let isQuantized = plan.program.isQuantized
        var lines = [
            "/* \(CText.comment(options.name)): see \(options.name).h. C99; any compiler. */",
            "#include \"\(options.name).h\"", "", "#include <float.h>", "#include <stddef.h>", "#include <stdint.h>",
            "#include <string.h>",
            "",
            "/* Sums of points that are held at once: where there are vectors, enough to fill them. */",
            "#ifndef LANES", "#if defined(__arm__) || defined(__AVR__) || defined(__riscv)", "#define LANES 4", "#else",
            "#define LANES 16", "#endif", "#endif",
            "#define INFINITE FLT_MAX", "",
            "typedef uint\(8 * plan.bytesOfOffset)_t offset_t;",
            "typedef char \(name)_needs_32_bits[sizeof(int) >= 4 && sizeof(float) == 4 ? 1 : -1];",
            "typedef char \(name)_arena_fits[\(upper)_ARENA_BYTES >= \(arenaBytes) ? 1 : -1];", "",
        ]
        lines += tables.map { $0 }
        lines += kernels.flatMap { [$0, ""] }
        if isQuantized { lines += [quantizing, ""] }
        lines += [
            "int \(name)_run(const float *input, float *output, void *arena)", "{",
            "    uint8_t *const memory = arena;", "    if (arena == 0 || (uintptr_t)arena % 4 != 0)",
            "        return 1;",
        ]
        lines += copies(tensor: 0, isInput: true)
        lines += blocks
        lines += copies(tensor: plan.program.output, isInput: false)
        lines += ["    return 0;", "}", ""]
        lines += selftest
        return lines.joined(separator: "\n")
    }

    /// Input and output as the caller has them.
    private func copies(tensor: Int, isInput: Bool) -> [String] {
        let layout = plan.layouts[tensor], isQuantized = plan.program.isQuantized
        let axes = [layout.channels, layout.height, layout.width]
        let own = layout.hasBorder ? [layout.plane, layout.pitch, 1] : DeviceLayout(axes).strides(axes)
        let loops = CLoops(axes.indices.map { (axes[$0], [own[$0], DeviceLayout(axes).strides(axes)[$0]]) })
        let type = isQuantized ? "int8_t" : "float"
        let writer = CWriter(plan)
        let inside = loops.place("inside", 0)
        let body =
            isInput
            ? "\(inside) = \(isQuantized ? "quantized(\(loops.place("input", 1)))" : loops.place("input", 1));"
            : "\(loops.place("output", 1)) = "
                + (isQuantized
                    ? "(float)(\(inside) - (\(plan.program.outputStep.zero))) * \(CText.float(plan.program.outputStep.scale));"
                    : "\(inside);")
        return [
            "    /* \(isInput ? "The input." : "The answer.") */", "    {",
            "        \(isInput ? "" : "const ")\(type) *inside = \(writer.pointer(tensor));",
        ] + loops.around([body], indent: 8) + ["    }"]
    }

    private var quantizing: String {
        let step = plan.program.inputStep
        return """
            /* The nearest of the steps of the input, halves up; of no number the least. */
            static int8_t quantized(float x)
            {
                float steps = x / \(CText.float(step.scale)) + 0.5f;
                steps = steps > \(CText.float(Float(-128 - step.zero))) ? steps : \(CText.float(Float(-128 - step.zero)));
                steps = steps < \(CText.float(Float(128 - step.zero))) ? steps : \(CText.float(Float(127 - step.zero)));
                const int whole = (int)steps;
                return (int8_t)(whole - ((float)whole > steps) + (\(step.zero)));
            }
            """
    }
}
