import Descriptors

extension Distributions {
    package struct Uniform: Distribution {
        package static let descriptor = Descriptor(
            name: "uniform", summary: "Every layer gets the target sparsity")

        package init(_ arguments: Arguments) {}

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) -> Allocation {
            .perLayer(layers.map { _ in target })
        }
    }
}
