import Dispatch
import Graph
import Sparsity

extension Session: WeightSource {
    var folder: String { run.path }

    func request(
        _ extent: NetworkCopy.Extent, hold: DispatchSemaphore?, _ deliver: @escaping @Sendable (NetworkCopy?) -> Void
    ) -> Bool {
        post(.copy(extent, hold: hold, deliver))
    }

    func isCurrent(_ copy: NetworkCopy, seconds: Double) -> Bool {
        copy.version == version.withLock { $0 }
            || copy.edits == edits.withLock { $0 } && isStepping.withLock { $0 } && copy.ageSeconds < seconds
    }
}

extension Session {
    /// On the session queue, at a step boundary.
    func copy(_ extent: NetworkCopy.Extent) -> NetworkCopy {
        onQueue()
        let run = self.run
        let totals = trainer.totals
        let cache = removalCache
        return NetworkCopy(
            state: trainer.state(withOptimizer: extent == .optimizer),
            gradients: extent == .gradients
                ? trainer.network.layers.map { $0.hasGradient ? $0.liveGradient() : [] } : [],
            plan: trainer.plan, layerShapes: trainer.network.layers.map { ($0.map.rows, $0.map.columns) },
            folds: trainer.network.layers.map(\.fold), changes: trainer.changes,
            version: version.withLock { $0 }, edits: edits.withLock { $0 }
        ) { ids in
            // Files of cuts never change once written, and their numbers are never used again.
            try ids.map { id in
                if let known = cache.withLock({ $0[id] }) { return known }
                let removal = try Removal.read(run.removal(id), totals: totals)
                cache.withLock { $0[id] = removal }
                return removal
            }
        }
    }
}
