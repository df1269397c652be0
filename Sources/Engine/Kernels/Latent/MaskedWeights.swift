// What methods make of weights that live on below a threshold or behind a mask.

/// values = sign(v) · max(|v| − t, 0).
package func softThresholded(
    _ latent: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, threshold: Float, count: Int
) {
    forEachSixteen(count) { first, few in
        let v = load(latent + first, few)
        let rest = magnitude(v) - Sixteen(repeating: threshold)
        let size = rest.replacing(with: 0, where: rest .<= 0)
        // Of a negative weight also the zero is negative.
        let negative = withSign(size, of: Sixteen(repeating: -1))
        store(size.replacing(with: negative, where: v .< 0), values + first, few)
    }
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
    forEachSixteen(count) { first, few in
        let given = load(gradient + first, few)
        store(given.replacing(with: 0, where: load(values + first, few) .== 0), gradient + first, few)
    }
}

/// values = mask = 0 ? 0 : v.
package func masked(
    _ latent: UnsafePointer<Float>, by mask: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, count: Int
) {
    forEachSixteen(count) { first, few in
        let v = load(latent + first, few)
        store(v.replacing(with: 0, where: load(mask + first, few) .== 0), values + first, few)
    }
}

/// mask = 0 where |v| < low, 1 where |v| ≥ high and v ≠ 0, as before between.
package func pruneAndSplice(
    _ mask: UnsafeMutablePointer<Float>, _ latent: UnsafePointer<Float>, low: Float, high: Float, count: Int
) {
    forEachSixteen(count) { first, few in
        let size = magnitude(load(latent + first, few)), before = load(mask + first, few)
        let isBack = (size .>= Sixteen(repeating: high)) .& (size .> 0)
        store(
            before.replacing(with: 1, where: isBack).replacing(with: 0, where: size .< Sixteen(repeating: low)),
            mask + first, few)
    }
}
