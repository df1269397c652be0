import Dispatch

/// Seconds of a step of several trainers, in turns.
struct StepTimes {
    /// After a change from one to another memory is elsewhere: the first step does not count.
    private static let warmUp = 1
    private static let steps = 3

    private(set) var least: [Double] = []
    private(set) var median: [Double] = []
    /// By trainer and round, of its steps together.
    private var rounds: [[Double]]

    /// - Parameter step: of each trainer.
    init(of step: [() throws -> Void], rounds count: Int) throws {
        var seconds = [[Double]](repeating: [], count: step.count)
        rounds = seconds
        for round in 0..<count {
            // Each is at each place in turn: what comes first in a round meets another machine than what comes last.
            for place in step.indices {
                let number = (place + round) % step.count
                var sum = 0.0
                for call in 0..<Self.warmUp + Self.steps {
                    let start = DispatchTime.now().uptimeNanoseconds
                    try step[number]()
                    let time = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
                    guard call >= Self.warmUp else { continue }
                    seconds[number].append(time)
                    sum += time
                }
                rounds[number].append(sum)
            }
        }
        let sorted = seconds.map { $0.sorted() }
        least = sorted.map { $0[0] }
        median = sorted.map { $0[$0.count / 2] }
    }

    /// The middle of what one took over what another took in the same round.
    func ratio(_ one: Int, _ other: Int) -> Double {
        let ratios = zip(rounds[one], rounds[other]).map { $0 / $1 }.sorted()
        return ratios[ratios.count / 2]
    }
}
