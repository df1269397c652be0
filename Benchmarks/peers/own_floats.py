"""Espalier itself in float32, of the same network in the same run: what 8 bits bring."""

NAME = "Espalier"


def version():
    return None


def prepare(case, sparsity, context):
    def measure(runs, line):
        return {"Espalier, float32": line[f"float_{case.figure}"]}

    return measure
