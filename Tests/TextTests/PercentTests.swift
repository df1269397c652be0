import Testing
import Text

@Suite struct PercentTests {
    @Test(arguments: [
        (0.0, "0.0"), (1.0, "100.0"), (0.8, "80.0"), (0.9999, "99.9"), (0.9995, "99.9"), (0.99949, "99.9"),
        (0.0001, "0.1"), (1e-300, "0.1"), (1.5, "150.0"), (1.00001, "100.0"), (-0.5, "-50.0"), (-0.9999, "-99.9"),
        (.nan, "nan"), (.infinity, "inf"),
    ])
    func `Less than all is not shown as all, nor something as nothing`(share: Double, text: String) {
        #expect(Percent.text(share) == text)
    }

    @Test func `However many decimals there are`() {
        #expect(Percent.text(0.9999, 0) == "99")
        #expect(Percent.text(0.9999, 2) == "99.99")
        #expect(Percent.text(0.99999, 2) == "99.99")
        #expect(Percent.text(0.00001, 2) == "0.01")
        #expect(Percent.of(99.999, 2) == "99.99")
        #expect(Percent.named(0.9999) == "99.9 %")
    }
}
