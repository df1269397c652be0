import Descriptors
import Graph
import Testing

/// A wrong name is told with the one that was probably meant.
@Suite struct NearestNameTests {
    static let names = ["magnitude", "movement", "random", "gradual-magnitude", "sgd", "adam", "add", "prune", "fc1"]

    @Test(arguments: [
        ("magnitud", "magnitude"), ("magntiude", "magnitude"), ("Magnitude", "magnitude"), ("movment", "movement"),
        ("gradual_magnitude", "gradual-magnitude"), ("gradual", "gradual-magnitude"), ("rnadom", "random"),
        ("adm", "adam"), ("purne", "prune"),
    ]) func isFound(word: String, name: String) {
        #expect(nearestName(to: word, among: Self.names) == name)
        #expect(didYouMean(word, among: Self.names) == "; did you mean '\(name)'?")
    }

    @Test(arguments: ["lenet-5", "x", "", "ma", "quantise", "m", "fc9"]) func isNotFound(word: String) {
        #expect(nearestName(to: word, among: Self.names) == nil && didYouMean(word, among: Self.names).isEmpty)
    }

    @Test func aLongWordIsNotCompared() {
        #expect(nearestName(to: String(repeating: "a", count: 100_000), among: Self.names) == nil)
    }

    @Test func descriptorsSayIt() {
        let descriptor = Descriptor(
            name: "sgd", summary: "",
            parameters: [Parameter("momentum", "", .choice(["plain", "nesterov"]), default: .text("plain"))])
        #expect(throws: ArgumentError.self) { try Arguments(["momentun": .text("plain")], for: descriptor) }
        do {
            _ = try Arguments(["momentun": .text("plain")], for: descriptor)
        } catch {
            #expect("\(error)" == "'sgd' has no 'momentun'; accepted: momentum; did you mean 'momentum'?")
        }
        do {
            _ = try Arguments(["momentum": .text("nestrov")], for: descriptor)
        } catch {
            #expect(
                "\(error)"
                    == "'momentum' of 'sgd' is nestrov; accepted: one of plain, nesterov; did you mean 'nesterov'?")
        }
    }

    @Test func operatorsAndNetworksSayIt() {
        #expect(throws: ArgumentError.self) { try Operators.make("convolutoin", [:]) }
        do { _ = try Operators.make("convolutoin", [:]) } catch {
            #expect("\(error)".hasSuffix("; did you mean 'convolution'?"))
        }
        do { _ = try NamedNetworks.make("lenet5", input: Shape([1, 28, 28]), classes: 10) } catch {
            #expect("\(error)".hasSuffix("; did you mean 'lenet-5'?"))
        }
    }
}
