import Devices
import Graph
import Models
import Training

extension OpenedNetwork {
    /// The integers of its network, or of one that was made of it.
    ///
    /// - Parameters:
    ///   - network: in the data's own units.
    ///   - images: that ranges are measured on.
    ///   - choice: of ranges; nil: those that it was trained with, where there are any.
    ///   - known: of the network.
    func integers(
        _ network: Network, _ images: [[Float]], _ choice: (any RangeChoice)?, known: [TensorRange]?,
        notes: inout [String]
    ) throws -> (quantizer: Quantizer, network: QuantizedNetwork) {
        let quantizer = try Quantizer(network.graph, ModelArrays(network))
        let standard = try RangeChoices.make(RangeChoices.all[0].descriptor.name)
        guard choice == nil, var ranges = known, quantizer.fits(ranges) else {
            return (quantizer, try quantizer.network(images, choice ?? standard, notes: &notes))
        }
        // Runs of before were trained under the rounding of other units.
        if !targetScale.isNone, ranges[quantizer.output].isInOwnUnits != true {
            ranges[quantizer.output] = try quantizer.ranges(images, standard)[quantizer.output]
        }
        return (quantizer, try quantizer.network(ranges, notes: &notes))
    }
}
