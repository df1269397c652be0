"""SciPy: a CSR matrix times a dense one."""

import numpy
import scipy
import scipy.sparse

from clock import contest

NAME = "SciPy"


def version():
    return scipy.__version__


def prepare(case, sparsity, context):
    random = numpy.random.default_rng(1)
    rows, columns = case.options["rows"], case.options["columns"]
    weights = random.standard_normal((rows, columns), dtype=numpy.float32)
    weights *= random.random((rows, columns)) >= sparsity
    weights = scipy.sparse.csr_array(weights)
    x = random.random((columns, case.batch), dtype=numpy.float32)
    return contest({"SciPy, CSR × dense": lambda: weights @ x}, rows * columns)
