"""What Documentation/Accuracy.md compares. A method is one line: its name in the table, what its recipe says besides network,
data and optimizer, and what is particular about it.

In a recipe {S} is the sparsity, {T} the steps of the run, {t1} to {t90} so many percent of them, {every} the steps between two
updates, {share5} the share of what is left that each of five cuts takes, {strength} a strength that is found by a sweep first, for methods without a target.
"""

SPARSITIES = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99]

# Epochs so few that all of it takes six hours on two cores.
NETWORKS = {
    "lenet-300-100": dict(epochs=8, rate="{name: cosine, rate: 0.05}", decay=0.0001, seconds=10),
    "lenet-5": dict(epochs=3, rate="{name: cosine, rate: 0.02}", decay=0.0001, seconds=16),
    "resnet-8": dict(epochs=2, rate="{name: one-cycle, rate: 0.1}", decay=0.0005, seconds=44),
}

GRADUALLY = "schedule: {{name: cubic, final: {S}, begin: {t10}, end: {t70}, every: {every}}}"
FROM_THE_START = "schedule: {{name: constant, final: {S}}}"
GROWING = FROM_THE_START + "\ndistribution: erk"

# (name, recipe, options): `only` lists the sparsities that it has, `strengths` the ends of the sweep, `narrow` trains a dense
# network of that share of the weights.
METHODS = [
    ("dense", "method: none", dict(only=[0.0])),
    ("magnitude, one shot", "method: one-shot\nschedule: {{name: one-shot, final: {S}, at: {t50}}}", {}),
    ("gradual", "method: gradual-magnitude\n" + GRADUALLY, {}),
    ("iterative, rewound", "method: {{name: iterative, rounds: 5, share: {share5}, every: {t16}, rewind: {t1}}}", {}),
    ("RigL", "method: {{name: rigl, every: {every}}}\n" + GROWING, {}),
    ("SET", "method: {{name: set, every: {every}}}\n" + GROWING, {}),
    ("GraNet", "method: granet\n" + GRADUALLY, {}),
    ("GSE", "method: {{name: gse, every: {every}}}\n" + GROWING, {}),
    ("SNIP", "method: static-sparse\ncriterion: snip\n" + FROM_THE_START, {}),
    ("GraSP", "method: static-sparse\ncriterion: grasp\n" + FROM_THE_START, {}),
    ("SynFlow", "method: static-sparse\ncriterion: synflow\n" + FROM_THE_START, {}),
    ("movement", "method: movement\ncriterion: movement\n" + GRADUALLY, {}),
    ("2:4", "method: one-shot\ngranularity: n-of-m\nschedule: {{name: one-shot, final: {S}, at: {t50}}}", dict(only=[0.5])),
    ("L1", "method: {{name: proximal-l1, strength: {strength}, begin: 0, end: {t80}}}", dict(strengths=(1e-5, 3e-2))),
    ("AC/DC", "method: {{name: ac-dc, begin: {t10}, phase: {t10}, end: {t80}}}\n" + FROM_THE_START, {}),
    ("STR", "method: {{name: str, strength: {strength}, end: {t80}}}", dict(strengths=(1e-4, 1e-1))),
    ("L0", "method: {{name: l0, strength: {strength}, end: {t80}}}", dict(strengths=(1e-8, 1e-4))),
    ("random mask", "method: static-sparse\ncriterion: random\n" + FROM_THE_START, {}),
    ("small dense", "method: none", dict(narrow=True)),
]

# The same in a few seconds, for the tests.
QUICK = dict(
    networks={"mlp-64-24-16-10": dict(epochs=2, rate="{name: cosine, rate: 0.05}", decay=0.0001, seconds=1)},
    sparsities=[0.5, 0.9], seeds=2, data="digits", images=1200, batch=60,
    methods=["dense", "gradual", "L1", "random mask", "small dense"])

# What is expected of the finished table: (sentence, network, left, relation, right). A side is (method, sparsity), with what is
# taken off the right one in points; "spread" takes off the larger of both spreads.
CLAIMS = [
    ("gradual to 90 % within 0.3 points of dense", "lenet-300-100", ("gradual", 0.9), ("dense", 0.0), 0.3),
    ("gradual to 95 % within 0.6 points of dense", "lenet-300-100", ("gradual", 0.95), ("dense", 0.0), 0.6),
    ("gradual to 98 % within 1.5 points of dense", "lenet-300-100", ("gradual", 0.98), ("dense", 0.0), 1.5),
    ("RigL at 90 % within 0.5 points of gradual", "lenet-300-100", ("RigL", 0.9), ("gradual", 0.9), 0.5),
    ("RigL at 90 % above a static random mask", "lenet-300-100", ("RigL", 0.9), ("random mask", 0.9), 0),
    ("RigL at 90 % above SET", "lenet-300-100", ("RigL", 0.9), ("SET", 0.9), 0),
] + [
    (f"{name} at 95 % above the random mask by more than the spread", "lenet-300-100", (name, 0.95), ("random mask", 0.95), "spread")
    for name in ["magnitude, one shot", "gradual", "iterative, rewound", "GraNet", "SNIP", "GraSP", "SynFlow", "movement"]
]

# What a reader must know of where the table differs from what was expected.
NOTES = [
    "Runs are short: eight epochs of lenet-300-100 are a third of `Samples/recipes/lenet-300-100-gradual.yaml`, for which the "
    "distances to dense were set. After its last cut a network has a tenth of that to mend in.",
    "Methods that start sparse (RigL, SET, GSE, SNIP, GraSP, SynFlow, random mask) never see a dense network, and are known to "
    "need longer runs than gradual pruning; all have the same steps here.",
    "Iterative pruning shares the steps of one run among six rounds, each of a sixth: its papers train every round to the end.",
]
