import Foundation
import Interchange

/// Counters of energy that only rise and begin again at zero, read now and then.
package struct EnergyCounter: Sendable {
    /// Where each begins again, in microjoules.
    private let ranges: [UInt64]
    private var last: [UInt64]
    private var updatesOfEach: [Int]
    /// Since the first reading, of all together.
    package private(set) var microjoules: UInt64 = 0
    /// Readings that differed from those before, of the counter that had the fewest: one that stands still says nothing about
    /// what ran meanwhile, and the sum would lack its package.
    package var updates: Int { updatesOfEach.min() ?? 0 }

    /// - Precondition: no reading is above its range.
    package init(ranges: [UInt64], first: [UInt64]) {
        self.ranges = ranges
        last = first
        updatesOfEach = [Int](repeating: 0, count: first.count)
    }

    package mutating func add(_ reading: [UInt64]) {
        for (number, value) in reading.enumerated() where value != last[number] {
            // max_energy_range_uj is the largest value: one more step leads to zero.
            microjoules += value > last[number] ? value - last[number] : ranges[number] - last[number] + value + 1
            updatesOfEach[number] += 1
        }
        last = reading
    }
}

/// The energy of the processor's packages, as Linux tells it; usually root's alone to read, absent in virtual machines.
package struct PackageEnergy: Sendable {
    /// Why there is none: said in place of a figure.
    package struct Unavailable: Error, Equatable, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    private let folders: [String]
    private let ranges: [UInt64]

    /// - Parameter folder: `/sys/class/powercap`.
    /// - Throws: `Unavailable`.
    package init(folder: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        // One package may stand there twice, by its registers and by its memory-mapped interface (intel-rapl-mmio).
        var ofPackage: [String: String] = [:]
        for path in names.sorted().map({ folder + "/" + $0 }) {
            guard let package = Self.text(path + "/name"), package.hasPrefix("package") else { continue }
            if let other = ofPackage[package], !other.contains("-mmio") { continue }
            ofPackage[package] = path
        }
        folders = ofPackage.values.sorted()
        guard !folders.isEmpty else { throw Unavailable(description: "no package counter in \(folder)") }
        ranges = try folders.map { try Self.number($0 + "/max_energy_range_uj") }
        _ = try read()
    }

    package func read() throws -> [UInt64] {
        try zip(folders, ranges).map { folder, range in
            let path = folder + "/energy_uj", value = try Self.number(path)
            guard value <= range else {
                throw Unavailable(description: "\(path) is \(value), above its own largest value \(range)")
            }
            return value
        }
    }

    package func counter() throws -> EnergyCounter { EnergyCounter(ranges: ranges, first: try read()) }

    private static func text(_ path: String) -> String? {
        // The system gives such a file the size of a page, whatever is in it.
        (try? FileBytes.start(path, count: 256)).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private static func number(_ path: String) throws -> UInt64 {
        guard let text = text(path) else { throw Unavailable(description: "\(path) cannot be read, which takes root") }
        guard let number = UInt64(text) else { throw Unavailable(description: "\(path) holds no number") }
        return number
    }
}

/// Energy of one answer, less what the machine takes when idle.
package struct MeasuredEnergy: Sendable, Equatable {
    package let microjoules: Double
    /// Half of the distance between the largest and the least of the rounds.
    package let spread: Double
    package let idleWatts: Double
    package let answers: Int

    /// Counter updates that an interval must have: with fewer the figure is one of the counter's steps.
    package static let leastUpdates = 20
    /// Between two readings: reading takes energy too, far less than this long an interval does.
    private static let secondsBetweenReadings = 0.01
    /// A slow answer has few readings in a round, which then becomes as many times longer.
    private static let longestRound = 10.0

    /// - Parameters:
    ///   - answer: runs once.
    ///   - wait: some milliseconds of idleness.
    ///   - now: seconds.
    /// - Throws: `PackageEnergy.Unavailable` where a counter stood still for `seconds`, too few of its updates fell into a round
    ///   of ten times as long, or answering took no more than idleness.
    package init(
        rounds: Int = 3, seconds: Double, counter: () throws -> EnergyCounter, read: () throws -> [UInt64],
        now: () -> Double, wait: () -> Void, answer: () -> Void
    ) throws {
        func interval(_ what: String, _ body: () -> Void) throws -> (joules: Double, seconds: Double, calls: Int) {
            var counter = try counter()
            let start = now()
            var calls = 0
            func goesOn(_ elapsed: Double) -> Bool {
                elapsed < seconds
                    || 0 < counter.updates && counter.updates < Self.leastUpdates
                        && elapsed < Self.longestRound * seconds
            }
            var elapsed = 0.0
            while goesOn(elapsed) {
                let last = elapsed
                repeat {
                    body()
                    calls += 1
                    elapsed = now() - start
                } while elapsed - last < Self.secondsBetweenReadings
                counter.add(try read())
            }
            guard counter.updates >= Self.leastUpdates else {
                throw PackageEnergy.Unavailable(
                    description:
                        "\(counter.updates) counter updates while \(what), \(Self.leastUpdates) are needed")
            }
            return (Double(counter.microjoules) / 1e6, elapsed, calls)
        }
        let idle = try interval("idle", wait)
        idleWatts = idle.joules / idle.seconds
        var figures: [Double] = []
        var answers = 0
        for _ in 0..<rounds {
            let busy = try interval("answering", answer)
            figures.append((busy.joules - idleWatts * busy.seconds) / Double(busy.calls) * 1e6)
            answers += busy.calls
        }
        self.answers = answers
        microjoules = figures.reduce(0, +) / Double(rounds)
        spread = (figures.max()! - figures.min()!) / 2
        guard microjoules > 0 else {
            throw PackageEnergy.Unavailable(
                description: "answering took no more than idleness: the machine is not quiet")
        }
    }
}
