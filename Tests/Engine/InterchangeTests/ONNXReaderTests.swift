import Foundation
import Interchange
import Testing

/// ONNX files by their field numbers, and what no file may say.
@Suite struct ONNXReaderTests {
    let folder = TemporaryFolder()

    /// A tensor's message: name, shape, element type, and its elements in whatever field.
    private func tensor(
        _ name: String, _ shape: [Int], _ element: Int, _ fill: (inout WireWriter) -> Void
    ) -> [UInt8] {
        var writer = WireWriter()
        writer.integers(1, shape)
        writer.integer(2, element)
        fill(&writer)
        writer.text(8, name)
        return writer.bytes
    }

    private func model(_ tensors: [[UInt8]], nodes: Int = 1) -> [UInt8] {
        var writer = WireWriter()
        writer.integer(1, 8)
        writer.text(2, "test")
        writer.message(7) { graph in
            for number in 0..<nodes {
                graph.message(1) {
                    $0.text(1, number == 0 ? "x" : "y\(number - 1)")
                    $0.text(2, "y\(number)")
                    $0.text(4, "Relu")
                }
            }
            for tensor in tensors { graph.data(5, tensor) }
            graph.message(11) { value in
                value.text(1, "x")
                value.message(2) { type in
                    type.message(1) { tensor in
                        tensor.integer(1, 1)
                        tensor.message(2) { shape in
                            shape.message(1) { $0.text(2, "N") }
                            shape.message(1) { $0.integer(1, 3) }
                        }
                    }
                }
            }
            graph.message(12) { $0.text(1, "y\(nodes - 1)") }
        }
        writer.message(8) { $0.integer(2, 17) }
        return writer.bytes
    }

    private func read(_ bytes: [UInt8]) throws -> ONNXModel { try ONNXReader.read(MappedFile(bytes, path: "model")) }

    private func floats(_ tensor: [UInt8]) throws -> [Float] {
        try read(model([tensor])).graph.initializers[0].floats()
    }

    @Test func whatAFileSays() throws {
        let read = try read(model([tensor("w", [2], 1) { $0.floats(4, [1, 2]) }]))
        #expect(read.irVersion == 8 && read.producer == "test" && read.opset == 17)
        #expect(read.graph.nodes.map(\.type) == ["Relu"] && read.graph.nodes[0].inputs == ["x"])
        #expect(read.graph.inputs[0].axes == [.symbol("N"), .size(3)] && read.graph.inputs[0].element == .float)
        #expect(read.graph.outputs.map(\.name) == ["y0"] && read.graph.initializers[0].shape == [2])
    }

