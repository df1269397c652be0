"""Espalier itself without zeros: what a cut network brings."""

import espalier

NAME = "Espalier"


def version():
    return None


def prepare(case, sparsity, context):
    def measure(runs, line):
        # A process of its own, as the sparse one is, and not the dense time that the line has too: that one is taken
        # before the cut, with nothing between, and one disturbance falls on one side.
        dense = espalier.measure(context.program, espalier.arguments(case, 0.0, context.threads(case), runs))
        return {"Espalier, dense": dense["seconds"]}

    return measure
