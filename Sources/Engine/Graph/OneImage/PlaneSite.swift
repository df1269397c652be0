import Kernels

/// A value of one image.
package struct PlaneTensor: Sendable {
    package let shape: Shape
    package let layout: PlaneLayout
    /// Floats from the start of the memory.
    let start: Int

    /// Point (0, 0) of channel 0.
    @inline(__always)
    package func origin(_ memory: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        memory + start + layout.lead
    }
    /// With its borders.
    @inline(__always)
    package func whole(_ memory: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> { memory + start }
}

/// What a normalisation is where the network only answers: (channels) each.
package struct NormScale: Sendable {
    package var slopes: [Float] = []
    package var shifts: [Float] = []
    package init() {}
}

/// Where an operator runs for one image.
package struct PlaneSite {
    package let inputs: [PlaneTensor]
    package let output: PlaneTensor
    /// Of an operator with weights.
    package let layer: LayerArrays?
    /// In the order of the operator's `parameters`.
    package let parameters: [ParameterState]
    package let shape: WeightShape?
    /// What is done when the sums of a convolution are stored; of a normalisation what it does to each value.
    package let tail: PlaneTail
    /// And what is added to them.
    package let added: PlaneTensor?
    var plan: PlanePlan

    /// Memory of its own, zero at first.
    /// - Returns: floats from the start of the memory.
    package mutating func reserve(_ floats: Int) -> Int { plan.reserve(floats) }
}

/// An operator for one image, with its weights. Several threads may run it at once, each on memory of its own.
package protocol PlaneStep: Sendable {
    /// How many parts it may be run in, side by side; asked again for other numbers of threads.
    func parts(threads: Int) -> Int
    /// Of weights and their places, as its kernel reads them.
    var weightBytes: Int { get }
    func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int)
}

extension PlaneStep {
    package func parts(threads: Int) -> Int { 1 }
    package var weightBytes: Int { 0 }
}

/// What goes over all values of its inputs in the order they lie in memory, borders and all.
package struct PlaneValues: PlaneStep {
    private let inputs: [PlaneTensor]
    private let output: PlaneTensor
    private let body: @Sendable ([UnsafeMutablePointer<Float>], UnsafeMutablePointer<Float>, Int) -> Void
    package init(
        _ site: PlaneSite,
        _ body:
            @escaping @Sendable (
                _ inputs: [UnsafeMutablePointer<Float>], _ output: UnsafeMutablePointer<Float>, _ count: Int
            ) -> Void
    ) {
        inputs = site.inputs
        output = site.output
        self.body = body
    }

    package func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        body(inputs.map { $0.whole(memory) }, output.whole(memory), output.layout.floats - 16)
    }
}

/// What makes one tensor of another, point by point.
package struct PlanePoints: PlaneStep {
    private let input: PlaneTensor
    private let output: PlaneTensor
    private let body: @Sendable (UnsafePointer<Float>, PlaneLayout, UnsafeMutablePointer<Float>, PlaneLayout) -> Void

    package init(
        _ site: PlaneSite,
        _ body:
            @escaping @Sendable (
                _ x: UnsafePointer<Float>, _ input: PlaneLayout, _ y: UnsafeMutablePointer<Float>, _ output: PlaneLayout
            ) -> Void
    ) {
        input = site.inputs[0]
        output = site.output
        self.body = body
    }

    package func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        body(input.origin(memory), input.layout, output.origin(memory), output.layout)
    }
}
