/// The criteria's formulas once more, from the papers, in NumPy: reads `in.npz`, writes `out.npz`.
let paperFormulas = #"""
    import numpy as np

    given = np.load("in.npz")
    w = [given["w0"].astype(float), given["w1"].astype(float)]
    b = [given["b0"].astype(float), given["b1"].astype(float)]
    x, t = given["x"].astype(float), given["t"].astype(int).ravel()
    total, out = sum(m.size for m in w), {}

    def forward(w, b, x):
        h = np.maximum(0, x @ w[0].T + b[0])
        return h, h @ w[1].T + b[1]

    def gradients(w, b, x, t, temperature=1.0, each=False):
        h, y = forward(w, b, x)
        y = y / temperature
        p = np.exp(y - y.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(t)), t] -= 1
        dy = p / temperature
        dh = (dy @ w[1]) * (h > 0)
        single = [dh[:, :, None] * x[:, None, :], dy[:, :, None] * h[:, None, :]]
        return single if each else [s.mean(0) for s in single]

    def rank(scores, zeros, gone=None):
        """Flags of what stays when the lowest go, ties by position; what is gone already counts."""
        flat = np.concatenate([s.ravel() for s in scores]).astype(np.float32)
        keep = np.ones(flat.size, bool) if gone is None else gone.copy()
        order = np.argsort(np.where(keep, flat, -np.inf), kind="stable")
        keep[:] = True
        keep[order[:zeros]] = False
        return keep

    def split(flat):
        return [flat[: w[0].size].reshape(w[0].shape), flat[w[0].size :].reshape(w[1].shape)]

    def put(name, scores, masks):
        for layer in range(2):
            if scores is not None: out[f"s_{name}_{layer}"] = np.asarray(scores[layer], np.float32)
            out[f"m_{name}_{layer}"] = np.asarray(masks[layer], np.float32)

    half = total // 2
    g = gradients(w, b, x, t)
    for name in ("taylor", "snip"):
        scores = [abs(a * c) for a, c in zip(w, g)]
        put(name, scores, split(rank(scores, half)))
    fisher = [(s * s).mean(0) for s in gradients(w, b, x, t, each=True)]
    scores = [a * a * f / 2 for a, f in zip(w, fisher)]
    put("obd", scores, split(rank(scores, half)))
    scores = [-given["rate"].item() * a * c for a, c in zip(
        [given["mw0"].astype(float), given["mw1"].astype(float)],
        gradients([given["mw0"].astype(float), given["mw1"].astype(float)],
                  [given["mb0"].astype(float), given["mb1"].astype(float)], given["mx"].astype(float),
                  given["mt"].astype(int).ravel()))]
    put("movement", scores, split(rank(scores, half)))

    # GraSP: the mean gradient of two halves of each class, and its Hessian product by central differences.
    halves = [[], []]
    gx, gt = given["gx"].astype(float), given["gt"].astype(int).ravel()
    for label in sorted(set(gt)):
        rows = np.flatnonzero(gt == label)
        middle = (len(rows) + 1) // 2
        halves[0] += list(rows[:middle]); halves[1] += list(rows[middle:])
    def mean_gradient(w):
        parts = [gradients(w, b, gx[h], gt[h], 200.0) for h in halves]
        return [(parts[0][k] + parts[1][k]) / 2 for k in range(2)]
    direction = mean_gradient(w)
    step = 1e-4 / max(abs(d).max() for d in direction)
    ahead = mean_gradient([a + step * d for a, d in zip(w, direction)])
    behind = mean_gradient([a - step * d for a, d in zip(w, direction)])
    scores = [a * (p - m) / (2 * step) for a, p, m in zip(w, ahead, behind)]
    put("grasp", scores, split(rank(scores, half)))

    # SynFlow: absolute weights and biases, an input of ones, a hundred rounds.
    def synflow(keep):
        v, c = [abs(a) * k for a, k in zip(w, keep)], [abs(q) for q in b]
        h = v[0].sum(1) + c[0]
        flow = [v[0] * v[1].sum(0)[:, None], v[1] * h[None, :]]
        largest = max(f.max() for f in flow)
        return [f / largest for f in flow]
    keep = np.ones(total, bool)
    first = synflow(split(keep))
    for round in range(1, 101):
        density = 0.5 ** (round / 100)
        keep = rank(synflow(split(keep)), int(np.floor((1 - density) * total + 0.5)), keep)
    put("synflow", first, split(keep))

    inputs = [x, forward(w, b, x)[0]]
    scores = [abs(a) * np.linalg.norm(i, axis=0) for a, i in zip(w, inputs)]
    masks = []
    for s in scores:
        order = np.argsort(s.astype(np.float32), axis=1, kind="stable")
        m = np.ones(s.shape, bool)
        np.put_along_axis(m, order[:, : s.shape[1] // 2], False, 1)
        masks.append(m)
    put("wanda", scores, masks)

    def damped(h):
        dead = np.diag(h) == 0
        h = h.copy()
        h[dead, dead] = 1
        return h + 0.01 * np.diag(h).mean() * np.eye(len(h)), dead

    def sparsegpt(a, i):
        h, dead = damped(2 / len(i) * i.T @ i)
        upper = np.linalg.cholesky(np.linalg.inv(h)).T
        scores = np.where(dead, 0, a**2 / np.diag(upper) ** 2)
        keep = np.ones(a.size, bool)
        keep[np.argsort(scores.ravel(), kind="stable")[: a.size // 2]] = False
        keep, a = keep.reshape(a.shape), a.copy()
        for column in range(a.shape[1]):
            error = np.where(keep[:, column], 0, a[:, column] / upper[column, column])
            a[:, column:] -= np.outer(error, upper[column, column:])
        return scores, keep, a * keep

    def largest(values, count):
        keep = np.zeros(values.size, bool)
        keep[np.argsort(abs(values).ravel().astype(np.float32), kind="stable")[values.size - count :]] = True
        return keep.reshape(values.shape)

    def alps(a, i):
        gram = i.T @ i
        dead = np.diag(gram) == 0
        added = 0.01 * np.diag(gram).mean()
        norms = np.sqrt(np.diag(gram) + added)
        h = (gram + added * np.eye(len(gram))) / np.outer(norms, norms)
        scores, a0 = abs(a) * norms, np.where(dead, 0, a * norms)
        target, count, penalty, moved_ever = a0 @ h, a.size - a.size // 2, 0.1, False
        seen = start = largest(a0, count)
        free, sparse, dual = a0, a0 * start, np.zeros_like(a0)
        for step in range(1, 301):
            free = np.linalg.solve(h + penalty * np.eye(len(h)), (target - dual + penalty * sparse).T).T
            pulled = free + dual / penalty
            mask = largest(pulled, count)
            sparse = pulled * mask
            dual = dual + penalty * (free - sparse)
            if step % 3: continue
            moved, seen = int((mask != seen).sum()), mask
            share = moved / count
            if moved and (share > 0.005 or moved_ever):
                moved_ever = True
                penalty *= 1.3 if share > 0.1 else 1.2 if share > 0.005 else 1.1
            elif moved:
                penalty, free, sparse, dual = penalty / 5, a0, a0 * start, np.zeros_like(a0)
            else:
                if moved_ever or penalty < 1e-6: break
                penalty /= 5
            if step >= 30 and moved_ever and share < 0.0003: break
            penalty = min(penalty, 1e6)
        keep, values = largest(free, count), np.zeros_like(a0)
        for row in range(len(a0)):
            s = keep[row]
            values[row, s] = np.linalg.solve(h[np.ix_(s, s)], target[row, s]) / norms[s]
        return scores, keep, values

    for name, solve in (("sparsegpt", sparsegpt), ("alps", alps)):
        solved = [solve(a, i) for a, i in zip(w, inputs)]
        put(name, [s[0] for s in solved], [s[1] for s in solved])
        for layer in range(2): out[f"v_{name}_{layer}"] = solved[layer][2].astype(np.float32)

    # RigL: the smallest weights go, and as many of the largest gradients outside what is left come.
    rw = [given["rw0"].astype(float), given["rw1"].astype(float)]
    rm = [given["rm0"] > 0, given["rm1"] > 0]
    rg = gradients(rw, [given["rb0"].astype(float), given["rb1"].astype(float)], given["rx"].astype(float),
                   given["rt"].astype(int).ravel())
    masks = []
    for layer in range(2):
        m = rm[layer].ravel().copy()
        count = int(given["share"].item() * m.sum())
        live = np.flatnonzero(m)
        m[live[np.argsort(abs(rw[layer].ravel()[live]), kind="stable")[:count]]] = False
        outside = np.flatnonzero(~m)
        m[outside[np.argsort(-abs(rg[layer].ravel()[outside]), kind="stable")[:count]]] = True
        masks.append(m.reshape(rm[layer].shape))
    put("rigl", None, masks)
    np.savez("out.npz", **out)
    """#
