import Dispatch
import Foundation
import Graph
import Kernels

/// Answers questions about drafts and weights on queues of its own, with memory of its own. A newer question of a kind
/// cancels the older one.
final class Preview: Sendable {
    // The preview lives in the session.
    private unowned let session: Session
    // What work in the background uses may not end with the session.
    private let looks: Locked<Int>
    private let threads: Int
    private let inspecting = DispatchQueue(label: "espalier.inspect")
    /// Counts of a draft, which a moving line waits for, do not stand behind pictures.
    private let counting = DispatchQueue(label: "espalier.count")
    private let measuring = DispatchQueue(label: "espalier.measure")
    private let attempting = DispatchQueue(label: "espalier.attempt")
    private let newest = Locked<[Query.Kind: Int]>([:])
    /// The newest copy with gradients, and the newest of any extent.
    private let latest = Locked<NetworkCopy?>(nil)
    private let newestCopy = Locked<NetworkCopy?>(nil)
    private let measurer = Locked<Measurer?>(nil)

    init(session: Session) {
        self.session = session
        looks = session.previewLooks
        threads = session.options.threads
    }

    func cancel(_ kind: Query.Kind) { _ = next(kind) }

    private func next(_ kind: Query.Kind) -> Int {
        newest.withLock { numbers in
            numbers[kind, default: 0] += 1
            return numbers[kind]!
        }
    }

    func ask(_ query: Query, reply: @escaping @Sendable (Answer) -> Void) {
        let kind = query.kind
        let number = next(kind)
        let isCancelled: @Sendable () -> Bool = { [newest] in newest.withLock { $0[kind] != number } }
        // Each question ends in a reply, unless a newer one took its place.
        let refuse: @Sendable () -> Void = { [inspecting] in
            inspecting.async { if !isCancelled() { reply(.refused(kind, "the session is over")) } }
        }
        func request(
            _ extent: NetworkCopy.Extent, hold: DispatchSemaphore? = nil,
            _ deliver: @escaping @Sendable (NetworkCopy) -> Void
        ) {
            let isTaken = session.post(
                .copy(extent, hold: hold) { copy in
                    guard let copy else { return refuse() }
                    self.newestCopy.withLock { $0 = copy }
                    deliver(copy)
                })
            if !isTaken { refuse() }
        }
        switch kind {
        case .measure:
            let hold = DispatchSemaphore(value: 0)
            request(.weights, hold: hold) { [self] copy in
                run(query, copy, on: measuring, isCancelled, release: { hold.signal() }, reply)
            }
        case .attempt:
            request(.optimizer) { [self] copy in run(query, copy, on: attempting, isCancelled, reply) }
        case .summary, .histogram:
            // Counts need no gradient: any copy will do, so that a moving line does not wait for a step.
            let queue = kind == .summary ? counting : inspecting
            if let copy = newestCopy.withLock({ $0 }), isFresh(copy, seconds: 0.25) {
                return run(query, copy, on: queue, isCancelled, reply)
            }
            request(.weights) { [self] copy in run(query, copy, on: queue, isCancelled, reply) }
        case .map, .cell, .strip:
            if let copy = latest.withLock({ $0 }), isFresh(copy, seconds: 0.1) {
                return run(query, copy, on: inspecting, isCancelled, reply)
            }
            request(.gradients) { [self] copy in
                latest.withLock { $0 = copy }
                run(query, copy, on: inspecting, isCancelled, reply)
            }
        }
    }

    // Pictures and counts may share a copy for a moment while the session steps; a copy costs it a part of a step.
    private func isFresh(_ copy: NetworkCopy, seconds: Double) -> Bool {
        copy.version == session.version.withLock { $0 }
            || copy.edits == session.edits.withLock { $0 } && session.isStepping.withLock { $0 }
                && copy.ageSeconds < seconds
    }

