import Sparsity
import Training

/// Numbers of a file are whatever somebody wrote there: each is read within the range in which it means something, and
/// is left out where it is no number.
extension KeyedDecodingContainer {
    func whole(_ key: Key, within range: ClosedRange<Int>) -> Int? {
        if let number = try? decode(Int.self, forKey: key) {
            return min(max(number, range.lowerBound), range.upperBound)
        }
        // Too large for an Int, or not whole.
        guard let number = finite(key) else { return nil }
        if number >= Double(range.upperBound) { return range.upperBound }
        return number <= Double(range.lowerBound) ? range.lowerBound : Int(number)
    }

    func finite(_ key: Key) -> Double? {
        (try? decode(Double.self, forKey: key)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Ends of scales and axes by name, without those that are none.
    func ends(_ key: Key) -> [String: Float] {
        guard let values = try? decode([String: Lenient<Float>].self, forKey: key) else { return [:] }
        return values.compactMapValues(\.value).filter { $0.value.isFinite && $0.value > 0 }
    }

    /// The entries that can be read.
    func list<Element: Decodable>(_ key: Key, of type: Element.Type) -> [Element] {
        (try? decode([Lenient<Element>].self, forKey: key))?.compactMap(\.value) ?? []
    }

    func value<Value: Decodable>(_ key: Key, or fallback: Value) -> Value {
        (try? decode(Value.self, forKey: key)) ?? fallback
    }
}

/// An entry that may be wrong, among others that are not.
struct Lenient<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

/// More than any network, run or data set has, and so little that sums and products of some stay whole numbers.
let mostOfAnything = 1 << 40

extension Draft {
    /// Whether its line is one that a person could have drawn.
    var isSound: Bool {
        switch anchor {
        case .kept(let count): (0...mostOfAnything).contains(count)
        // Some scores are below zero.
        case .threshold(let value): value.isFinite && (value >= 0 || ranking != nil)
        }
    }

    /// The same on this network: nil where its layer is none of it, or nothing would stand behind the line.
    func fitted(to snapshot: Snapshot) -> Draft? {
        let total = scope.total(snapshot)
        guard isSound, total > 0 else { return nil }
        guard case .kept(let count) = anchor else { return self }
        var fitted = self
        fitted.anchor = .kept(min(count, total))
        return fitted
    }
}

extension Training.Measurement {
    /// Whether it is one that this program could have made.
    var isSound: Bool {
        let counts = [trainedSteps, lost, won, kept, now.count, now.step, cut.count, cut.step]
        return draft.isSound && (0...1).contains(sparsity) && now.isSound && cut.isSound && elapsedSeconds.isFinite
            && margin.isFinite
            && counts.allSatisfy { (0...mostOfAnything).contains($0) } && lost <= now.count && won <= now.count
    }
}

extension Reading {
    fileprivate var isSound: Bool {
        (0...(isPercent ? 100 : Double.greatestFiniteMagnitude)).contains(value) && margin.isFinite && margin >= 0
    }
}
