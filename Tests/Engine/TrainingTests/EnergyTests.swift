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

    @Test func packagesAreReadAndWhatIsMissingIsSaid() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/espalier-powercap-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: PackageEnergy.Unavailable(description: "no package counter in \(folder)")) {
            try PackageEnergy(folder: folder)
        }
        for (name, label) in [("intel-rapl:0", "package-0"), ("intel-rapl:0:0", "core"), ("intel-rapl:1", "package-1")]
        {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            try label.write(toFile: "\(folder)/\(name)/name", atomically: true, encoding: .utf8)
            try "1000\n".write(toFile: "\(folder)/\(name)/max_energy_range_uj", atomically: true, encoding: .utf8)
        }
        let problem = #expect(throws: PackageEnergy.Unavailable.self) { try PackageEnergy(folder: folder) }
        #expect(problem?.description.contains("intel-rapl:0/energy_uj cannot be read") == true)
        for (name, value) in [("intel-rapl:0", "12\n"), ("intel-rapl:0:0", "7"), ("intel-rapl:1", "34\n")] {
            try value.write(toFile: "\(folder)/\(name)/energy_uj", atomically: true, encoding: .utf8)
        }
        #expect(try PackageEnergy(folder: folder).read() == [12, 34])
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

    @Test func tooFewUpdatesAreRefused() {
        var time = 0.0
        let problem = #expect(throws: PackageEnergy.Unavailable.self) {
            try MeasuredEnergy(
                seconds: 1, counter: { EnergyCounter(ranges: [100], first: [0]) }, read: { [UInt64(time * 10)] },
                now: { time }, wait: { time += 0.01 }, answer: { time += 0.01 })
        }
        #expect(problem?.description.hasSuffix("counter updates while idle, 20 are needed") == true)
    }
}
