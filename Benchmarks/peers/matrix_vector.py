"""A dense matrix times a vector at the speed of memory: the fastest of two libraries and of the bytes alone."""

import numpy

from clock import contest, median_seconds

NAME = "NumPy"


def version():
    blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{numpy.__version__} with {blas['name']} {blas['version']}"


def prepare(case, sparsity, context):
    random = numpy.random.default_rng(1)
    rows, columns = case.options["rows"], case.options["columns"]
    weights = random.standard_normal((rows, columns), dtype=numpy.float32)
    x = random.random(columns, dtype=numpy.float32)
    variants = {"NumPy, dense gemv": lambda: weights @ x}
    try:
        import torch

        torch.set_num_threads(1)
        matrix, vector = torch.from_numpy(weights), torch.from_numpy(x)
        variants["PyTorch, dense gemv"] = lambda: torch.mv(matrix, vector)
    except ImportError:
        pass
    libraries = contest(variants, weights.size)
    # Two vectors of 128 MiB, far beyond the caches, whose product does nothing but read.
    stream = [numpy.ones(1 << 25, dtype=numpy.float32) for _ in range(2)]

    def measure(runs, line):
        bandwidth = 2 * stream[0].nbytes / median_seconds(lambda: stream[0] @ stream[1], runs)
        return libraries(runs, line) | {f"{weights.nbytes >> 20} MiB at memory speed": weights.nbytes / bandwidth}

    return measure
