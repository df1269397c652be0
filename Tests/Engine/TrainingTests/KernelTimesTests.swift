import Foundation
import Graph
import Kernels
import Testing
import Training

/// The choice of kernels is measured, kept and never seen in a result.
@Suite struct KernelTimesTests {
    /// Costs by which these passes are run densely, at any density of the table.
    private static func times(_ passes: DensePasses) -> KernelTimes {
        KernelTimes(path: nil) { _, densities in
            func seconds(_ pass: WeightPass) -> Double { passes.contains(pass) ? 0.001 : 1000 }
            return KernelCosts(
                dense: .init(
                    forward: seconds(.forward), inputGradient: seconds(.inputGradient),
                    weightGradient: seconds(.weightGradient)),
                points: densities.map {
                    .init(
                        density: $0, sparse: .init(forward: 1, inputGradient: 1, weightGradient: 1), scatter: 0,
                        gather: 0)
                })
        }
    }

    /// A gradual method that passes through every density, with an L1 method's writes in between, on linear layers
    /// and on convolutions of stride and padding.
    @Test(arguments: [
        ("mlp-64-24-16-10", "{name: gradual-magnitude}"),
        ("mlp-64-24-16-10", "{name: proximal-l1, strength: 0.05, end: 40, drop-every: 3}"),
        (
            """

              - {name: c1, operator: convolution, channels: 8, kernel: 3, padding: 1}
              - {name: r1, operator: relu}
              - {name: c2, operator: convolution, channels: 9, kernel: 3, stride: 2, padding: 1}
              - {name: r2, operator: relu}
              - {name: flat, operator: flatten}
              - {name: out, operator: linear, outputs: 10}
            """, "{name: gradual-magnitude}"
        ),
    ])
    func everyChoiceGivesTheSameBytes(_ network: String, _ method: String) throws {
        let folder = TemporaryFolder()
        let lines = "method: \(method)\nschedule: {name: cubic, final: 0.95, begin: 2, end: 40, every: 2}"
        var used: Set<DensePasses> = []
        for passes in DensePasses.combinations {
            let play = try Play(
                digits(lines, network: network), in: folder("\(passes.rawValue)"), interactive: false,
                kernelTimes: passes.isEmpty ? nil : Self.times(passes))
            guard case .finished = try play.end() else { throw Play.TookTooLong() }
            expectSame(folder("0"), folder("\(passes.rawValue)"), "\(passes)")
            // That they were chosen at all: the same mask in a trainer of its own.
            let trainer = Trainer(
                try TrainingPlan(play.session.recipe), team: Team(size: 1), kernelTimes: Self.times(passes))
            var state = trainer.state()
            for index in state.layers.indices {
                let count = state.layers[index].arrays.values.count
                state.layers[index].arrays = state.layers[index].arrays.keeping(
                    (0..<count).map { $0 * 2_654_435_761 % 65_537 < 32_768 })
            }
            trainer.restore(state)
            used.formUnion(trainer.network.layers.dropFirst().map(\.densePasses))
        }
        // But the one with too much memory: a dense forward pass beside a sparse input gradient.
        #expect(
            used == [
                [], .inputGradient, .weightGradient, [.inputGradient, .weightGradient], [.forward, .inputGradient],
                .all,
            ])
    }

    private func map(_ rows: Int, _ channels: Int) -> WeightMap {
        func layout(_ channels: Int) -> ImageLayout { ImageLayout(channels: channels, lanes: 64) }
        return WeightMap(
            input: layout(channels), output: layout(rows), inputGradient: layout(channels),
            outputGradient: layout(rows))
    }

    /// Costs that tell how often they were measured.
    private func counted(_ path: String?, _ count: Locked<Int>) -> KernelTimes {
        KernelTimes(path: path) { _, densities in
            count.withLock { $0 += densities.count }
            return KernelCosts(
                dense: .init(forward: 1, inputGradient: 2, weightGradient: 3),
                points: densities.map {
                    .init(
                        density: $0, sparse: .init(forward: $0, inputGradient: $0, weightGradient: $0), scatter: $0,
                        gather: $0)
                })
        } clock: {
            1000
        }
    }

    @Test func measuredOnceAndKept() throws {
        let folder = TemporaryFolder()
        let path = folder("cache/espalier/kernels.json")
        let count = Locked(0)
        let times = counted(path, count)
        let first = try #require(times.costs(of: map(7, 9), samples: 64, density: 0.4))
        #expect(count.withLock { $0 } == 2)
        #expect(times.costs(of: map(7, 9), samples: 64, density: 0.45) == first)
        #expect(count.withLock { $0 } == 2)
        _ = times.costs(of: map(7, 9), samples: 64, density: 0.6)
        #expect(count.withLock { $0 } == 3)
        times.save()
        // Another process has another shape, and both are kept.
        let second = counted(path, count)
        _ = second.costs(of: map(8, 9), samples: 64, density: 0.5)
        #expect(count.withLock { $0 } == 4)
        second.save()
        let third = counted(path, count)
        #expect(third.costs(of: map(7, 9), samples: 64, density: 0.4)?.points.map(\.density) == [0.35, 0.5, 0.7])
        _ = third.costs(of: map(8, 9), samples: 64, density: 0.5)
        #expect(count.withLock { $0 } == 4)
    }

    /// Costs whose figures strayed, and a clock.
    private func noisy(
        _ path: String, _ count: Locked<Int>, spread: Double, at seconds: Locked<Double>
    ) -> KernelTimes {
        KernelTimes(path: path) { _, densities in
            count.withLock { $0 += 1 }
            return KernelCosts(
                dense: .init(forward: 1, inputGradient: 1, weightGradient: 1),
                points: densities.map {
                    .init(
                        density: $0, sparse: .init(forward: 1, inputGradient: 1, weightGradient: 1), scatter: 1,
                        gather: 1)
                }, spread: spread)
        } clock: {
            seconds.withLock { $0 }
        }
    }

    /// What was measured under load stays for a minute, in this process and in the file; what was measured in peace stays.
    @Test(arguments: [(0.01, [1, 1, 1, 1, 1]), (0.5, [1, 1, 2, 2, 3])])
    func noisyFiguresDoNotStay(_ spread: Double, _ counts: [Int]) throws {
        let folder = TemporaryFolder()
        let path = folder("kernels.json")
        let now = Locked(1000.0), count = Locked(0)
        var seen: [Int] = []
        func ask(_ times: KernelTimes, at seconds: Double) {
            now.withLock { $0 = seconds }
            let before = count.withLock { $0 }
            #expect(times.costs(of: map(7, 9), samples: 64, density: 0.5) != nil)
            seen.append((seen.last ?? 0) + (count.withLock { $0 } > before ? 1 : 0))
            times.save()
        }
        let first = noisy(path, count, spread: spread, at: now)
        ask(first, at: 1000)
        ask(first, at: 1059)
        ask(first, at: 1061)
        let second = noisy(path, count, spread: spread, at: now)
        ask(second, at: 1080)
        // A clock that was set back makes nothing young.
        ask(second, at: 900)
        #expect(seen == counts)
    }

    /// A table that steps contradict is good for the moment.
    @Test func aDoubtedTableIsMeasuredAgain() throws {
        let folder = TemporaryFolder()
        let now = Locked(0.0), count = Locked(0)
        let times = noisy(folder("kernels.json"), count, spread: 0.01, at: now)
        _ = times.costs(of: map(7, 9), samples: 64, density: 0.5)
        now.withLock { $0 = 1e6 }
        let before = count.withLock { $0 }
        _ = times.costs(of: map(7, 9), samples: 64, density: 0.5)
        #expect(count.withLock { $0 } == before)
        times.doubt(map(7, 9), samples: 64)
        times.doubt(map(8, 9), samples: 64)
        _ = times.costs(of: map(7, 9), samples: 64, density: 0.5)
        #expect(count.withLock { $0 } > before)
    }

    /// The file has it as it was before the doubt.
    @Test func aDoubtOutlivesTheProcess() throws {
        let folder = TemporaryFolder()
        let now = Locked(0.0), count = Locked(0)
        let times = noisy(folder("kernels.json"), count, spread: 0.01, at: now)
        _ = times.costs(of: map(7, 9), samples: 64, density: 0.5)
        times.save()
        times.doubt(map(7, 9), samples: 64)
        times.save()
        now.withLock { $0 = 1e6 }
        let before = count.withLock { $0 }
        let later = noisy(folder("kernels.json"), count, spread: 0.01, at: now)
        _ = later.costs(of: map(7, 9), samples: 64, density: 0.5)
        #expect(count.withLock { $0 } > before)
    }

    @Test func damagedAndForeignFilesAreMeasuredAnew() throws {
        let folder = TemporaryFolder()
        let path = folder("kernels.json")
        let count = Locked(0)
        let whole = counted(path, count)
        _ = whole.costs(of: map(7, 9), samples: 64, density: 0.5)
        whole.save()
        let text = String(decoding: try #require(contents(path)), as: UTF8.self)
        let damaged = [
            "", "{}", "[1, 2", "\u{0}\u{1}", String(text.prefix(text.count / 2)),
            text.replacingOccurrences(of: "\"program\":\"", with: "\"program\":\"other "),
            text.replacingOccurrences(of: "\"gather\":0.5", with: "\"gather\":-1"),
            text.replacingOccurrences(of: "\"forward\":1", with: "\"forward\":0"),
            text.replacingOccurrences(of: "\"density\":0.5", with: "\"density\":7"),
        ]
        for (number, content) in damaged.enumerated() {
            #expect(content != text, "\(number)")
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
            let before = count.withLock { $0 }
            let times = counted(path, count)
            #expect(times.costs(of: map(7, 9), samples: 64, density: 0.5)?.dense.forward == 1)
            #expect(count.withLock { $0 } == before + 1, "\(number)")
            times.save()
            #expect(contents(path).map { String(decoding: $0, as: UTF8.self) } == text, "\(number)")
        }
    }

    @Test func withoutAPlaceToWriteItGoesOn() throws {
        let folder = TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder("file")))
        let count = Locked(0)
        for path in [folder("file/espalier/kernels.json"), folder(""), "/proc/espalier/kernels.json", nil] {
            let times = counted(path, count)
            #expect(times.costs(of: map(7, 9), samples: 64, density: 0.5) != nil)
            times.save()
        }
        #expect(count.withLock { $0 } == 4)
    }

    @Test func whereThereIsNothingToChooseNothingIsMeasured() {
        let count = Locked(0)
        let times = counted(nil, count)
        #expect(times.costs(of: map(7, 9), samples: 64, density: 0.34) == nil)
        let layout = ImageLayout(channels: 6, height: 4, width: 4, lanes: 16)
        let grouped = WeightMap(
            input: layout, output: layout, inputGradient: layout, outputGradient: layout, groups: 3)
        #expect(times.costs(of: grouped, samples: 64, density: 0.5) == nil)
        #expect(count.withLock { $0 } == 0)
    }

    @Test func theCacheLiesWhereCachesDo() throws {
        let name = try #require(KernelTimes.path(["XDG_CACHE_HOME": "/c", "HOME": "/h"]))
        #expect(name.hasPrefix("/c/espalier/kernels-") && name.hasSuffix(".json"))
        #expect(KernelTimes.path(["XDG_CACHE_HOME": "c", "HOME": "/h"])?.hasPrefix("/h/.cache/espalier/") == true)
        #expect(KernelTimes.path(["HOME": ""]) == nil && KernelTimes.path([:]) == nil)
    }

    /// The measured layer is small whatever the layer is, and no larger than it.
    @Test(arguments: [
        (1, 1, 1, 1), (10, 300, 1, 1), (4096, 4096, 1, 1), (64, 64, 3, 28), (512, 512, 3, 7), (20, 1, 5, 28),
    ])
    func theSampleIsSmall(_ rows: Int, _ channels: Int, _ kernel: Int, _ side: Int) throws {
        let graph = try Graph(
            input: Shape(channels: channels, height: side, width: side),
            [
                .init(
                    "a",
                    side == 1 ? Linear(outputs: rows) : Convolution(channels: rows, kernel: kernel, padding: kernel / 2)
                )
            ]
        )
        let map = Network(graph, capacity: 1, team: Team(size: 1), trains: true).layers[0].map
        let whole = LayerShape(map, samples: 128)
        let sample = whole.sample
        #expect(sample.rows * sample.channels * sample.taps <= 1 << 17)
        #expect(sample.rows <= whole.rows && sample.channels <= whole.channels && sample.positions <= whole.positions)
        #expect(sample.outputHeight >= 1 && sample.outputWidth == whole.outputWidth)
        // It can be run: figures come out, and they are positive.
        let costs = KernelTimes.measure(whole, [0.5])
        #expect(costs.isPlausible && costs.points.map(\.density) == [0.5])
        #expect(costs.points[0].sparse.forward > 0)
    }
}
