import Foundation
import Kernels
import Testing

/// Sizes that stand for a cache follow from those of the machine, and no bit follows from them.
@Suite struct CachesTests {
    static let settings = [
        Caches(first: 1 << 10, second: 1 << 10, third: 1 << 10),
        Caches(first: 4 << 10, second: 16 << 10, third: 1 << 20),
        Caches(first: 32 << 10, second: 512 << 10, third: 32 << 20),
        Caches(first: 48 << 10, second: 1 << 20, third: 32 << 20),
        Caches(first: 1 << 20, second: 16 << 20, third: 256 << 20),
    ]

    @Test(arguments: [
        LayerFixture(samples: 100, channels: 300, rows: 40),
        LayerFixture(samples: 20, channels: 300, rows: 40, lanes: 16, density: 0.05),
        LayerFixture(
            samples: 40, channels: 20, height: 11, width: 12, rows: 33, window: KernelWindow(kernel: 3, padding: 1),
            lanes: 16),
        LayerFixture(
            samples: 33, channels: 36, height: 10, width: 19, rows: 14,
            window: KernelWindow(kernel: 3, stride: 2, padding: 1), lanes: 16,
            density: 0.2),
        LayerFixture(
            samples: 18, channels: 24, height: 9, width: 9, rows: 12, window: KernelWindow(kernel: 3, padding: 1),
            lanes: 16, groups: 3,
            density: 0.6),
    ])
    func noBitFollowsFromThem(_ layer: LayerFixture) throws {
        var first: LayerFixture.Results?
        var layer = layer
        for caches in Self.settings {
            layer.caches = caches
            let (map, indices) = (layer.map, layer.indices)
            var patterns: [any WeightPattern] = [SparsePattern(map: map, indices: indices, needsInputGradient: true)]
            if layer.groups == 1 {
                patterns.append(DensePattern(map: map))
                patterns.append(try #require(BlockPattern(map: map, indices: indices, needsInputGradient: true)))
                for passes in DensePasses.combinations {
                    patterns.append(
                        MixedPattern(map: map, indices: indices, densePasses: passes, needsInputGradient: true))
                }
            }
            for pattern in patterns {
                #expect(pattern is DensePattern || pattern.rowMajorIndices() == indices)
                let results = layer.run(pattern)
                let expected = first ?? results
                first = expected
                #expect(sameBytes(results.y, expected.y), "y of \(type(of: pattern)), \(caches)")
                #expect(sameBytes(results.dx, expected.dx), "dx of \(type(of: pattern)), \(caches)")
                #expect(sameBytes(results.dw, expected.dw), "dW of \(type(of: pattern)), \(caches)")
                #expect(sameBytes(results.db, expected.db), "db of \(type(of: pattern)), \(caches)")
            }
        }
    }

    @Test func `Text gives the sizes, and they the text`() throws {
        #expect(try Caches("32K,512K,32M") == Caches(first: 32 << 10, second: 512 << 10, third: 32 << 20))
        #expect(try Caches("49152,1024K,1M") == Caches(first: 48 << 10, second: 1 << 20, third: 1 << 20))
        for caches in Self.settings { #expect(try Caches("\(caches)") == caches) }
    }

    @Test(arguments: [
        "32K", "32K,512K", "32K,512K,32M,", "32k,512k,32m", "32K, 512K,32M", "-1K,512K,32M", "0,512K,32M",
        "512K,32K,32M", "32K,512K,256K", "1.5K,512K,32M", "32K,512K,9999999999M", "512,512K,32M", "K,M,M",
        "٣٢K,512K,32M",
    ])
    func `What is no three sizes is refused`(_ text: String) {
        #expect(throws: CachesError.self) { try Caches(text) }
    }

    @Test func `A machine's own are found, and its unknown ones have a default`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "espalier-caches-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ index: Int, _ level: String, _ type: String, _ size: String) throws {
            let place = folder.appendingPathComponent("index\(index)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for (name, text) in [("level", level), ("type", type), ("size", size)] {
                try Data("\(text)\n".utf8).write(to: place.appendingPathComponent(name))
            }
        }
        #expect(Caches.found(folder.path) == .unknown)
        try write(0, "1", "Data", "48K")
        try write(1, "1", "Instruction", "32K")
        #expect(Caches.found(folder.path) == .unknown)
        try write(2, "2", "Unified", "1280K")
        #expect(Caches.found(folder.path) == Caches(first: 48 << 10, second: 1280 << 10, third: 1280 << 10))
        try write(3, "3", "Unified", "24576K")
        #expect(Caches.found(folder.path) == Caches(first: 48 << 10, second: 1280 << 10, third: 24 << 20))
    }
}
