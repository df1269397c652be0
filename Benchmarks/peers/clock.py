"""Seconds of one call, as `espalier bench` takes them: three calls to warm up, then the median of the timed ones."""

import statistics
import time


def median_seconds(once, runs):
    for _ in range(3):
        once()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def contest(variants, weights):
    """A peer's measure from its ways to do the same thing, {label: call}. The table takes the fastest.

    `weights`: how many the peer's network would have if it were dense. Espalier's has to have as many.
    """

    def measure(runs, line):
        dense = line["nnz"] / (1 - line["sparsity"])
        # The zeros of Espalier's are at random places, so their number is near what was asked for.
        if abs(dense - weights) > 0.05 * weights:
            raise RuntimeError(f"the networks differ: the peer's has {weights} weights, Espalier's about {dense:.0f}")
        return {label: median_seconds(once, runs) for label, once in variants.items()}

    return measure
