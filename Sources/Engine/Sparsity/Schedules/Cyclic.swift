import Descriptors

extension Schedules {
    /// Sparse and dense phases of equal length by turns, the first one and all after the end sparse: begin, begin + phase, ….
    /// Only a method that can bring weights back follows it into the dense ones.
    ///
    /// Reference: Peste et al. 2021, arXiv:2106.12379
    package struct Cyclic: Schedule {
        package static let descriptor = Descriptor(
            name: "cyclic", summary: "Sparse and dense phases by turns, sparse from the end on",
            citation: "Peste et al. 2021, arXiv:2106.12379",
            parameters: [
                Parameter("final", "Sparsity of the sparse phases", .sparsity),
                Parameter("low", "Sparsity of the dense phases", .sparsity, default: .number(0)),
                Parameter("begin", "Completed steps when the first sparse phase begins", .step, default: .integer(0)),
                Parameter("phase", "Steps of a phase", .integer(1...Int.max)),
                Parameter("end", "Completed steps from which it stays sparse", .step),
            ])

        package let final: Double
        package let low: Double
        package let begin: Int
        package let phase: Int
        package let end: Int

        package init(_ arguments: Arguments) throws {
            final = arguments.number("final")
            low = arguments.number("low")
            begin = arguments.integer("begin")
            phase = arguments.integer("phase")
            end = arguments.integer("end")
            guard begin < end else {
                throw ArgumentError.outOfRange(
                    name: "end", of: Self.descriptor.name, value: "\(end)", accepted: "more than begin (\(begin))")
            }
            guard low <= final else {
                throw ArgumentError.outOfRange(
                    name: "low", of: Self.descriptor.name, value: "\(low)", accepted: "final (\(final)) or less")
            }
        }

        package func sparsity(at step: Int) -> Double {
            if step < begin { return 0 }
            return step >= end || (step - begin) / phase % 2 == 0 ? final : low
        }

        package func nextUpdate(after step: Int) -> Int? {
            if step < begin { return begin }
            guard step < lastUpdate else { return nil }
            let done = (step - begin) / phase * phase
            return phase >= end - begin - done ? lastUpdate : min(begin + done + phase, lastUpdate)
        }

        /// Where the last sparse phase begins: at the end, where that falls into a dense one.
        package var lastUpdate: Int {
            let phases = (end - begin) / phase
            if phases % 2 == 0 { return begin + phases * phase }
            // A dense phase that would begin at the end never does.
            return begin + phases * phase == end ? end - phase : end
        }
    }
}