    @Test func elementsOfEveryKind() throws {
        #expect(try floats(tensor("a", [2], 1) { $0.floats(4, [1.5, -2]) }) == [1.5, -2])
        #expect(
            try floats(
                tensor("a", [2], 1) {
                    $0.float(4, 1.5); $0.float(4, 3)
                }) == [1.5, 3])
        #expect(try floats(tensor("a", [1], 1) { $0.data(9, [0, 0, 0xC0, 0x3F]) }) == [1.5])
        #expect(try floats(tensor("a", [2], 10) { $0.data(9, [0, 0x3C, 0, 0xC0]) }) == [1, -2], "float16")
        #expect(try floats(tensor("a", [2], 10) { $0.integers(5, [0x3C00, 0xC000]) }) == [1, -2], "float16, typed")
        #expect(try floats(tensor("a", [1], 16) { $0.data(9, [0xC0, 0x3F]) }) == [1.5], "bfloat16")
        #expect(try floats(tensor("a", [1], 11) { $0.data(9, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]) }) == [1.5], "double")
        #expect(try floats(tensor("a", [2], 7) { $0.integers(7, [5, -1]) }) == [5, -1])
        #expect(try floats(tensor("a", [3], 22) { $0.data(9, [0xF7, 0x01]) }) == [7, -1, 1], "int4")
        #expect(try floats(tensor("a", [2], 3) { $0.data(9, [1, 0xFF]) }) == [1, -1])
        #expect(try floats(tensor("a", [0], 1) { _ in }) == [])
        let integers = try read(model([tensor("a", [1], 12) { $0.data(9, [0xFF, 0xFF, 0xFF, 0xFF]) }]))
        #expect(try integers.graph.initializers[0].integers() == [0xFFFF_FFFF])
    }

    @Test func wrongLengthsAreNamed() throws {
        let short = tensor("w", [2, 3], 1) { $0.data(9, [UInt8](repeating: 0, count: 20)) }
        #expect(
            throws: FileProblem(
                path: "model", place: "tensor 'w'", found: "20 bytes",
                expected: "24 bytes for 6 elements of float, shape [2, 3]")
        ) { try floats(short) }
        #expect(throws: FileProblem.self) { try floats(tensor("w", [2], 1) { $0.floats(4, [1]) }) }
        #expect(throws: FileProblem.self) { try floats(tensor("w", [2], 1) { $0.floats(4, [1, 2, 3]) }) }
        #expect(throws: FileProblem.self) { try floats(tensor("w", [2], 7) { $0.integers(7, [1]) }) }
        #expect(throws: FileProblem.self) { try read(model([tensor("w", [-1], 1) { _ in }])) }
        #expect(throws: FileProblem.self) { try read(model([tensor("w", [1 << 40, 1 << 40], 1) { _ in }])) }
        #expect(throws: FileProblem.self) { try read(model([tensor("w", [1], 99) { _ in }])) }
    }

    @Test func everyTruncationAndEveryChangedByteEndsWell() throws {
        let bytes = model(
            [tensor("w", [2], 1) { $0.floats(4, [1, 2]) }, tensor("i", [1], 7) { $0.integers(7, [4]) }], nodes: 2)
        func attempt(_ bytes: [UInt8]) {
            do {
                for tensor in try read(bytes).graph.initializers { _ = try tensor.floats() }
            } catch {
                #expect(error is FileProblem)
            }
        }
        for length in bytes.indices { attempt(Array(bytes[..<length])) }
        for position in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[position] = value
                attempt(changed)
            }
        }
    }

    private func external(_ location: String, offset: String? = nil, length: String? = nil) -> [UInt8] {
        tensor("w", [2], 1) { writer in
            for (key, value) in [("location", location), ("offset", offset ?? "0"), ("length", length ?? "8")] {
                writer.message(13) {
                    $0.text(1, key)
                    $0.text(2, value)
                }
            }
            writer.integer(14, 1)
        }
    }

    @Test func elementsBesideTheModel() throws {
        put([9, 9, 9, 9, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], folder("w.bin"))
        put(model([external("w.bin", offset: "4")]), folder("m.onnx"))
        #expect(try ONNXReader.read(folder("m.onnx")).graph.initializers[0].floats() == [1, 2])
        for (offset, length) in [("8", "8"), ("13", "0"), ("-1", "8"), ("x", "8"), ("9223372036854775807", "8")] {
            put(model([external("w.bin", offset: offset, length: length)]), folder("m.onnx"))
            #expect(throws: FileProblem.self) { try ONNXReader.read(folder("m.onnx")) }
        }
    }

    @Test func noFileOutsideTheFolderIsRead() throws {
        let outside = TemporaryFolder()
        put([UInt8](repeating: 0, count: 8), outside("w.bin"))
        symlink(outside("w.bin"), folder("link"))
        symlink(outside.path, folder("away"))
        for location in [outside("w.bin"), "../w.bin", "a/../../w.bin", "link", "away/w.bin", "none", "", "."] {
            put(model([external(location)]), folder("m.onnx"))
            #expect(throws: FileProblem.self, "\(location)") { try ONNXReader.read(folder("m.onnx")) }
        }
    }

    @Test func whatIsNoModel() throws {
        for bytes in [[], [1, 2, 3], Array("not a model at all".utf8), [0x08, 8], [0x08, 1, 0x3A, 0]] as [[UInt8]] {
            #expect(throws: FileProblem.self) { try read(bytes) }
        }
    }
}
