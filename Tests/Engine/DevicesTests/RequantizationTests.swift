import Devices
import Testing

@Suite struct RequantizationTests {
    @Test func halvesGoUp() {
        let half = Requantization(0.5)!
        #expect((-4...4).map { half($0) } == [-2, -1, -1, 0, 0, 1, 1, 2, 2])
        #expect(half.multiplier == 1 << 30 && half.shift == 31)
    }

    @Test func factorsAreTheNearest() {
        for factor in [1.0, 3.7e-5, 0.999_999_999_9, 12.25, 2e-9, 4.9e8] {
            let found = Requantization(factor)!
            #expect(abs(found.factor / factor - 1) < 0x1p-30, "\(factor)")
            #expect(found.multiplier >= 1 << 30 && (1...62).contains(found.shift))
        }
        #expect(Requantization(1e-12)!(Int64(Int32.max)) == 0)
        #expect(Requantization(0) == nil && Requantization(-1) == nil && Requantization(.nan) == nil)
        #expect(Requantization(0x1p29) == nil)
    }

    @Test func numbersBecomeTheNearestStep() {
        let tensor = QuantizedTensor(name: "x", axes: [1], scale: 0.5, zero: -3)
        let found = [-100, -62.5, 0, 0.24, 0.25, -0.25, -0.26, 64, 65.2, .nan, .infinity].map(tensor.quantized)
        #expect(found == [-128, -128, -3, -3, -2, -3, -4, 125, 127, -128, 127])
        #expect(tensor.number(-3) == 0)
    }
}
