import Kernels

/// Runs a strided kernel for one image.
struct StridedPlanes: PlaneStep {
    private let kernel: any StridedKernel
    private let inputs: [PlaneTensor]
    private let output: PlaneTensor
    private let parameters: [FloatBuffer]

    init(_ site: PlaneSite, _ kernel: any StridedKernel) {
        self.kernel = kernel
        inputs = site.inputs
        output = site.output
        parameters = site.parameters.map { FloatBuffer($0.values) }
    }

    func parts(threads: Int) -> Int { min(threads, kernel.tasks) }

    func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        withScratch(of: UnsafeMutablePointer<Float>.self, capacity: inputs.count + parameters.count + 1) { pointers in
            for (number, input) in inputs.enumerated() { pointers[number] = input.origin(memory) }
            let own = pointers.baseAddress! + inputs.count
            for (number, parameter) in parameters.enumerated() { own[number] = parameter.pointer }
            let panel = StridedPanel(
                samples: 1, inputs: pointers.baseAddress!, output: output.origin(memory), parameters: own)
            let count = kernel.tasks
            for task in part * count / parts..<(part + 1) * count / parts { kernel.forward(panel, task: task) }
        }
    }
}
