import Graph
import Kernels
import Models

extension C99Export {
    /// What a network of floats answers to inputs: for the self-test.
    package static func golden(_ network: Network, _ inputs: [[Float]]) -> [(input: [Float], output: [Float])] {
        let planes = PlaneNetwork(
            network.graph, layers: network.layers.map { $0.live(withSlots: false) },
            parameters: network.parameters.map { $0.state(withSlots: false) })
        return inputs.map { ($0, planes.answer($0, outputs: network.graph.output.features)) }
    }

    /// The same for a network of integers.
    package static func golden(
        _ network: QuantizedNetwork, _ inputs: [[Float]]
    ) -> [(input: [Float], output: [Float])] {
        let reference = QuantizedReference(network)
        return inputs.map { ($0, reference.answer($0)) }
    }

    /// Inputs where no data is at hand: numbers between −1 and 1 in no order.
    package static func inputs(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 37 % 101) / 50 - 1 } }

    /// Of integers the steps are written, not the floats: a quarter of the flash, and they become the same steps again.
    var selftest: [String] {
        let name = identifier, upper = name.uppercased(), golden = options.golden
        guard !golden.isEmpty else { return [] }
        let isQuantized = plan.program.isQuantized, step = plan.program.inputStep
        let largest = golden.flatMap(\.output).reduce(0) { max($0, abs($1)) }
        let wrong =
            isQuantized
            ? "output[i] != golden_outputs[k * \(upper)_OUTPUTS + i]"
            : "!(off <= \(CText.float(largest * 1e-4)) && off >= \(CText.float(-largest * 1e-4)))"
        let inputs = golden.flatMap(\.input)
        var lines = [
            "#ifdef \(upper)_SELFTEST",
            isQuantized
                ? CText.table("golden_inputs", "int8_t", inputs.map(step.quantized))
                : CText.table("golden_inputs", floats: inputs),
            CText.table("golden_outputs", floats: golden.flatMap(\.output)),
            "int \(name)_selftest(void *arena)", "{",
            "    static float \(isQuantized ? "input[\(upper)_INPUTS], " : "")output[\(upper)_OUTPUTS];",
            "    int wrong = 0;",
            "    for (int k = 0; k < \(golden.count); k++) {",
        ]
        if isQuantized {
            lines += [
                "        for (int i = 0; i < \(upper)_INPUTS; i++)",
                "            input[i] = (float)(golden_inputs[k * \(upper)_INPUTS + i] - (\(step.zero))) * \(CText.float(step.scale));",
            ]
        }
        lines += [
            "        if (\(name)_run(\(isQuantized ? "input" : "golden_inputs + k * \(upper)_INPUTS"), output, arena) != 0)",
            "            return -1;",
            "        for (int i = 0; i < \(upper)_OUTPUTS; i++) {",
        ]
        if !isQuantized {
            lines.append("            const float off = output[i] - golden_outputs[k * \(upper)_OUTPUTS + i];")
        }
        lines += [
            "            wrong += \(wrong);", "        }", "    }", "    return wrong;", "}", "#endif", "",
        ]
        return lines
    }
}
