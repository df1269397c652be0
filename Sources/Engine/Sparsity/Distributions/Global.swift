import Descriptors

extension Distributions {
    package struct Global: Distribution {
        package static let descriptor = Descriptor(
            name: "global", summary: "One ranking over all layers: the scores decide what each layer gives")

        package init(_ arguments: Arguments) {}

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) -> Allocation { .together(target) }
    }
}
