/// Sizes in bytes of the data caches that one core reads through. Every size of a kernel that stands for a cache follows from
/// these (`Caches+Rules.swift`), and none changes a bit of a result.
package struct Caches: Sendable, Hashable {
    package let first: Int
    package let second: Int
    /// Shared by several cores. Where there is none, as large as the second.
    package let third: Int

    package init(first: Int, second: Int, third: Int) {
        precondition(0 < first && first <= second && second <= third)
        (self.first, self.second, self.third) = (first, second, third)
    }

    /// Where a machine does not say.
    package static let unknown = Caches(first: 32 << 10, second: 512 << 10, third: 32 << 20)
}

// As text: `32K,512K,32M`.
extension Caches: CustomStringConvertible {
    /// What a variable of the environment may hold in place of the machine's own.
    package static let variable = "ESPALIER_CACHES"
    private static let accepted = 1 << 10...1 << 30

    package var description: String { [first, second, third].map(Self.text).joined(separator: ",") }

    private static func text(_ bytes: Int) -> String {
        bytes % (1 << 20) == 0 ? "\(bytes >> 20)M" : bytes % (1 << 10) == 0 ? "\(bytes >> 10)K" : "\(bytes)"
    }

    /// - Throws: `CachesError` where it is not three sizes from 1K to 1024M, none smaller than the one before.
    package init(_ text: String) throws {
        let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Self.bytes(String($0)) ?? 0 }
        guard sizes.count == 3, sizes.allSatisfy(Self.accepted.contains), sizes[0] <= sizes[1], sizes[1] <= sizes[2]
        else {
            throw CachesError(text: text)
        }
        self.init(first: sizes[0], second: sizes[1], third: sizes[2])
    }

    /// Of `48K`, as the kernel of the system writes it, of `32M` and of `49152`.
    static func bytes(_ text: String) -> Int? {
        let units: [Character: Int] = ["K": 10, "M": 20]
        let shift = text.last.flatMap { units[$0] }
        let digits = shift == nil ? Substring(text) : text.dropLast()
        guard !digits.isEmpty, digits.count <= 10, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(digits).map { $0 << (shift ?? 0) }
    }
}

package struct CachesError: Error, CustomStringConvertible {
    let text: String

    package var description: String {
        "\(Caches.variable) is '\(text)'; accepted: three sizes from 1K to 1024M, of the first-, second- and third-level "
            + "cache, none smaller than the one before, as \(Caches.unknown)"
    }
}
