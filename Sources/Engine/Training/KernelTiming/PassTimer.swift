import Dispatch
import Kernels

/// One layer on made-up numbers, its three passes run as a step of training runs them, one at a time, to be timed.
package final class PassTimer {
    private let map: WeightMap
    private let panels: Int
    private let team: Team
    private let x: FloatBuffer
    private let y: FloatBuffer
    private let dx: FloatBuffer
    private let dy: FloatBuffer
    private let bias: FloatBuffer
    private let biasGradient: FloatBuffer
    private let secondBiasGradient: FloatBuffer
    private let random = CounterRandom(seed: 1, purpose: .test)

    package init(map: WeightMap, panels: Int, team: Team) {
        self.map = map
        self.panels = panels
        self.team = team
        func buffer(_ layout: ImageLayout) -> FloatBuffer { FloatBuffer(count: layout.panelFloats * panels) }
        (x, y) = (buffer(map.input), buffer(map.output))
        (dx, dy) = (buffer(map.inputGradient), buffer(map.outputGradient))
        bias = FloatBuffer(count: map.rows)
        biasGradient = FloatBuffer(count: map.rows)
        secondBiasGradient = FloatBuffer(count: map.rows)
        // Only time is looked at: borders are no different from the rest, and numbers come again.
        let numbers = (0..<1024).map { random.uniform(1, $0) - 0.5 }
        for index in 0..<x.count { x[index] = numbers[index & 1023] }
        for index in 0..<dy.count { dy[index] = numbers[(index &+ 7) & 1023] }
    }

    /// Ascending positions of weights drawn at random, each with the probability `density`.
    package func indices(density: Double) -> [Int] {
        density >= 1
            ? Array(0..<map.weights) : (0..<map.weights).filter { Double(random.uniform(0, $0)) < density }
    }

    /// A pattern with values, ready to run.
    package struct Subject {
        package let pattern: any WeightPattern
        let values: FloatBuffer
        let gradient: FloatBuffer
        let secondGradient: FloatBuffer
    }

    package func subject(_ pattern: any WeightPattern) -> Subject {
        let values = FloatBuffer(count: pattern.storageCount)
        for position in pattern.rowMajorOrder() { values[Int(position)] = random.uniform(3, Int(position)) - 0.5 }
        let second = PanelHalves(panels, of: map).count == 2 ? pattern.storageCount : 0
        return Subject(
            pattern: pattern, values: values, gradient: FloatBuffer(count: pattern.storageCount),
            secondGradient: FloatBuffer(count: second))
    }

    /// The copy that a dense pass reads is made in the forward pass.
    package func run(_ subject: Subject, _ pass: WeightPass) {
        if pass == .forward, subject.pattern.needsPreparation { prepare(subject) }
        run(subject, pass, units: units(pass), parts: parts(pass).count)
    }

    /// Runs the tasks of the first units and parts.
    func run(_ subject: Subject, _ pass: WeightPass, units: Int, parts count: Int) {
        let pattern = subject.pattern
        let parts = parts(pass)
        switch pass {
        case .forward:
            team.run(tasks: units * count) { task in
                pattern.forward(
                    subject.values.pointer, bias: bias.pointer, unit: task / count, panels: panels,
                    blocks: parts[task % count], input: x.pointer, output: y.pointer)
            }
        case .inputGradient:
            team.run(tasks: units * count) { task in
                pattern.storeInputGradient(
                    subject.values.pointer, unit: task / count, panels: panels, blocks: parts[task % count],
                    outputGradient: dy.pointer, inputGradient: dx.pointer)
            }
        case .weightGradient:
            let halves = PanelHalves(panels, of: map)
            team.run(tasks: units * count) { task in
                let half = halves[task / count]
                pattern.weightGradient(
                    (half.lowerBound == 0 ? subject.gradient : subject.secondGradient).pointer,
                    bias: (half.lowerBound == 0 ? biasGradient : secondBiasGradient).pointer, panels: half.count,
                    blocks: parts[task % count], input: x.pointer + half.lowerBound * map.input.panelFloats,
                    outputGradient: dy.pointer + half.lowerBound * map.outputGradient.panelFloats)
            }
        }
    }

    /// Both gradients in one pass, of a pattern that has a kernel for that; as all here without adding up the halves.
    package func runGradients(_ subject: Subject) {
        let halves = PanelHalves(panels, of: map)
        let parts =
            map.gradientParts(halves: halves.count, threads: team.size) ?? Parts(blocks: map.channelStrips, count: 1)
        team.run(tasks: halves.count * parts.count) { task in
            let panels = halves[task / parts.count], part = task % parts.count
            subject.pattern.gradients(
                subject.values.pointer, (panels.lowerBound == 0 ? subject.gradient : subject.secondGradient).pointer,
                bias: (panels.lowerBound == 0 ? biasGradient : secondBiasGradient).pointer,
                rows: Parts(blocks: map.rows, count: parts.count)[part], stores: true, panels: panels.count,
                strips: parts[part], input: x.pointer + panels.lowerBound * map.input.panelFloats,
                outputGradient: dy.pointer + panels.lowerBound * map.outputGradient.panelFloats,
                inputGradient: dx.pointer + panels.lowerBound * map.inputGradient.panelFloats
            ) { _, _ in }
        }
    }

    /// Of the rows, or channels of the input gradient: those of a step.
    func parts(_ pass: WeightPass) -> Parts {
        switch pass {
        case .forward: map.forwardParts(units: units(pass), threads: team.size)
        case .inputGradient: map.inputGradientParts(units: units(pass), threads: team.size)
        case .weightGradient: map.weightGradientParts(halves: units(pass), threads: team.size)
        }
    }

    /// Of panels; of the weight gradient the halves of all of them.
    func units(_ pass: WeightPass) -> Int {
        switch pass {
        case .forward: map.forward.units(panels: panels)
        case .inputGradient: map.phases[0].sweep.units(panels: panels)
        case .weightGradient: PanelHalves(panels, of: map).count
        }
    }

    package func prepare(_ subject: Subject) {
        team.run(tasks: map.rowBlocks) { subject.pattern.prepare(subject.values.pointer, blocks: $0..<$0 + 1) }
    }

    func gather(_ subject: Subject, _ mixed: MixedPattern, from packed: FloatBuffer) {
        team.run(tasks: map.rowBlocks) {
            mixed.gather(subject.gradient.pointer, from: packed.pointer, rows: map.rows(ofBlocks: $0..<$0 + 1))
        }
    }

    /// Seconds of one call: after a warm-up the median of at least three and at most `runs`, and no more once
    /// `budgetSeconds` are over.
    package func seconds(runs: Int = 5, budgetSeconds: Double = .infinity, _ body: () -> Void) -> Double {
        times(runs: runs, budgetSeconds: budgetSeconds, body).median
    }

    /// And the shortest.
    package func times(
        runs: Int = 5, budgetSeconds: Double = .infinity, _ body: () -> Void
    ) -> (median: Double, minimum: Double) {
        let begun = DispatchTime.now().uptimeNanoseconds
        func since(_ start: UInt64) -> Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }
        body()
        var seconds: [Double] = []
        while seconds.count < runs, seconds.count < 3 || since(begun) < budgetSeconds {
            let start = DispatchTime.now().uptimeNanoseconds
            body()
            seconds.append(since(start))
        }
        seconds.sort()
        return (seconds[seconds.count / 2], seconds[0])
    }
}
