import Foundation
import Interchange
import Kernels
import Testing

@Suite struct IDXTests {
    let folder = TemporaryFolder()

    @Test(arguments: [[0], [5], [2, 3], [4, 8, 8], [0, 28, 28], [3, 0, 9], [1, 1, 1, 1, 1, 1, 1, 1]])
    func roundTrip(dimensions: [Int]) throws {
        let array = sample(dimensions)
        for name in ["a-ubyte", "a-ubyte.gz"] {
            try IDX.write(array, to: folder(name))
            #expect(try IDX.read(folder(name)) == array)
        }
        #expect(try #require(contents(folder("a-ubyte.gz"))).starts(with: [0x1F, 0x8B]))
    }

    @Test func everyTruncationIsRefused() throws {
        let plain = IDX.encode(sample([3, 2, 2]))
        for bytes in [plain, Gzip.deflate(plain)] {
            for length in 0..<bytes.count {
                #expect(throws: FileProblem.self) { try IDX.decode(Array(bytes[..<length]), path: "cut") }
            }
            #expect(throws: FileProblem.self) { try IDX.decode(bytes + [1], path: "trailing") }
            #expect(throws: FileProblem.self) { try IDX.decode(bytes + bytes, path: "twice") }
        }
    }

    /// RFC 1952: members may follow one another. Zeros behind the last are what tapes and blocks fill up with.
    @Test func severalMembersAndZerosBehindThemAreRead() throws {
        let array = sample([5, 6, 7])
        let plain = IDX.encode(array)
        for cuts in [[plain.count], [1, plain.count], [3, 17, 100, plain.count], [0, plain.count, plain.count]] {
            var packed: [UInt8] = [], start = 0
            for cut in cuts {
                packed += Gzip.deflate(Array(plain[start..<cut]))
                start = cut
            }
            for zeros in [0, 1, 511] {
                let file = packed + [UInt8](repeating: 0, count: zeros)
                #expect(try IDX.decode(file, path: "members") == array)
                // Anything else is no padding, and another content too much.
                for rest in [[1], [0, 0x1F], [0] + Gzip.deflate(plain), [0x1F, 0x8B]] as [[UInt8]] {
                    #expect(throws: FileProblem.self) { try IDX.decode(file + rest, path: "rest") }
                }
            }
            #expect(throws: FileProblem.self) { try IDX.decode(Array(packed.dropLast()), path: "cut") }
        }
        // Blocks that are filled up one by one.
        for zeros in [1, 511] {
            let gap = [UInt8](repeating: 0, count: zeros)
            let file = Gzip.deflate(Array(plain[..<9])) + gap + Gzip.deflate(Array(plain[9...])) + gap
            #expect(try IDX.decode(file, path: "blocks") == array)
            #expect(throws: FileProblem.self) { try IDX.decode(file + [0x1F], path: "cut") }
        }
        #expect(throws: FileProblem.self) { try IDX.decode(plain + [0], path: "plain") }
    }

    @Test(
        arguments: [
            ([1, 0, 8, 1, 0, 0, 0, 1, 7], "byte 0"), ([0, 0, 10, 1, 0, 0, 0, 1, 7], "byte 2"),
            ([0, 0, 8, 0], "byte 3"), ([0, 0, 8, 9] + [UInt8](repeating: 0, count: 36), "byte 3"),
            ([0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1], "header"),
            ([0, 0, 8, 4] + [UInt8](repeating: 255, count: 16), "header"),
            ([0, 0, 8, 1, 255, 255, 255, 255, 1], "size"), ([0, 0, 8, 3, 0, 0, 0, 1], "size"), ([], "size"),
        ] as [([UInt8], String)])
    func hostileHeadersNameThePlace(bytes: [UInt8], place: String) {
        #expect { try IDX.decode(bytes, path: "x") } throws: { ($0 as? FileProblem)?.place == place }
        guard bytes.count >= 4 else { return }
        #expect(throws: FileProblem.self) { try IDX.decode(Gzip.deflate(bytes), path: "x") }
    }

    @Test func damageInCompressedDataIsFound() throws {
        let array = sample([20, 20])
        let bytes = Gzip.deflate(IDX.encode(array))
        // Bytes 4 to 9 are time, flags and system, which mean nothing to the content.
        for position in bytes.indices where !(4...9).contains(position) {
            var damaged = bytes
            damaged[position] ^= 0x55
            // Damage may make a stored flag that is skipped; other content must never come out.
            if let read = try? IDX.decode(damaged, path: "damaged") { #expect(read == array) }
        }
        var checksum = bytes
        checksum[bytes.count - 8] ^= 1
        #expect(throws: FileProblem.self) { try IDX.decode(checksum, path: "damaged") }
    }

    @Test func aBombStopsAtTheSizeOfTheHeader() {
        let bomb = IDX.encode(sample([10])) + [UInt8](repeating: 0, count: 50_000_000)
        #expect { try IDX.decode(Gzip.deflate(bomb), path: "bomb") } throws: {
            ($0 as? FileProblem)?.place == "gzip content"
        }
        // Five billion bytes promised by a few.
        let promise = [0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0] as [UInt8]
        #expect { try IDX.decode(Gzip.deflate(promise), path: "promise") } throws: {
            ($0 as? FileProblem)?.place == "header"
        }
    }

    @Test func specialFilesAreRefused() throws {
        #expect(throws: FileProblem.self) { try IDX.read(folder.path) }
        #expect(throws: FileProblem.self) { try IDX.read(folder("missing")) }
        #expect(throws: FileProblem.self) { try IDX.read("/dev/zero") }
        mkfifo(folder("pipe"), 0o600)
        #expect(throws: FileProblem.self) { try IDX.read(folder("pipe")) }
    }

    @Test(
        arguments: [
            ("digits-train", 1437, 8, 16), ("digits-test", 360, 8, 16), ("fashion-sample-train", 6000, 28, 255),
            ("fashion-sample-test", 1000, 28, 255),
        ] as [(String, Int, Int, UInt8)])
    func samplesAreWhole(name: String, count: Int, size: Int, largest: UInt8) throws {
        let data = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("../../../Samples/data/\(name)").standardizedFileURL.path
        let images = try IDX.read(data + "-images-idx3-ubyte.gz")
        let labels = try IDX.read(data + "-labels-idx1-ubyte.gz")
        #expect(images.dimensions == [count, size, size] && images.bytes.max() == largest)
        #expect(labels.dimensions == [count] && Set(labels.bytes) == Set(0...9))
    }

    private func sample(_ dimensions: [Int]) -> IDXArray {
        let random = CounterRandom(seed: 3, purpose: .test)
        let count = dimensions.reduce(1, *)
        return IDXArray(dimensions: dimensions, bytes: (0..<count).map { UInt8(random.integer(below: 256, $0)) })
    }
}
