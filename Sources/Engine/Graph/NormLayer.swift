import Kernels

/// The parameters of one batch normalisation: scale and shift, which are trained and never cut, and the running
/// statistics. All of them (channels).
package final class NormLayer {
    package let name: String
    package let channels: Int
    package let scale: FloatBuffer
    package let shift: FloatBuffer
    package let scaleGradient: FloatBuffer
    package let shiftGradient: FloatBuffer
    package let scaleSlots: [FloatBuffer]
    package let shiftSlots: [FloatBuffer]
    package let mean: FloatBuffer
    package let variance: FloatBuffer

    init(name: String, channels: Int, slots: Int) {
        self.name = name
        self.channels = channels
        scale = FloatBuffer([Float](repeating: 1, count: channels))
        shift = FloatBuffer(count: channels)
        scaleGradient = FloatBuffer(count: channels)
        shiftGradient = FloatBuffer(count: channels)
        scaleSlots = (0..<slots).map { _ in FloatBuffer(count: channels) }
        shiftSlots = (0..<slots).map { _ in FloatBuffer(count: channels) }
        mean = FloatBuffer(count: channels)
        variance = FloatBuffer([Float](repeating: 1, count: channels))
    }
}

/// The arrays of a normalisation, free of any network.
package struct NormState: Sendable, Equatable {
    package var name: String
    package var scale: [Float]
    package var shift: [Float]
    package var mean: [Float]
    package var variance: [Float]
    package var scaleSlots: [[Float]]
    package var shiftSlots: [[Float]]

    package init(
        name: String, scale: [Float], shift: [Float], mean: [Float], variance: [Float], scaleSlots: [[Float]] = [],
        shiftSlots: [[Float]] = []
    ) {
        self.name = name
        self.scale = scale
        self.shift = shift
        self.mean = mean
        self.variance = variance
        self.scaleSlots = scaleSlots
        self.shiftSlots = shiftSlots
    }
}

extension NormLayer {
    package func state(withSlots: Bool = true) -> NormState {
        NormState(
            name: name, scale: scale.array, shift: shift.array, mean: mean.array, variance: variance.array,
            scaleSlots: withSlots ? scaleSlots.map(\.array) : [], shiftSlots: withSlots ? shiftSlots.map(\.array) : [])
    }

    package func set(_ state: NormState) {
        func fill(_ buffer: FloatBuffer, _ values: [Float]) {
            for (index, value) in values.enumerated() { buffer[index] = value }
        }
        fill(scale, state.scale)
        fill(shift, state.shift)
        fill(mean, state.mean)
        fill(variance, state.variance)
        for (slot, values) in zip(scaleSlots, state.scaleSlots) { fill(slot, values) }
        for (slot, values) in zip(shiftSlots, state.shiftSlots) { fill(slot, values) }
    }
}

/// What a pass over the network is for: operators that behave otherwise in training look here.
package final class Pass {
    /// Whether the network is ever trained.
    package var trains = false
    package var isTraining = false
    package var samples = 0
    /// Whether sparse linear layers may round their weights to half precision for a batch of one.
    package var usesHalf = false
    /// For random numbers.
    package var seed: UInt64 = 0
    package var step = 0
}
