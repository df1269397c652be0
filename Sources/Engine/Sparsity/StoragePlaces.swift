/// Where the live weights of a layer lie in storage, for as long as its mask is the same.
package final class StoragePlaces {
    /// Ascending row-major positions of the live weights; nil: all.
    package let positions: [Int]?
    /// In storage, of each live weight in row-major order.
    package let places: [UInt32]
    /// Places there are.
    package let count: Int

    package init(positions: [Int]?, places: [UInt32], count: Int) {
        self.positions = positions
        self.places = places
        self.count = count
    }

    /// Places of no weight.
    private(set) lazy var gaps: [UInt32] = {
        if places.count == count { return [] }
        var isGap = [Bool](repeating: true, count: count)
        for place in places { isGap[Int(place)] = false }
        return isGap.indices.filter { isGap[$0] }.map { UInt32($0) }
    }()

    /// A number of the weight at each place, 0 where there is none: what random numbers follow from. Made once.
    /// - Parameter number: of a row-major position, the same each time.
    func numbers(_ number: (_ position: Int) -> Int) -> [Int64] {
        if let held { return held }
        var numbers = [Int64](repeating: 0, count: count)
        for (live, place) in places.enumerated() { numbers[Int(place)] = Int64(number(positions?[live] ?? live)) }
        held = numbers
        return numbers
    }
    private var held: [Int64]?
}
