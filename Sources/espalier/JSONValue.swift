import Foundation

/// A value in a line of JSON: whatever it holds, an encoder writes it.
enum JSONValue: Encodable {
    case text(String)
    case whole(Int)
    /// JSON has no numbers but finite ones: null stands for the others.
    case number(Double)
    case flag(Bool)
    case list([JSONValue])
    case object([String: JSONValue])

    /// What is none of these is its text.
    init(_ value: Any) {
        switch value {
        case let text as String: self = .text(text)
        case let flag as Bool: self = .flag(flag)
        case let whole as any BinaryInteger: self = .whole(Int(clamping: whole))
        case let number as any BinaryFloatingPoint: self = .number(Double(number))
        case let list as [Any]: self = .list(list.map(JSONValue.init))
        default: self = .text("\(value)")
        }
    }

    /// For figures that were measured: more digits say nothing.
    var inSixDigits: JSONValue {
        switch self {
        case .number(let number) where number.isFinite: .number(Double(String(format: "%.6g", number)) ?? number)
        case .list(let values): .list(values.map(\.inSixDigits))
        case .object(let values): .object(values.mapValues(\.inSixDigits))
        default: self
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .text(let text): try value.encode(text)
        case .whole(let whole): try value.encode(whole)
        case .number(let number): number.isFinite ? try value.encode(number) : try value.encodeNil()
        case .flag(let flag): try value.encode(flag)
        case .list(let values): try value.encode(values)
        case .object(let values): try value.encode(values)
        }
    }
}