    private func run(
        _ query: Query, _ copy: NetworkCopy, on queue: DispatchQueue, _ isCancelled: @escaping @Sendable () -> Bool,
        release: @escaping @Sendable () -> Void = {}, _ reply: @escaping @Sendable (Answer) -> Void
    ) {
        queue.async { [self] in
            defer { release() }
            if isCancelled() { return }
            do {
                try answer(query, copy, isCancelled) { answer in
                    release()
                    if !isCancelled() { reply(answer) }
                }
            } catch {
                if !isCancelled() { reply(.refused(query.kind, "\(error)")) }
            }
        }
    }

    private func answer(
        _ query: Query, _ copy: NetworkCopy, _ isCancelled: @Sendable () -> Bool, _ reply: (Answer) -> Void
    ) throws {
        let inspector = Inspector(copy)
        switch query {
        case .map(let map): reply(try inspector.map(map))
        case .cell(let cell): reply(try inspector.cell(cell))
        case .strip(let layer): reply(try inspector.strip(layer))
        case .histogram(let histogram): reply(try inspector.histogram(histogram))
        case .summary(let draft): reply(.summary(try inspector.summary(draft)))
        case .measure(let draft): try measure(draft, copy, isCancelled, reply)
        case .attempt(let draft, let steps): try attempt(draft, steps, copy, isCancelled, reply)
        }
    }

    /// On the measuring queue: the network and the draft on the same images, first a part of them, then all.
    private func measure(
        _ draft: Draft, _ copy: NetworkCopy, _ isCancelled: () -> Bool, _ reply: (Answer) -> Void
    ) throws {
        let start = DispatchTime.now()
        let measurer = try self.measurer.withLock { held in
            if held == nil {
                try Measurer.need(copy).require(copy.plan.recipe.networkName, to: "measure")
                held = Measurer(copy.plan, threads: threads)
            }
            return held!
        }
        let (layers, cut) = try copy.applying(draft)
        let all = copy.plan.split.validation
        let first = min(measurer.firstImages, all.count)
        for count in first < all.count ? [first, all.count] : [all.count] {
            guard let now = measurer.now(copy, count, isCancelled),
                let drafted = measurer.evaluate(layers, copy.state.parameters, count, isCancelled)
            else { return }
            looks.withLock { $0 += 1 }
            reply(
                .measured(
                    Measurement(
                        draft: draft, trainedSteps: 0, step: copy.step, of: copy.plan.figure, now: now, cut: drafted,
                        kept: cut.kept,
                        total: copy.state.layers.reduce(0) { $0 + $1.total }, isFinal: count == all.count,
                        since: start)))
        }
    }

    /// On the attempt queue: a copy is cut, trained `steps` steps, measured, discarded.
    private func attempt(
        _ draft: Draft, _ steps: Int, _ copy: NetworkCopy, _ isCancelled: () -> Bool, _ reply: (Answer) -> Void
    ) throws {
        let start = DispatchTime.now()
        guard steps > 0 else { return reply(.refused(.attempt, "\(steps) steps; accepted: 1 or more")) }
        try copy.plan.memory.require(copy.plan.recipe.networkName, to: "try")
        let (layers, cut) = try copy.applying(draft)
        let trainer = Trainer(copy.plan, team: Team(size: 1), initialize: false)
        func evaluate(_ layers: [LayerState]) -> FigureScores? {
            trainer.restore(
                TrainingState(progress: copy.state.progress, layers: layers, parameters: copy.state.parameters))
            return scores()
        }
        func scores() -> FigureScores? {
            Evaluation(
                trainer.network, filler: trainer.filler, targets: trainer.targets, plan: copy.plan,
                samples: copy.plan.data.train, indices: copy.plan.split.validation[...], isCancelled: isCancelled)?
                .scores
        }
        guard let now = evaluate(copy.state.layers) else { return }
        trainer.restore(TrainingState(progress: copy.state.progress, layers: layers, parameters: copy.state.parameters))
        trainer.restartRate(steps: steps)
        for _ in 0..<steps {
            if isCancelled() { return }
            guard try trainer.step().isFinite else {
                return reply(.refused(.attempt, "the loss became NaN within \(steps) steps of this draft"))
            }
        }
        guard let after = scores() else { return }
        looks.withLock { $0 += 1 }
        reply(
            .measured(
                Measurement(
                    draft: draft, trainedSteps: steps, step: copy.step, of: copy.plan.figure, now: now, cut: after,
                    kept: cut.kept,
                    total: copy.state.layers.reduce(0) { $0 + $1.total }, isFinal: true, since: start)))
    }
}

