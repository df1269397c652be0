"""PyTorch's sparse matrices: a CSR weight times a dense one, by the MKL inside PyTorch."""

import torch

from clock import contest

NAME = "PyTorch"


def version():
    return torch.__version__


def prepare(case, sparsity, context):
    torch.manual_seed(1)
    torch.set_num_threads(context.threads(case))
    rows, columns = case.options["rows"], case.options["columns"]
    weights = torch.randn(rows, columns)
    weights *= torch.rand(rows, columns) >= sparsity
    weights = weights.to_sparse_csr()
    x = torch.rand(columns, case.batch)
    return contest({"PyTorch, CSR × dense": lambda: weights @ x}, rows * columns)
