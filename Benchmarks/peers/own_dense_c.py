"""Espalier's own C of all weights, zeros too: what a sparse C brings on a device, in instructions."""

NAME = "own dense C"


def version():
    return None


def prepare(case, sparsity, context):
    # Espalier counts both in one run: they are the same every time.
    return lambda runs, line: {"own dense C": line["dense_instructions"]}