/// A network of its own for measuring drafts. Used on the measuring queue alone.
private final class Measurer: @unchecked Sendable {
    // Unchecked: made once under a lock and then used by one serial queue.
    private let plan: TrainingPlan
    private let network: Network
    private let filler: PanelFiller
    private let targets: TargetFiller
    private var known: (copy: NetworkCopy, count: Int, scores: FigureScores)?

    private static let capacity = 256

    static func need(_ copy: NetworkCopy) -> MemoryNeed {
        MemoryNeed(
            running: copy.plan.graph, capacity: capacity, counts: copy.state.layers.map { $0.arrays.values.count })
    }

    init(_ plan: TrainingPlan, threads: Int) {
        self.plan = plan
        network = Network(plan.graph, capacity: Self.capacity, team: Team(size: threads), trains: false)
        filler = PanelFiller(plan.data, network: network)
        targets = TargetFiller(network, plan.comparison)
    }

    /// Images that can be measured while a person moves a line: 2,000, or 1,000 where an image costs more.
    var firstImages: Int { network.multiplyAdds().dense * 2000 > 1_500_000_000 ? 1000 : 2000 }

    /// The network as it is; kept for the copy, so that a moving line pays for it once.
    func now(_ copy: NetworkCopy, _ count: Int, _ isCancelled: () -> Bool) -> FigureScores? {
        if let known, known.copy.version == copy.version, known.count >= count {
            return known.scores.prefix(count, width: plan.figure.width)
        }
        guard let scores = evaluate(copy.state.layers, copy.state.parameters, count, isCancelled) else { return nil }
        known = (copy, count, scores)
        return scores
    }

    func evaluate(
        _ layers: [LayerState], _ parameters: [ParameterState], _ count: Int, _ isCancelled: () -> Bool
    ) -> FigureScores? {
        for (parameter, state) in zip(network.parameters, parameters) { parameter.set(state) }
        for (layer, state) in zip(network.layers, layers) {
            var arrays = state.arrays
            arrays.slots = []
            arrays.biasSlots = []
            layer.set(arrays)
        }
        return Evaluation(
            network, filler: filler, targets: targets, plan: plan, samples: plan.data.train,
            indices: plan.split.validation[..<count], isCancelled: isCancelled)?.scores
    }
}

extension Measurement {
    fileprivate init(
        draft: Draft, trainedSteps: Int, step: Int, of figure: any Figure, now: FigureScores, cut: FigureScores,
        kept: Int, total: Int, isFinal: Bool, since start: DispatchTime
    ) {
        // Samples that one of them is right about and the other is not; of a figure that is no accuracy there are none.
        let pairs = figure.format.isAccuracy ? Array(zip(now.scores, cut.scores)) : []
        let before = figure.judge(now), after = figure.judge(cut)
        let count = now.scores.count / figure.width
        var margin: Double?
        if !figure.format.isAccuracy, let before, let after { margin = after.margin(against: before) }
        self.init(
            draft: draft, trainedSteps: trainedSteps, now: figure.reading(before, count: count, step: step),
            cut: figure.reading(after, count: count, step: step), lost: pairs.count { $0 > 0 && $1 == 0 },
            won: pairs.count { $0 == 0 && $1 > 0 }, sparsity: 1 - Double(kept) / Double(max(total, 1)), kept: kept,
            isFinal: isFinal,
            elapsedSeconds: Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9,
            margin: margin)
    }
}
