/// An array as a file holds it: nothing is converted before somebody asks.
package struct NumberArray: Sendable {
    package let type: Tensor.Element
    /// Empty for a single number.
    package let dimensions: [Int]
    package let isBigEndian: Bool
    /// The first axis is the one that varies fastest, as Fortran has it.
    package let isColumnMajor: Bool
    package let bytes: ByteSlice
    /// For messages: the file, and the array in it ("" where it holds one).
    package let path: String
    package let name: String

    /// - Precondition: bytes as many as type and dimensions need.
    package init(
        _ type: Tensor.Element, _ dimensions: [Int], _ bytes: ByteSlice, isBigEndian: Bool = false,
        isColumnMajor: Bool = false, path: String, name: String = ""
    ) {
        precondition(dimensions.reduce(1, *) * type.bytes == bytes.count)
        self.type = type
        self.dimensions = dimensions
        self.bytes = bytes
        self.isBigEndian = isBigEndian
        // Of one axis longer than 1 both orders are the same.
        self.isColumnMajor = isColumnMajor && dimensions.count { $0 > 1 } > 1
        self.path = path
        self.name = name
    }

    package var count: Int { dimensions.reduce(1, *) }
    /// As a message names it: "array 'x_train'", or "array".
    package var place: String { name.isEmpty ? "array" : "array \(FileProblem.quote(name))" }
    /// As NumPy names types.
    package var typeName: String {
        switch type {
        case .bool: "bool"
        case .u8: "uint8"
        case .i8: "int8"
        case .u16: "uint16"
        case .i16: "int16"
        case .u32: "uint32"
        case .i32: "int32"
        case .u64: "uint64"
        case .i64: "int64"
        case .f16: "float16"
        case .bf16: "bfloat16"
        case .f32: "float32"
        case .f64: "float64"
        case .f8e4m3: "float8_e4m3"
        case .f8e5m2: "float8_e5m2"
        }
    }
    package var summary: String { "\(typeName) (\(dimensions.map(String.init).joined(separator: ", ")))" }
    package var isWhole: Bool { ![.f16, .bf16, .f32, .f64, .f8e4m3, .f8e5m2].contains(type) }

    package func problem(_ found: String, expected: String) -> FileProblem {
        FileProblem(path: path, place: place, found: found, expected: expected)
    }

    /// The product of sizes that a stranger gave, times the bytes of an element; nil where no file could hold them.
    static func bytes(_ dimensions: [Int], of type: Tensor.Element) -> Int? {
        // A zero anywhere makes the product zero, so that overflow on the way to it must not pass for one.
        var product = type.bytes
        for size in dimensions {
            guard size >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(size, 1))
            guard !overflow, next <= 1 << 50 else { return nil }
            product = next
        }
        return dimensions.contains(0) ? 0 : product
    }

    // MARK: Values

    /// Bytes where it holds bytes (or flags, which are bytes of 0 and 1), else floats; in row-major order. What lies as it is
    /// needed is shared, not copied.
    ///
    /// - Throws: `FileProblem` where it has to be converted and memory does not take it.
    package func elements() throws -> Elements {
        let isDirect = !isColumnMajor && !isBigEndian
        if (type == .u8 || type == .bool) && !isColumnMajor { return Elements(.uint8, bytes) }
        if type == .f32 && isDirect { return Elements(.float32, bytes) }
        let free = FreeMemory.now
        let needed = count * (type == .u8 || type == .bool ? 1 : 4)
        guard Double(needed) <= free.bytes else {
            throw problem(
                "\(summary), which takes \(needed) bytes as what training reads",
                expected: "no more than memory takes (\(Int(free.bytes)) bytes are \(free.holder)), "
                    + "or uint8 or float32 in row-major order, which need not be converted")
        }
        if type == .u8 || type == .bool { return Elements(read(UInt8.self) { $0 }) }
        return Elements(floats())
    }

    /// In row-major order, rounded to the nearest.
    package func floats() -> [Float] {
        switch type {
        case .bool, .u8: read(UInt8.self) { Float($0) }
        case .i8: read(UInt8.self) { Float(Int8(bitPattern: $0)) }
        case .u16: read(UInt16.self) { Float($0) }
        case .i16: read(UInt16.self) { Float(Int16(bitPattern: $0)) }
        case .u32: read(UInt32.self) { Float($0) }
        case .i32: read(UInt32.self) { Float(Int32(bitPattern: $0)) }
        case .u64: read(UInt64.self) { Float($0) }
        case .i64: read(UInt64.self) { Float(Int64(bitPattern: $0)) }
        case .f16: read(UInt16.self) { HalfFloat.value($0) }
        case .bf16: read(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .f32: read(UInt32.self) { Float(bitPattern: $0) }
        case .f64: read(UInt64.self) { Float(Double(bitPattern: $0)) }
        case .f8e4m3, .f8e5m2: preconditionFailure("no reader gives these")
        }
    }

    /// Whole numbers in row-major order, whatever type holds them.
    ///
    /// - Throws: `FileProblem` where one is no whole number that 64 bits hold.
    package func integers() throws -> [Int64] {
        func exact(_ values: [Double]) throws -> [Int64] {
            try values.enumerated().map { place, value in
                guard let whole = Int64(exactly: value) else {
                    throw problem("\(value) at \(self.index(of: place))", expected: "whole numbers")
                }
                return whole
            }
        }
        switch type {
        case .bool, .u8: return read(UInt8.self) { Int64($0) }
        case .i8: return read(UInt8.self) { Int64(Int8(bitPattern: $0)) }
        case .u16: return read(UInt16.self) { Int64($0) }
        case .i16: return read(UInt16.self) { Int64(Int16(bitPattern: $0)) }
        case .u32: return read(UInt32.self) { Int64($0) }
        case .i32: return read(UInt32.self) { Int64(Int32(bitPattern: $0)) }
        case .i64: return read(UInt64.self) { Int64(bitPattern: $0) }
        case .u64:
            let words = read(UInt64.self) { $0 }
            if let place = words.firstIndex(where: { $0 > UInt64(Int64.max) }) {
                throw problem("\(words[place]) at \(index(of: place))", expected: "at most \(Int64.max)")
            }
            return words.map { Int64($0) }
        case .f64: return try exact(read(UInt64.self) { Double(bitPattern: $0) })
        default: return try exact(floats().map(Double.init))
        }
    }

    /// The place of an element as NumPy would index it: "[3, 0, 5]".
    package func index(of place: Int) -> String {
        var rest = place
        var indices: [Int] = []
        for size in dimensions.reversed() {
            indices.append(rest % max(size, 1))
            rest /= max(size, 1)
        }
        return "[\(indices.reversed().map(String.init).joined(separator: ", "))]"
    }

    private func read<Bits: FixedWidthInteger & BitwiseCopyable, Number>(_: Bits.Type, _ convert: (Bits) -> Number)
        -> [Number]
    {
        let width = MemoryLayout<Bits>.size, count = count
        return bytes.withBytes { bytes in
            [Number](unsafeUninitializedCapacity: count) { values, initialized in
                func put(_ place: Int, _ source: Int) {
                    let bits = bytes.loadUnaligned(fromByteOffset: source * width, as: Bits.self)
                    (values.baseAddress! + place).initialize(
                        to: convert(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)))
                }
                if isColumnMajor {
                    var steps: [Int] = []
                    var step = 1
                    for size in dimensions {
                        steps.append(step)
                        step *= size
                    }
                    var index = [Int](repeating: 0, count: dimensions.count)
                    var source = 0
                    for place in 0..<count {
                        put(place, source)
                        // The last axis is the first to go on.
                        var axis = dimensions.count - 1
                        while axis >= 0 {
                            index[axis] += 1
                            source += steps[axis]
                            if index[axis] < dimensions[axis] { break }
                            source -= steps[axis] * dimensions[axis]
                            index[axis] = 0
                            axis -= 1
                        }
                    }
                } else {
                    for place in 0..<count { put(place, place) }
                }
                initialized = count
            }
        }
    }
}

/// Half precision by its bits, on processors without it, too.
package enum HalfFloat {
    package static func value(_ bits: UInt16) -> Float {
        let sign = UInt32(bits >> 15) << 31
        let exponent = Int(bits >> 10 & 31), fraction = UInt32(bits & 1023)
        switch exponent {
        case 0:
            // Below the smallest exponent: fraction · 2⁻²⁴.
            let value = Float(fraction) * 0x1p-24
            return sign == 0 ? value : -value
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | UInt32(exponent + 112) << 23 | fraction << 13)
        }
    }
}
