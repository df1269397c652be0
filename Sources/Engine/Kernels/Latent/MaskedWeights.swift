// What methods make of weights that live on below a threshold or behind a mask.

/// values = sign(v) · max(|v| − t, 0).
package func softThresholded(
    _ latent: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, threshold: Float, count: Int
) {
    @inline(__always)
    func step(_ first: Int, _ lanes: some LatentLanes) {
        let v = lanes.load(latent + first)
        let rest = magnitude(v) - Sixteen(repeating: threshold)
        let size = rest.replacing(with: 0, where: rest .<= 0)
        // Of a negative weight also the zero is negative.
        let negative = withSign(size, of: Sixteen(repeating: -1))
        lanes.store(size.replacing(with: negative, where: v .< 0), values + first)
    }
    eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
}

/// Σ sign(w) · ∂L/∂w of some weights, in their order. Without a branch, for signs are not to be foretold.
package func signedSum(
    of places: UnsafeBufferPointer<UInt32>, values: UnsafePointer<Float>, gradient: UnsafePointer<Float>
) -> Double {
    var sum = 0.0
    for place in places {
        let value = values[Int(place)].bitPattern, isThere: UInt32 = value << 1 == 0 ? 0 : .max
        sum += Double(Float(bitPattern: (gradient[Int(place)].bitPattern ^ value & 0x8000_0000) & isThere))
    }
    return sum
}

/// The gradient becomes zero where the value is.
package func clearGradient(
    _ gradient: UnsafeMutablePointer<Float>, whereZero values: UnsafePointer<Float>, count: Int
) {
    @inline(__always)
    func step(_ first: Int, _ lanes: some LatentLanes) {
        let given = lanes.load(gradient + first)
        lanes.store(given.replacing(with: 0, where: lanes.load(values + first) .== 0), gradient + first)
    }
    eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
}

/// values = mask = 0 ? 0 : v.
package func masked(
    _ latent: UnsafePointer<Float>, by mask: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, count: Int
) {
    @inline(__always)
    func step(_ first: Int, _ lanes: some LatentLanes) {
        let v = lanes.load(latent + first)
        lanes.store(v.replacing(with: 0, where: lanes.load(mask + first) .== 0), values + first)
    }
    eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
}

/// mask = 0 where |v| < low, 1 where |v| ≥ high and v ≠ 0, as before between.
package func pruneAndSplice(
    _ mask: UnsafeMutablePointer<Float>, _ latent: UnsafePointer<Float>, low: Float, high: Float, count: Int
) {
    @inline(__always)
    func step(_ first: Int, _ lanes: some LatentLanes) {
        let size = magnitude(lanes.load(latent + first)), before = lanes.load(mask + first)
        let isBack = (size .>= Sixteen(repeating: high)) .& (size .> 0)
        lanes.store(
            before.replacing(with: 1, where: isBack).replacing(with: 0, where: size .< Sixteen(repeating: low)),
            mask + first)
    }
    eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
}
