"""The smallest encoding of each layer, as a file of 8-bit values has it: what the tables of the C could be."""

NAME = "best encoding"


def version():
    return None


def prepare(case, sparsity, context):
    return lambda runs, line: {"best encoding": line["best_encoding_bytes"]}
