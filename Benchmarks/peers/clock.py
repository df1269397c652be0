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


def contest(variants):
    """A peer's measure from its ways to do the same thing: {label: call}. The table takes the fastest."""
    return lambda runs, line: {label: median_seconds(once, runs) for label, once in variants.items()}
