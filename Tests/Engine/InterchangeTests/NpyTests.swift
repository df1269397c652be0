import Foundation
import Interchange
import Testing

@Suite struct NpyTests {
    let folder = TemporaryFolder()

    /// Python's own environment for the tests, where Scripts/test has made one.
    static let python: String? = {
        guard let named = ProcessInfo.processInfo.environment["ESPALIER_TEST_PYTHON"],
            FileManager.default.isExecutableFile(atPath: named)
        else { return nil }
        return named
    }()

    func run(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func file(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
        let text = Array(header.utf8)
        let length = version == 1 ? [UInt8(text.count)] + [0] : [UInt8(text.count), 0, 0, 0]
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
    }
    private func decode(_ bytes: [UInt8]) throws -> NumberArray {
        try Npy.decode(ByteSlice(bytes), path: "x", name: "")
    }

    @Test func literalHeadersAreRead() throws {
        for (header, version) in [
            ("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }          \n", 1),
            ("{'descr': '<i2', 'fortran_order': False, 'shape': (2L, 3L)}", 2),
            ("{\"shape\":(2,3,),\"fortran_order\":False,\"descr\":\"<i2\"}", 3),
        ] as [(String, UInt8)] {
            let array = try decode(file(header, [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 255, 255], version: version))
            #expect(array.dimensions == [2, 3] && array.type == .i16)
            #expect(array.floats() == [1, 2, 3, 4, 5, -1])
            #expect(try array.integers() == [1, 2, 3, 4, 5, -1])
        }
        let big = try decode(
            file(
                "{'descr': '>u4', 'fortran_order': True, 'shape': (2, 2)}",
                [
                    0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 1, 0,
                ]))
        #expect(big.floats() == [1, 3, 2, 256])
        let single = try decode(file("{'descr': '|b1', 'fortran_order': False, 'shape': ()}", [1]))
        #expect(single.floats() == [1] && single.dimensions.isEmpty)
        #expect(try decode(file("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3)}", [])).count == 0)
    }

    @Test func textsAreClasses() throws {
        let inputs = file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)}", [0, 0, 0, 0, 0, 0, 128, 63])
        for (code, characters) in [
            ("<U2", [0xE9, 0, 0, 0, 98, 0, 0, 0, 97, 0, 0, 0, 0, 0, 0, 0]),
            (">U2", [0, 0, 0, 0xE9, 0, 0, 0, 98, 0, 0, 0, 97, 0, 0, 0, 0]), ("|S3", [0xC3, 0xA9, 98, 97, 0, 0]),
        ] as [(String, [UInt8])] {
            try AtomicFile.write([inputs], to: folder("x_train.npy"))
            let labels = file("{'descr': '\(code)', 'fortran_order': False, 'shape': (2,)}", characters)
            try AtomicFile.write([labels], to: folder("y_train.npy"))
            let found = try DataFormats.read(folder.path).train
            guard case .columns(let names, let texts, _, let isNumeric)? = found.targets else {
                Issue.record("\(code)")
                continue
            }
            #expect(names == ["y_train"] && texts == [["éb", "a"]] && !isNumeric)
        }
        let three = file("{'descr': '|S1', 'fortran_order': False, 'shape': (3,)}", [97, 98, 99])
        try AtomicFile.write([three], to: folder("y_train.npy"))
        #expect(throws: FileProblem.self) { try DataFormats.read(folder.path) }
        #expect(try Npy.texts(ByteSlice(inputs), path: "x", name: "")?.values == nil)
    }

    @Test(arguments: [
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "header"),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "header"),
        ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "header"),
        ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "header"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': 1}", "header"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "header"),
        ("{'descr': '<f4', 'fortran_order': False}", "header"),
        ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "header"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", "header"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 999999999999999999, 999999999999999999)}", "header"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "header"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000,)}", "size"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': ()}}", "header"), ("[[[[", "header"), ("", "header"),
    ])
    func hostileHeadersNameThePlace(header: String, place: String) {
        #expect { try decode(file(header, [0, 0, 0, 0])) } throws: { ($0 as? FileProblem)?.place == place }
    }

    @Test func everyTruncationIsRefused() throws {
        let plain = Npy.encode(Tensor("x", [1.5, 2.5, -3], shape: [3, 1])).flatMap { $0 }
        #expect(try decode(plain).floats() == [1.5, 2.5, -3])
        for length in plain.indices {
            #expect(throws: FileProblem.self) { try decode(Array(plain[..<length])) }
            put(Array(plain[..<length]), folder("cut.npy"))
            #expect(throws: FileProblem.self) { try Npy.read(folder("cut.npy")) }
        }
        #expect(throws: FileProblem.self) { try decode(plain + [0]) }
        #expect(throws: FileProblem.self) { try Npy.read("/dev/zero") }
    }

    @Test func mappedAndReadAreTheSame() throws {
        let values = (0..<1000).map { Float($0) * 0.37 }
        try Npy.write(Tensor("x", values, shape: [10, 100]), to: folder("a.npy"))
        let read = try Npy.read(folder("a.npy")), mapped = try Npy.read(folder("a.npy"), mapsAbove: 0)
        #expect(!read.bytes.isMapped && mapped.bytes.isMapped)
        #expect(read.floats() == values && mapped.floats() == values)
        let elements = try mapped.elements()
        #expect(elements.isMapped && elements.kind == .float32 && elements[999] == values[999])
        #expect(try elements.checksum == read.elements().checksum)
        try Npz.write([Tensor("y", values)], to: folder("b.npz"))
        let stored = try Npz.read(folder("b.npz"), mapsAbove: 0)
        #expect(stored[0].bytes.isMapped && stored[0].floats() == values)
    }

    @Test(
        arguments: [
            (0x0000, 0), (0x8000, -0.0), (0x3C00, 1), (0xC000, -2), (0x7BFF, 65504), (0x0001, 0x1p-24),
            (0x83FF, -0x3FFp-24), (0x0400, 0x1p-14), (0x7C00, .infinity), (0x3555, 0.333251953125),
        ] as [(UInt16, Float)])
    func halvesAreWhatTheirBitsSay(bits: UInt16, value: Float) {
        #expect(HalfFloat.value(bits) == value && HalfFloat.value(bits).sign == value.sign)
    }

    // MARK: NumPy

    @Test(.enabled(if: NpyTests.python != nil)) func whatNumPyWroteIsRead() throws {
        try run(
            """
            import numpy as np
            rng = np.random.default_rng(1)
            lines = []
            n = 0
            for code in ['?', 'u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f2', 'f4', 'f8']:
                for order in ['<', '>']:
                    for shape in [(), (5,), (3, 4), (2, 3, 5), (4, 1, 2, 3)]:
                        for fortran in [False, True]:
                            a = (rng.integers(0, 200, shape) - (0 if code[0] in 'u?' else 100)).astype(order + code)
                            if code[0] == 'f': a = (a * np.float64(0.37)).astype(order + code)
                            a = np.asarray(a, order='F' if fortran else 'C')
                            np.save(f'{n}.npy', a)
                            flat = np.asarray(a, dtype=np.float32).flatten(order='C')
                            lines.append(' '.join(str(int(v.view(np.uint32))) for v in flat))
                            n += 1
            np.lib.format.write_array(open('v2.npy', 'wb'), np.arange(4.0), version=(2, 0))
            np.lib.format.write_array(open('v3.npy', 'wb'), np.arange(4.0), version=(3, 0))
            np.save('objects.npy', np.array([{}, None], dtype=object), allow_pickle=True)
            np.savez('stored.npz', x_train=np.arange(12).reshape(3, 4), y=np.float16([1, 2]))
            np.savez_compressed('packed.npz', x_train=np.arange(12).reshape(3, 4), y=np.float16([1, 2]))
            open('lines.txt', 'w').write('\\n'.join(lines))
            """)
        let lines = String(decoding: try #require(contents(folder("lines.txt"))), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 240)
        for (number, line) in lines.enumerated() {
            let array = try Npy.read(folder("\(number).npy"))
            let expected = line.split(separator: " ").map { Float(bitPattern: UInt32($0)!) }
            #expect(array.floats() == expected, "\(number): \(array.summary)")
            let elements = try array.elements()
            #expect((0..<expected.count).allSatisfy { elements[$0] == expected[$0] })
            if array.isWhole { #expect(try array.integers().map(Float.init) == expected) }
        }
        for name in ["v2", "v3"] { #expect(try Npy.read(folder("\(name).npy")).floats() == [0, 1, 2, 3]) }
        #expect { try Npy.read(folder("objects.npy")) } throws: {
            ($0 as? FileProblem)?.found.contains("objects, which only Python reads") == true
        }
        for name in ["stored", "packed"] {
            let arrays = try Npz.read(folder("\(name).npz"))
            #expect(arrays.map(\.name) == ["x_train", "y"] && arrays[0].dimensions == [3, 4])
            #expect(try arrays[0].integers() == Array(0..<12) && arrays[1].floats() == [1, 2])
        }
    }

    @Test(.enabled(if: NpyTests.python != nil)) func whatIsWrittenNumPyReads() throws {
        let tensors = [
            Tensor("weight", [1, 2.5, -3, 0, 0, 0], shape: [2, 3]), Tensor("flags", [true, false]),
            Tensor("count", [7] as [Int64], shape: []), Tensor("bytes", [1, 2, 255] as [UInt8]),
        ]
        try Npy.write(tensors[0], to: folder("w.npy"))
        try Npz.write(tensors, to: folder("a.npz"))
        try Npz.write(tensors, to: folder("b.npz"), isDeflated: true)
        try run(
            """
            import numpy as np, zipfile
            w = np.load('w.npy')
            assert w.dtype == np.float32 and w.tolist() == [[1, 2.5, -3], [0, 0, 0]], w
            assert open('w.npy', 'rb').read() == (np.save('own.npy', w), open('own.npy', 'rb').read())[1]
            for name in ['a.npz', 'b.npz']:
                assert zipfile.ZipFile(name).testzip() is None
                a = np.load(name)
                assert sorted(a.files) == ['bytes', 'count', 'flags', 'weight'], a.files
                assert a['weight'].tolist() == w.tolist() and a['count'] == 7 and a['count'].shape == ()
                assert a['bytes'].tolist() == [1, 2, 255] and a['flags'].tolist() == [1, 0]
            """)
    }

    // MARK: Archives

    private func archive(isDeflated: Bool) throws -> [UInt8] {
        let tensors = [Tensor("x", (0..<40).map(Float.init)), Tensor("y", [1, 2, 3] as [UInt8])]
        try Npz.write(tensors, to: folder("z.npz"), isDeflated: isDeflated)
        return try #require(contents(folder("z.npz")))
    }
    private func read(_ bytes: [UInt8]) throws -> [NumberArray] {
        put(bytes, folder("hostile.npz"))
        return try Npz.read(folder("hostile.npz"))
    }

    @Test(arguments: [false, true]) func damagedArchivesAreRefused(isDeflated: Bool) throws {
        let bytes = try archive(isDeflated: isDeflated)
        let whole = try read(bytes)
        #expect(whole.map(\.name) == ["x", "y"] && whole[0].floats() == (0..<40).map(Float.init))
        for length in bytes.indices { #expect(throws: FileProblem.self) { try read(Array(bytes[..<length])) } }
        #expect(throws: FileProblem.self) { try read(bytes + [0]) }
        // A comment behind the end is one if the end says so; bytes that are changed never give other arrays.
        for place in bytes.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[place] ^= change
                if let arrays = try? read(damaged) {
                    #expect(
                        arrays.allSatisfy { array in
                            whole.contains { $0.dimensions == array.dimensions && $0.floats() == array.floats() }
                        }, "byte \(place)")
                }
            }
        }
        // Without the directory's own: sizes of 4 GB in every field of four bytes.
        for place in 0..<bytes.count - 4 {
            var huge = bytes
            huge.replaceSubrange(place..<place + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
            _ = try? read(huge)
        }
    }

    @Test func equalArraysGiveEqualBytes() throws {
        #expect(try archive(isDeflated: true) == archive(isDeflated: true))
    }

    @Test(.enabled(if: NpyTests.python != nil)) func archivesOfOtherKindsAreRead() throws {
        try run(
            """
            import numpy as np, zipfile, io
            def npy(a):
                f = io.BytesIO(); np.save(f, a); return f.getvalue()
            with zipfile.ZipFile('long.npz', 'w') as z:
                with z.open(zipfile.ZipInfo('a.npy'), 'w', force_zip64=True) as f: f.write(npy(np.arange(5)))
                z.comment = b'hello PK\\x05\\x06 there'
                z.writestr('readme.txt', 'x')
            class Pipe(io.RawIOBase):
                def __init__(self, f): self.f = f
                def writable(self): return True
                def write(self, b): return self.f.write(b)
            with open('streamed.npz', 'wb') as f, zipfile.ZipFile(Pipe(f), 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('a.npy', npy(np.arange(5)))
            with zipfile.ZipFile('many.npz', 'w') as z:
                for i in range(70000): z.writestr(f'{i}.npy', b'')
                z.writestr('a.npy', npy(np.arange(5)))
            with zipfile.ZipFile('none.npz', 'w') as z: z.writestr('a.txt', 'x')
            with zipfile.ZipFile('bzip.npz', 'w', zipfile.ZIP_BZIP2) as z: z.writestr('a.npy', npy(np.arange(5)))
            """)
        for name in ["long", "streamed"] {
            #expect(try Npz.read(folder("\(name).npz"))[0].integers() == [0, 1, 2, 3, 4], "\(name)")
        }
        #expect(try Npz.Archive(folder("many.npz")).array("a").integers() == [0, 1, 2, 3, 4])
        #expect(throws: FileProblem.self) { try Npz.read(folder("none.npz")) }
        #expect { try Npz.read(folder("bzip.npz")) } throws: {
            ($0 as? FileProblem)?.found == "compression method 12"
        }
    }
}
