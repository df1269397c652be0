import Interchange
import Kernels
import Testing

@Suite struct SafetensorsTests {
    let folder = TemporaryFolder()

    @Test func layoutIsTheDocumentedOne() {
        let file = TensorFile(
            tensors: [Tensor("b", [1.5] as [Float]), Tensor("a", [true, false, true])], metadata: ["k": "v\n"])
        let header =
            "{\"__metadata__\":{\"k\":\"v\\u000a\"},\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(
            Array(Safetensors.encode(file).joined())
                == [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [0, 0, 0xC0, 0x3F, 1, 0, 1])
    }

    @Test(arguments: 0..<40) func randomRoundTrips(number: Int) throws {
        let random = CounterRandom(seed: UInt64(number), purpose: .test)
        let names = ["fc1.weight", "ü \"x\"\\", "日本", "a\tb", "", "z/😀", "w"]
        let tensors = (0..<random.integer(below: 8, 0)).map { index in
            let type = Tensor.Element.allCases[random.integer(below: 15, 1, index)]
            let shape = (0..<random.integer(below: 4, 2, index)).map { random.integer(below: 5, 3, index, $0) }
            let bytes = (0..<(shape.reduce(1, *) * type.bytes)).map { UInt8(random.integer(below: 256, 4, index, $0)) }
            return Tensor(names[index % names.count], type, shape: shape, bytes: bytes)
        }
        let unique = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let metadata = number % 2 == 0 ? ["ä\"": "\u{1}\\", "b": ""] : [:]
        let file = TensorFile(tensors: Array(unique.values), metadata: metadata)
        try Safetensors.write(file, to: folder("t"))
        let read = try Safetensors.read(folder("t"))
        #expect(read == file)
        #expect(Safetensors.encode(read) == Safetensors.encode(file))
        #expect(folder.names == ["t"])
    }

    @Test func valuesKeepTheirBits() throws {
        let floats: [Float] = [0, -0.0, .infinity, .leastNonzeroMagnitude, 1 / 3]
        let file = TensorFile(tensors: [
            Tensor("f", floats, shape: [5, 1]), Tensor("i", [-1, .max] as [Int32]), Tensor("u", [.max] as [UInt64]),
            Tensor("b", [true, false]),
        ])
        let read = try Safetensors.decode(Array(Safetensors.encode(file).joined()), path: "m")
        #expect(try read.floats("f", shape: [5, 1]).map(\.bitPattern) == floats.map(\.bitPattern))
        #expect(try read.integers("i") == [-1, .max])
        #expect(read["u"]?.words == [.max])
        #expect(read["b"]?.flags == [true, false])
        #expect(read["f"]?.integers == nil && read["none"] == nil)
        #expect(
            throws: FileProblem(path: "m", place: "tensor 'f'", found: "F32 [5, 1]", expected: "F32 [5]")
        ) { try read.floats("f", shape: [5]) }
        #expect(throws: FileProblem.self) { try read.integers("f") }
        #expect(throws: FileProblem.self) { try read.text("k") }
    }

    @Test func everyTruncationAndExtensionIsRefused() {
        let bytes = small
        for length in 0..<bytes.count {
            #expect(throws: FileProblem.self) { try Safetensors.decode(Array(bytes[..<length]), path: "cut") }
        }
        #expect(throws: FileProblem.self) { try Safetensors.decode(bytes + [0], path: "long") }
    }

    /// Whatever a changed byte does, it must end in a file or a `FileProblem`, never in a trap.
    @Test func changedBytesNeverTrap() {
        let bytes = small
        for position in bytes.indices {
            for value in [0, 0x22, 0x2C, 0x39, 0x5B, 0x5C, 0x7B, 0x7D, 0xFF] as [UInt8] {
                var changed = bytes
                changed[position] = value
                do { _ = try Safetensors.decode(changed, path: "changed") } catch { #expect(error is FileProblem) }
            }
        }
    }

    @Test(arguments: [
        // Overlap, hole, order, outside, too few bytes for the shape.
        #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}"#,
        #"{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}"#,
        #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#,
        #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}"#,
        // Sizes that overflow, also on the way to zero.
        #"{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[9223372036854775807,9223372036854775807,0],"data_offsets":[0,0]}}"#,
        #"{"a":{"dtype":"U8","shape":[18446744073709551620],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[9223372036854775803,9223372036854775807]}}"#,
        // Names twice, plain and through an escape; keys twice.
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\u0061":{}}"#,
        #"{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
        // Wrong kinds and grammar.
        #"{"a":{"dtype":"X8","shape":[4],"data_offsets":[0,4]}}"#, #"{"a":{"dtype":"U8","shape":[4]}}"#,
        #"{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[04],"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"U8","shape":4,"data_offsets":[0,4]}}"#,
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}}"#, #"{"a":[4]}"#, #"{"__metadata__":{"k":1}}"#,
        #"{"__metadata__":"k"}"#, #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}} x"#, "[]", "{", "", " {}",
        #"{"a":{"dtype":"U8","shape":[[[[[[4]]]]]],"data_offsets":[0,4]}}"#, #"{"\ud800":{}}"#, #"{"\x":{}}"#, #"{"a"#,
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},}"#,
    ])
    func hostileHeaders(header: String) {
        #expect(throws: FileProblem.self) { try Safetensors.decode(framed(header), path: "hostile") }
    }

    @Test func theFrameOfTheHostileHeadersIsSound() throws {
        let header =
            #"{"a":{"shape":[4],"dtype":"U8","data_offsets":[0,4]}, "#
            + #""b": {"dtype":"F64","shape":[0,3],"data_offsets":[4,4]} }   "#
        #expect(try Safetensors.decode(framed(header), path: "good").bytes("a") == [1, 2, 3, 4])
    }

    @Test func hugeHeaderLengthsAndDeepNestingAreRefused() {
        for length in [100_000_001, UInt64(Int64.max), .max] {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}".utf8)
            #expect(throws: FileProblem.self) { try Safetensors.decode(bytes, path: "huge") }
        }
        let deep = "{\"a\":" + String(repeating: "[", count: 1_000_000)
        #expect(throws: FileProblem.self) { try Safetensors.decode(framed(deep), path: "deep") }
    }

    @Test func messagesHoldNoControlCharacters() {
        let header = #"{"\u001b[31m":[1]}"#
        #expect { try Safetensors.decode(framed(header), path: "x") } throws: {
            "\($0)" == "x, tensor '␛[31m': found no object, expected dtype, shape and data_offsets"
        }
    }

    /// Two tensors and an entry of metadata.
    private var small: [UInt8] {
        let tensors = [Tensor("a", [1, 2] as [Float]), Tensor("b", [3] as [UInt8])]
        return Array(Safetensors.encode(TensorFile(tensors: tensors, metadata: ["k": "v"])).joined())
    }

    /// A header before four bytes of data.
    private func framed(_ header: String) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + [1, 2, 3, 4]
    }
}
