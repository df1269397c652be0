import Kernels

/// Runs a compact kernel for one image. Values that do not lie without gaps are copied.
struct CompactPlanes: PlaneStep {
    private let kernel: any CompactKernel
    private let inputs: [PlaneTensor]
    private let output: PlaneTensor
    private let parameters: [FloatBuffer]
    /// Of each input, then of the output: its place without gaps; nil where it lies so.
    private let copies: [Int?]

    init(_ site: inout PlaneSite, _ kernel: any CompactKernel) {
        self.kernel = kernel
        inputs = site.inputs
        output = site.output
        parameters = site.parameters.map { FloatBuffer($0.values) }
        var copies: [Int?] = []
        for tensor in site.inputs + [site.output] {
            copies.append(tensor.layout.isCompact ? nil : site.reserve(tensor.shape.features))
        }
        self.copies = copies
    }

    func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        func place(_ tensor: PlaneTensor, _ number: Int) -> UnsafeMutablePointer<Float> {
            copies[number].map { memory + $0 } ?? tensor.origin(memory)
        }
        withScratch(of: UnsafeMutablePointer<Float>.self, capacity: inputs.count + 2 * parameters.count) { pointers in
            withScratch(of: UnsafeMutablePointer<Float>?.self, capacity: inputs.count + 1) { gradients in
                for (number, input) in inputs.enumerated() {
                    pointers[number] = place(input, number)
                    gradients[number] = nil
                    if copies[number] != nil { planeGive(input.origin(memory), to: pointers[number], input.layout) }
                }
                let own = pointers.baseAddress! + inputs.count
                for (number, parameter) in parameters.enumerated() { own[number] = parameter.pointer }
                let y = place(output, inputs.count)
                kernel.forward(
                    CompactPanel(
                        lanes: 1, samples: 1, isTraining: false, inputs: pointers.baseAddress!, output: y,
                        parameters: own,
                        outputGradient: nil, inputGradients: gradients.baseAddress!,
                        parameterGradients: own + parameters.count))
                if copies[inputs.count] != nil { planeTake(y, to: output.origin(memory), output.layout) }
            }
        }
    }
}
