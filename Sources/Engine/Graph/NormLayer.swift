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

/// What a pass over the network is for: operators that behave otherwise in training look here.
package final class Pass {
    package var isTraining = false
    package var samples = 0
    /// For random numbers.
    package var seed: UInt64 = 0
    package var step = 0
}
