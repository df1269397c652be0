"""Espalier itself on one thread: what more threads bring."""

import espalier

NAME = "Espalier"


def version():
    return None


def prepare(case, sparsity, context):
    def measure(runs, line):
        alone = espalier.measure(context.program, espalier.arguments(case, sparsity, 1, runs))
        return {"Espalier, 1 thread": alone["seconds"]}

    return measure
