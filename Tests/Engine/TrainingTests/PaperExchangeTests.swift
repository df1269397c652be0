import Graph
import Interchange
import Sparsity
import Testing
import Training

extension PaperTests {
    /// Every method that exchanges weights by their values or gradients, of which PaperFormulas has none yet.
    private static let exchanges = [
        "set": "{name: set, every: 4}",
        "gse": "{name: gse, every: 4, drop: 0.5}",
        "mest": "{name: mest, every: 4, gradient: 0.5}",
        "srigl": "{name: srigl, every: 4, drop: 0.5, ablate: 0.7}",
        "granet": "granet",
    ]

    @Test(.enabled(if: python != nil)) func exchangesAreThoseOfThePapers() throws {
        var tensors: [Tensor] = []
        var ends: [String: [(before: [Int], after: [Int])]] = [:]
        for (name, method) in Self.exchanges.sorted(by: { $0.key < $1.key }) {
            let schedule =
                name == "granet"
                ? "{name: cubic, initial: 0.4, final: 0.8, begin: 0, end: 40, every: 4}"
                : "{name: constant, final: 0.6}"
            let trainer = try trainer(
                "method: \(method)\nschedule: \(schedule)\ndistribution: uniform", steps: 3)
            if tensors.isEmpty { tensors.append(Tensor("steps", [Float(trainer.plan.totalSteps)])) }
            let masks = trainer.network.layers.map { $0.liveIndices() ?? [] }
            tensors += arrays(trainer, name)
            tensors += samples(CalibrationSamples(trainer.plan, Array(trainer.batch(3))), name)
            _ = try trainer.step()
            // The weights that the exchange sees.
            tensors += arrays(trainer, name + "v").filter { $0.name.contains("vw") }
            for (number, layer) in trainer.network.layers.enumerated() {
                let places = RandomPlaces.outside(
                    layer.liveIndices(), total: layer.map.weights, count: layer.nnz, seed: trainer.plan.recipe.seed,
                    layer: number, step: 4)
                tensors.append(Tensor("\(name)c\(number)", places.map(Float.init)))
            }
            for decision in trainer.decisions() {
                if let changes = try trainer.changes(for: decision) { trainer.apply(changes, event: 1) }
            }
            ends[name] = zip(masks, trainer.network.layers).map { ($0, $1.liveIndices() ?? []) }
            tensors.append(Tensor("\(name)n", trainer.network.layers.map { Float($0.nnz) }))
        }
        let found = try Self.computed(paperExchanges, tensors)
        for (name, layers) in ends {
            for (number, layer) in layers.enumerated() {
                let mask = try #require(found.first { $0.name == "m_\(name)_\(number)" }).floats()
                let wanted = mask.indices.filter { mask[$0] > 0 }
                #expect(layer.after != layer.before, "\(name), layer \(number)")
                if name == "set" || name == "mest" {
                    // What comes is drawn; what stays is not.
                    let stayed = Set(layer.after).intersection(layer.before).sorted()
                    #expect(stayed == wanted && layer.after.count == layer.before.count, "\(name), layer \(number)")
                } else {
                    #expect(layer.after == wanted, "\(name), layer \(number)")
                }
            }
        }
    }
}

/// What methods exchange, once more from the papers, in NumPy: reads `in.npz`, writes `out.npz`.
private let paperExchanges = #"""
    import numpy as np

    given, out = np.load("in.npz"), {}
    steps = given["steps"].item()

    def gradients(name):
        w = [given[f"{name}w{k}"].astype(float) for k in (0, 1)]
        b = [given[f"{name}b{k}"].astype(float) for k in (0, 1)]
        x, t = given[f"{name}x"].astype(float), given[f"{name}t"].astype(int).ravel()
        h = np.maximum(0, x @ w[0].T + b[0])
        y = h @ w[1].T + b[1]
        p = np.exp(y - y.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(t)), t] -= 1
        dh = (p @ w[1]) * (h > 0)
        return [abs(dh.T @ x / len(t)).ravel(), abs(p.T @ h / len(t)).ravel()]

    def first(places, keys, count):
        """Of places those of the smallest keys, ties by position."""
        return places[np.argsort(keys[places], kind="stable")[:count]]

    def cosine(drop, end):
        return drop / 2 * (1 + np.cos(np.pi * 4 / end))

    def layers(name):
        for layer, g in enumerate(gradients(name)):
            live = np.flatnonzero(given[f"{name}m{layer}"].ravel() > 0)
            yield layer, g, given[f"{name}vw{layer}"].astype(float).ravel(), live

    def put(name, layer, size, places):
        mask = np.zeros(size, np.float32)
        mask[np.asarray(places, int)] = 1
        out[f"m_{name}_{layer}"] = mask

    for layer, g, v, live in layers("set"):
        stays = set(live)
        for side in (live[v[live] > 0], live[v[live] < 0]):
            stays -= set(first(side, abs(v), int(0.3 * len(side))))
        put("set", layer, v.size, sorted(stays))

    for layer, g, v, live in layers("mest"):
        stays = set(live) - set(first(live, abs(v) + 0.5 * g, int(0.3 * len(live))))
        put("mest", layer, v.size, sorted(stays))

    for layer, g, v, live in layers("gse"):
        candidates = given[f"gsec{layer}"].astype(int).ravel()
        count = min(len(candidates), int(cosine(0.5, round(0.6 * steps)) * len(live)))
        stays = set(live) - set(first(live, abs(v), count))
        put("gse", layer, v.size, sorted(stays | set(first(candidates, -g, count))))

    for layer, g, v, live in layers("granet"):
        # As many are left as there are at the end, for an exchange changes no number.
        left = int(given["granetn"].ravel()[layer])
        kept = np.sort(first(live, -abs(v), left))
        count = int(cosine(0.5, steps) * left)
        stays = np.setdiff1d(kept, first(kept, abs(v), count))
        outside = np.setdiff1d(np.arange(v.size), stays)
        put("granet", layer, v.size, np.union1d(stays, first(outside, -g, count)))

    for layer, g, v, live in layers("srigl"):
        rows = given[f"sriglw{layer}"].shape[0]
        columns, total = v.size // rows, len(live)
        count = int(cosine(0.5, round(0.75 * steps)) * total)
        stays = np.setdiff1d(live, first(live, abs(v), count))
        outside = np.setdiff1d(np.arange(v.size), stays)
        salient = np.bincount(np.union1d(stays, first(outside, -g, count)) // columns, minlength=rows)
        active = np.unique(live // columns)
        fan_in = min(columns, max(1, total // len(active)))
        few = [r for r in active if salient[r] < 0.7 * fan_in] if layer == 0 else []
        ablated = sorted(few, key=lambda r: (salient[r], r))[: len(active) // 2]
        shared = min(columns, max(1, total // (len(active) - len(ablated))))
        mask = []
        for row in active:
            if row in ablated: continue
            own = stays[stays // columns == row]
            if len(own) >= shared:
                own = np.setdiff1d(own, first(own, abs(v), len(own) - shared))
            else:
                others = np.setdiff1d(np.arange(row * columns, (row + 1) * columns), own)
                own = np.union1d(own, first(others, -g, shared - len(own)))
            mask += list(own)
        put("srigl", layer, v.size, mask)
    np.savez("out.npz", **out)
    """#
