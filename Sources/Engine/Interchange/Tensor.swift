/// A named array in the bytes of a file: row-major, little-endian.
package struct Tensor: Sendable, Equatable {
    /// Element types, under the names that safetensors gives them.
    package enum Element: String, Sendable, CaseIterable {
        case bool = "BOOL"
        case u8 = "U8", i8 = "I8", f8e5m2 = "F8_E5M2", f8e4m3 = "F8_E4M3"
        case u16 = "U16", i16 = "I16", f16 = "F16", bf16 = "BF16"
        case u32 = "U32", i32 = "I32", f32 = "F32"
        case u64 = "U64", i64 = "I64", f64 = "F64"

        package var bytes: Int {
            switch self {
            case .bool, .u8, .i8, .f8e5m2, .f8e4m3: 1
            case .u16, .i16, .f16, .bf16: 2
            case .u32, .i32, .f32: 4
            case .u64, .i64, .f64: 8
            }
        }
    }

    package let name: String
    package let type: Element
    /// Empty for a single number.
    package let shape: [Int]
    package let bytes: [UInt8]

    /// - Precondition: bytes as many as shape and type need.
    package init(_ name: String, _ type: Element, shape: [Int], bytes: [UInt8]) {
        precondition(shape.reduce(1, *) * type.bytes == bytes.count, "\(name): \(bytes.count) bytes for \(shape)")
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }

    package init(_ name: String, _ values: [Float], shape: [Int]? = nil) {
        self.init(name, .f32, shape: shape ?? [values.count], bytes: Self.encoded(values))
    }

    package init(_ name: String, _ values: [Int32], shape: [Int]? = nil) {
        self.init(name, .i32, shape: shape ?? [values.count], bytes: Self.encoded(values))
    }

    package init(_ name: String, _ values: [UInt16], shape: [Int]? = nil) {
        self.init(name, .u16, shape: shape ?? [values.count], bytes: Self.encoded(values))
    }

    package init(_ name: String, _ values: [UInt32], shape: [Int]? = nil) {
        self.init(name, .u32, shape: shape ?? [values.count], bytes: Self.encoded(values))
    }

    package init(_ name: String, _ values: [Int64], shape: [Int]? = nil) {
        self.init(name, .i64, shape: shape ?? [values.count], bytes: Self.encoded(values))
    }

    package init(_ name: String, _ values: [UInt64], shape: [Int]? = nil) {
        self.init(name, .u64, shape: shape ?? [values.count], bytes: Self.encoded(values))
    }

    package init(_ name: String, _ values: [UInt8], shape: [Int]? = nil) {
        self.init(name, .u8, shape: shape ?? [values.count], bytes: values)
    }

    /// One byte a flag, 0 or 1, as U8.
    package init(_ name: String, _ values: [Bool], shape: [Int]? = nil) {
        self.init(name, values.map { $0 ? 1 : 0 } as [UInt8], shape: shape)
    }

    /// The values, or nil where the type is another.
    package var floats: [Float]? { type == .f32 ? decoded() : nil }
    package var integers: [Int32]? { type == .i32 ? decoded() : nil }
    package var words: [UInt64]? { type == .u64 ? decoded() : nil }
    /// Nil also where a byte is neither 0 nor 1.
    package var flags: [Bool]? {
        (type == .u8 || type == .bool) && bytes.allSatisfy { $0 <= 1 } ? bytes.map { $0 == 1 } : nil
    }

    // Bits are copied as they lie in memory, which every processor Swift runs on has little-endian.
    private static func encoded<Number: BitwiseCopyable>(_ values: [Number]) -> [UInt8] {
        values.withUnsafeBytes { Array($0) }
    }

    package func decoded<Number: BitwiseCopyable>() -> [Number] {
        let count = bytes.count / MemoryLayout<Number>.stride
        return [Number](unsafeUninitializedCapacity: count) { values, initialized in
            UnsafeMutableRawBufferPointer(values).copyBytes(from: bytes)
            initialized = count
        }
    }
}
