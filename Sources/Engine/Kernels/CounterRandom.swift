import CProcessor

/// Counter-based random numbers: a value is a pure function of (seed, purpose, a, b, c), so nothing draws from a
/// shared stream and a run is the same on any number of threads and after a resume.
///
/// The mixer is SplitMix64's finaliser, applied once per key word.
/// Reference: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
package struct CounterRandom: Sendable {
    /// What a number is for; equal counters of different purposes are unrelated.
    package enum Purpose: UInt64, Sendable {
        case initialWeights = 1
        case shuffle, split, randomCriterion, dropout, test, mask, augment
        case surgery, gates, weightNoise
        case growth = 20
        case calibration = 64
    }

    private let key: UInt64

    private init(key: UInt64) { self.key = key }

    package init(seed: UInt64, purpose: Purpose) {
        key = Self.mix(Self.mix(seed) &+ purpose.rawValue &* 0x9E37_79B9_7F4A_7C15)
    }

    /// 64 random bits of one counter.
    package func bits(_ a: Int, _ b: Int = 0, _ c: Int = 0) -> UInt64 {
        Self.fold(Self.fold(Self.fold(key, a), b), c)
    }

    /// The numbers of one pair of counters, for many that differ in the last one.
    package func among(_ a: Int, _ b: Int) -> CounterRandom { CounterRandom(key: Self.fold(Self.fold(key, a), b)) }

    /// 64 random bits, by one step of mixing.
    package func word(_ a: Int) -> UInt64 { Self.fold(key, a) }

    /// Of `word` of sixteen counters bits 40 to 63 and bits 16 to 39, as whole numbers.
    @inline(__always)
    func halves(_ counters: UnsafePointer<Int64>) -> (high: SIMD16<Float>, low: SIMD16<Float>) {
        var high = SIMD16<Float>.zero, low = SIMD16<Float>.zero
        withUnsafeMutableBytes(of: &high) { high in
            withUnsafeMutableBytes(of: &low) { low in
                espalier_counter_halves(
                    key &+ 0x9E37_79B9_7F4A_7C15, counters, high.assumingMemoryBound(to: Float.self).baseAddress!,
                    low.assumingMemoryBound(to: Float.self).baseAddress!)
            }
        }
        return (high, low)
    }

    /// Uniform in [0, 1), 24 bits.
    package func uniform(_ a: Int, _ b: Int = 0, _ c: Int = 0) -> Float {
        Float(bits(a, b, c) >> 40) * 0x1p-24
    }

    /// Uniform in 0 ..< bound, without the bias of a remainder beyond bound / 2⁶⁴.
    package func integer(below bound: Int, _ a: Int, _ b: Int = 0, _ c: Int = 0) -> Int {
        Int(bits(a, b, c).multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// The numbers 0 ..< count in random order (Fisher–Yates, one counter per position).
    package func permutation(_ count: Int, _ a: Int = 0) -> [Int32] {
        var order = (0..<Int32(count)).map { $0 }
        shuffle(&order, a)
        return order
    }

    /// Puts the elements in the order of `permutation`.
    package func shuffle(_ order: inout [Int32], _ a: Int = 0) {
        var position = order.count - 1
        while position > 0 {
            order.swapAt(position, integer(below: position + 1, a, position))
            position -= 1
        }
    }

    private static func fold(_ state: UInt64, _ word: Int) -> UInt64 {
        mix((state &+ 0x9E37_79B9_7F4A_7C15) ^ UInt64(bitPattern: Int64(word)))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
