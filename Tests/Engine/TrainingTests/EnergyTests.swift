import Foundation
import Testing
import Training

/// Counters of a made-up machine: a folder like Linux's, and a clock that goes on as it is asked.
@Suite struct EnergyTests {
    @Test func aCounterBeginsAgainAfterItsLargestValue() {
        var counter = EnergyCounter(ranges: [999], first: [990])
        counter.add([990])
        #expect(counter.updates == 0 && counter.microjoules == 0)
        counter.add([998])
        counter.add([4])
        #expect(counter.updates == 2 && counter.microjoules == 14)
    }

    /// A folder like Linux's, removed with this.
    private final class Counters {
        let folder = FileManager.default.temporaryDirectory.path + "/espalier-powercap-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func add(_ name: String, _ label: String, energy: String? = nil, range: String = "1000\n") throws {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            try write(label, name, "name")
            try write(range, name, "max_energy_range_uj")
            if let energy { try write(energy, name, "energy_uj") }
        }
        func write(_ text: String, _ name: String, _ file: String) throws {
            try text.write(toFile: "\(folder)/\(name)/\(file)", atomically: true, encoding: .utf8)
        }
        func problem() -> String? {
            #expect(throws: PackageEnergy.Unavailable.self) { try PackageEnergy(folder: folder) }?.description
        }
    }

    @Test func packagesAreReadAndWhatIsMissingIsSaid() throws {
        let counters = Counters(), folder = counters.folder
        #expect(counters.problem() == "no package counter in \(folder)")
        try counters.add("intel-rapl:0", "package-0")
        try counters.add("intel-rapl:0:0", "core", energy: "7")
        try counters.add("intel-rapl:1", "package-1\n", energy: "34\n")
        #expect(counters.problem() == "\(folder)/intel-rapl:0/energy_uj cannot be read, which takes root")
        try counters.write("12\n", "intel-rapl:0", "energy_uj")
        let packages = try PackageEnergy(folder: folder)
        #expect(try packages.read() == [12, 34])
        var counter = try packages.counter()
        try counters.write("2\n", "intel-rapl:0", "energy_uj")
        try counters.write("35\n", "intel-rapl:1", "energy_uj")
        counter.add(try packages.read())
        // 988 to the largest value, one to 0 and two beyond it; one of the other.
        #expect(counter.microjoules == 992 && counter.updates == 1)
    }

    @Test func onePackageIsCountedOnce() throws {
        let counters = Counters()
        try counters.add("intel-rapl-mmio:0", "package-0\n", energy: "5\n")
        try counters.add("intel-rapl:0", "package-0\n", energy: "12\n")
        #expect(try PackageEnergy(folder: counters.folder).read() == [12])
        try counters.add("intel-rapl-mmio:1", "package-1\n", energy: "6\n")
        #expect(try PackageEnergy(folder: counters.folder).read() == [6, 12])
    }

    /// A page of 64 KiB: the system gives each of its files that size.
    @Test func filesAreAsLargeAsPages() throws {
        let counters = Counters()
        let page = "12\n" + String(repeating: " ", count: 1 << 16)
        try counters.add("intel-rapl:0", "package-0", energy: page)
        #expect(throws: Never.self) { try PackageEnergy(folder: counters.folder) }
    }

    @Test func whatIsNoCounterIsRefused() throws {
        for (energy, range, text) in [
            ("13", "12", "is 13, above its own largest value 12"), ("-1", "12", "holds no number"),
            ("", "12", "holds no number"), ("1", "", "holds no number"), ("99999999999999999999", "12", "no number"),
        ] {
            let counters = Counters()
            try counters.add("intel-rapl:0", "package-0", energy: energy, range: range)
            #expect(counters.problem()?.contains(text) == true, "\(energy) of \(range)")
        }
    }

    /// One of two packages stands still: the sum would lack it.
    @Test func theCounterThatStandsStillDecides() {
        var counter = EnergyCounter(ranges: [99, 99], first: [1, 7])
        for value: UInt64 in 2...40 { counter.add([value, 7]) }
        #expect(counter.updates == 0 && counter.microjoules == 39)
        counter.add([40, 8])
        #expect(counter.updates == 1)
    }

    /// Idle 2 W, busy 5 W, a counter that steps every millisecond: an answer of 10 ms takes 30 mJ more than idleness.
    @Test func idlenessIsTakenOff() throws {
        var time = 0.0, energy = 0.0
        func run(_ seconds: Double, _ watts: Double) {
            time += seconds
            energy += watts * seconds * 1e6
        }
        let range: UInt64 = 1_000_003
        func reading() -> [UInt64] { [UInt64(energy) % (range + 1)] }
        let measured = try MeasuredEnergy(
            seconds: 1, counter: { EnergyCounter(ranges: [range], first: reading()) }, read: reading, now: { time },
            wait: { run(0.01, 2) }, answer: { run(0.01, 5) })
        #expect(abs(measured.microjoules - 30_000) < 50 && measured.spread < 50)
        #expect(abs(measured.idleWatts - 2) < 0.01 && measured.answers >= 300)
    }

    /// A counter of so many updates a second, and answers that take so long.
    private func measured(updates: Double, answer: Double, watts: (idle: Double, busy: Double) = (2, 5)) throws -> (
        energy: MeasuredEnergy, readings: Int
    ) {
        var time = 0.0, energy = 0.0, shown = 0.0, readings = 0
        func run(_ seconds: Double, _ watts: Double) {
            time += seconds
            energy += watts * seconds * 1e6
            if floor(time * updates) > floor((time - seconds) * updates) { shown = energy }
        }
        let found = try MeasuredEnergy(
            seconds: 2, counter: { EnergyCounter(ranges: [.max], first: [UInt64(shown)]) },
            read: {
                readings += 1
                return [UInt64(shown)]
            }, now: { time }, wait: { run(0.001, watts.idle) }, answer: { run(answer, watts.busy) })
        return (found, readings)
    }

    @Test func tooFewUpdatesAreRefused() {
        for (updates, found) in [(0.6, 11...12), (0.2, 0...3), (0, 0...0)] {
            let problem = #expect(throws: PackageEnergy.Unavailable.self) {
                try measured(updates: updates, answer: 0.01)
            }
            let count = problem?.description.prefix { $0.isNumber }
            #expect(problem?.description.hasSuffix("counter updates while idle, 20 are needed") == true)
            #expect(count.flatMap { Int($0) }.map(found.contains) == true, "\(String(describing: problem))")
        }
    }

    /// An answer of 0.3 s: seven readings in two seconds, so the round is longer.
    @Test func slowAnswersHaveLongerRounds() throws {
        let found = try measured(updates: 1000, answer: 0.3).energy
        #expect(abs(found.microjoules - 900_000) < 5000 && found.answers >= 60)
    }

    /// Reading takes energy too: an answer of 20 µs must not have a reading of its own.
    @Test func readingsAreFew() throws {
        let (energy, readings) = try measured(updates: 1000, answer: 0.00002)
        #expect(readings < 1000 && energy.answers > 250_000 && abs(energy.microjoules - 60) < 1)
    }

    @Test func whatIsBelowIdlenessIsNoFigure() {
        let problem = #expect(throws: PackageEnergy.Unavailable.self) {
            try measured(updates: 1000, answer: 0.01, watts: (5, 4.9))
        }
        #expect(problem?.description.contains("no more than idleness") == true)
    }
}
