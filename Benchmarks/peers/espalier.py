"""Espalier's own figures: `espalier bench … --json`, one process a measurement."""

import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIELDS = ["seconds", "peak_gflops", "sparsity", "nnz"]  # what the comparison reads


def arguments(case, sparsity, threads, runs, changes=None):
    given = case.options | (changes or {}) | {"sparsity": sparsity, "threads": threads, "runs": runs}
    return ["bench", case.bench] + [
        text for name, value in given.items() for text in ([f"--{name}"] if value is True else [f"--{name}", str(value)])]


def measure(program, arguments, fields=FIELDS):
    """The fields of the line that `espalier bench` prints. Throws RuntimeError with what it said instead."""
    # The number of threads is an option of the program's; this variable is for NumPy here.
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    try:
        done = subprocess.run(
            [program] + arguments + ["--json"], cwd=ROOT, env=environment, capture_output=True, text=True)
    except OSError as error:
        raise RuntimeError(f"{program} does not start: {error.strerror}") from None
    command = " ".join(["espalier"] + arguments)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit code {done.returncode}: {done.stderr.strip()}")
    line = json.loads(done.stdout.strip().splitlines()[-1])
    absent = [field for field in fields if field not in line]
    if absent and "skipped" in line:
        raise RuntimeError(line["skipped"])
    if absent:
        raise RuntimeError(f"{command}: no {', '.join(absent)} in its line")
    return line
