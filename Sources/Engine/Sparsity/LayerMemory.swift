/// One layer's arrays in place, in storage order: `values[place]`, `gradient[place]` and each slot belong to the same weight.
package struct LayerMemory {
    package let number: Int
    /// Names and sizes, without live weights.
    package let weights: LiveWeights
    /// Where the live weights lie.
    package let storage: StoragePlaces
    package let values: UnsafeMutablePointer<Float>
    package let gradient: UnsafeMutablePointer<Float>
    /// The method's own.
    package let slots: [UnsafeMutablePointer<Float>]
    /// The optimizer's.
    package let optimizerSlots: [UnsafeMutablePointer<Float>]
    /// Tells which live weights the network computes with and which learn, by number, ascending, so that sparse kernels run; nil: all.
    package let select: ((computing: [Int], learning: [Int])?) -> Void
    /// Whether it was told since the mask changed.
    package let isSelected: Bool
    /// Calls the body once for each number below the first argument, on any thread.
    private let run: (Int, (Int) -> Void) -> Void

    package init(
        number: Int, weights: LiveWeights, storage: StoragePlaces, values: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>,
        slots: [UnsafeMutablePointer<Float>], optimizerSlots: [UnsafeMutablePointer<Float>] = [],
        isSelected: Bool = false, select: @escaping ((computing: [Int], learning: [Int])?) -> Void = { _ in },
        run: @escaping (Int, (Int) -> Void) -> Void = { count, body in for number in 0..<count { body(number) } }
    ) {
        self.number = number
        self.weights = weights
        self.storage = storage
        self.values = values
        self.gradient = gradient
        self.slots = slots
        self.optimizerSlots = optimizerSlots
        self.isSelected = isSelected
        self.select = select
        self.run = run
    }

    /// The trained weights.
    package var latent: UnsafeMutablePointer<Float> { slots[0] }
    package var positions: [Int]? { storage.positions }
    package var places: [UInt32] { storage.places }
    package var storageCount: Int { storage.count }
    package var count: Int { places.count }

    /// Row-major, of a live weight.
    package func position(_ live: Int) -> Int { positions?[live] ?? live }

    /// The live weights as they are now, with these values.
    package func live(_ values: UnsafePointer<Float>) -> LiveWeights {
        LiveWeights(weights, indices: positions, values: places.map { values[Int($0)] })
    }

    package static let stretch = 16_384
    /// Of storage: small enough that all threads get some of a layer with a mask.
    private static let piece = 4096
    private var stretches: Int { (count + Self.stretch - 1) / Self.stretch }

    /// Stretches of storage, on all threads: `body` writes nothing but what belongs to its own. Between the weights lie places
    /// of none, which are zero in all arrays and must stay so.
    package func inStorage(_ body: (Range<Int>) -> Void) {
        let storageCount = storageCount
        run((storageCount + Self.piece - 1) / Self.piece) {
            body($0 * Self.piece..<min(($0 + 1) * Self.piece, storageCount))
        }
    }

    /// Zeros in the places of none, where a pass over storage may have left something else.
    package func clearGaps(_ arrays: UnsafeMutablePointer<Float>...) {
        for array in arrays { for gap in storage.gaps { array[Int(gap)] = 0 } }
    }

    /// Stretches of the live weights with the place of each in storage, on all threads: `body` writes nothing but what belongs to
    /// its own.
    package func inStretches(_ body: (_ lives: Range<Int>, _ places: UnsafePointer<UInt32>) -> Void) {
        guard count > 0 else { return }
        places.withUnsafeBufferPointer { places in
            run(stretches) { body($0 * Self.stretch..<min(($0 + 1) * Self.stretch, count), places.baseAddress!) }
        }
    }

    /// The sum of what stretches of the live weights give, in their order.
    package func sum(_ part: (_ lives: Range<Int>, _ places: UnsafePointer<UInt32>) -> Double) -> Double {
        var sums = [Double](repeating: 0, count: stretches)
        sums.withUnsafeMutableBufferPointer { sums in
            nonisolated(unsafe) let sums = sums  // Each stretch writes its own.
            inStretches { lives, places in sums[lives.lowerBound / Self.stretch] = part(lives, places) }
        }
        return sums.reduce(0, +)
    }
}
