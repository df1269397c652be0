import Graph
import Kernels

/// Changes the samples of a training batch where they lie in the panels of the network's input.
package final class Augmenter {
    private let augmentations: [any Augmentation]
    private let noise: [(number: Int, deviation: Float)]
    private let moves: Bool
    private let sample: Shape
    private let layout: ImageLayout
    private let values: FloatBuffer
    private let team: Team
    private let random: CounterRandom
    /// What a raw 0 is once normalised, by channel.
    private let zeros: [Float]
    // Of the batch that is being changed: rows and columns of (sample, height) and (sample, width) that points come from.
    private var indices: ArraySlice<Int32> = []
    private var step = 0
    private var rows: [Int32] = []
    private var columns: [Int32] = []

    /// Nil where the recipe augments nothing.
    convenience init?(_ plan: TrainingPlan, _ network: Network) {
        guard !plan.parts.augmentations.isEmpty else { return nil }
        let normalization = plan.data.normalization
        self.init(
            plan.parts.augmentations, network: network,
            zeros: (0..<network.input.layout.channels).map { -normalization.mean($0) / normalization.deviation($0) },
            seed: plan.recipe.seed)
    }

    /// - Parameter zeros: one a channel.
    package init(_ augmentations: [any Augmentation], network: Network, zeros: [Float], seed: UInt64) {
        self.augmentations = augmentations
        noise = augmentations.enumerated().compactMap { $1.noise > 0 ? ($0, Float($1.noise)) : nil }
        moves = augmentations.contains { $0.noise == 0 }
        sample = network.graph.input
        layout = network.input.layout
        values = network.input.values
        team = network.team
        random = CounterRandom(seed: seed, purpose: .augment)
        self.zeros = zeros
        rows = [Int32](repeating: 0, count: network.capacity * layout.height)
        columns = [Int32](repeating: 0, count: network.capacity * layout.width)
    }

    /// A task is a channel of sixteen samples: what is drawn for a sample is the same whoever draws it.
    private lazy var moving = Region { [unowned self] in move(task: $0) }
    private lazy var adding = Region { [unowned self] in addNoise(task: $0) }

    private var tasks: Int { (indices.count + 15) / 16 * layout.channels }

    /// Moves points; an autoencoder's targets are taken after it.
    /// - Parameter indices: of the samples in the panels, in the data set.
    package func move(_ indices: ArraySlice<Int32>, step: Int) {
        guard moves else { return }
        self.indices = indices
        self.step = step
        for (place, index) in indices.enumerated() { trace(place, index) }
        team.run(tasks: tasks, moving)
        self.indices = []
    }

    /// Comes last.
    package func addNoise(_ indices: ArraySlice<Int32>, step: Int) {
        guard !noise.isEmpty else { return }
        self.indices = indices
        self.step = step
        team.run(tasks: tasks, adding)
        self.indices = []
    }

    /// Follows the points of one sample back through all moves.
    private func trace(_ place: Int, _ index: Int32) {
        let height = layout.height, width = layout.width
        for y in 0..<height { rows[place * height + y] = Int32(y) }
        for x in 0..<width { columns[place * width + x] = Int32(x) }
        for (number, augmentation) in augmentations.enumerated() where augmentation.noise == 0 {
            let move = augmentation.move(random.among(step, Int(index)).among(number, 0), sample)
            Self.follow(&rows, place * height..<(place + 1) * height, move.down, false, move.repeatsEdge)
            Self.follow(&columns, place * width..<(place + 1) * width, move.right, move.isMirrored, move.repeatsEdge)
        }
    }

    private static func follow(
        _ table: inout [Int32], _ range: Range<Int>, _ distance: Int, _ isMirrored: Bool, _ repeatsEdge: Bool
    ) {
        // One by one: a slice that is reversed would be a copy.
        if isMirrored {
            for place in 0..<range.count / 2 { table.swapAt(range.lowerBound + place, range.upperBound - 1 - place) }
        }
        guard distance != 0 else { return }
        let first = table[range.lowerBound], last = table[range.upperBound - 1]
        // From the end that nothing is read from any more.
        func move(_ place: Int) {
            let source = place + distance
            table[place] =
                range.contains(source) ? table[source] : repeatsEdge ? source < range.lowerBound ? first : last : -1
        }
        if distance > 0 { for place in range { move(place) } } else { for place in range.reversed() { move(place) } }
    }

    /// Lane 0 of a task's sixteen samples, and which samples they are.
    private func place(of task: Int) -> (start: UnsafeMutablePointer<Float>, channel: Int, samples: Range<Int>) {
        let (sixteen, channel) = task.quotientAndRemainder(dividingBy: layout.channels)
        let chunks = layout.lanes / 16
        let start = values.pointer + sixteen / chunks * layout.panelFloats + sixteen % chunks * 16
        return (start + layout.offset(channel), channel, sixteen * 16..<min(sixteen * 16 + 16, indices.count))
    }

    private func move(task: Int) {
        let (start, channel, samples) = place(of: task)
        rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
                movePoints(
                    start, layout, samples: samples.count,
                    rows: rows.baseAddress! + samples.lowerBound * layout.height,
                    columns: columns.baseAddress! + samples.lowerBound * layout.width, outside: zeros[channel])
            }
        }
    }

    private func addNoise(task: Int) {
        let (start, channel, samples) = place(of: task)
        withUnsafeTemporaryAllocation(of: CounterRandom.self, capacity: 16) { drawn in
            for (number, deviation) in noise {
                for (lane, place) in samples.enumerated() {
                    let index = Int(indices[indices.startIndex + place])
                    drawn[lane] = random.among(step, index).among(number, 1)
                }
                Kernels.addNoise(
                    start, layout, channel: channel, random: UnsafeBufferPointer(rebasing: drawn[..<samples.count]),
                    deviation: deviation)
            }
        }
    }
}
