"""Runs `espalier bench` and its peers on the same shapes, in turns, and prints one table with ratios.

`Scripts/peers` sets up what this needs and starts it.
"""

import sys

sys.dont_write_bytecode = True

import argparse
import ast
import datetime
import gc
import importlib
import os
import shlex
import statistics

import allocator
import document
import espalier
import instructions
import kept
import kind
import machine
import table
from cases import CASES

FOLDER = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(espalier.ROOT, "Documentation", "Performance.md")


class Context:
    """What a peer may ask beside its case."""

    def __init__(self, options):
        self.program, self.given = options.espalier, options.threads
        self.busy = machine.Busy()
        self.line = None  # the last that Espalier printed

    def threads(self, case):
        return self.given or case.threads


def main():
    options = parse()
    cases = chosen(options.only)
    context = Context(options)
    if options.list:
        show(cases, context)
        return
    if options.check:
        check(cases, context)
        return
    instructions.choose(options.isa)
    if not allocator.choose(options.malloc):
        sys.exit(f"peers: --malloc {options.malloc} needs glibc; accepted here: --malloc own")
    if options.write:
        # Before the minutes that it takes.
        sections()
        if kind.key(options.espalier) is None:
            sys.exit("peers: --write needs objdump, of Debian's binutils, to tell the kind of machine")
    gc.disable()
    peers = {name: load(name) for name in dict.fromkeys(case.peer for case in cases)}
    rows, peaks = [], []
    earlier = kept.Rows(options.keep, context, peaks)
    rounds, share = (3, 0.4) if options.quick else (5, 1)
    for case in cases:
        for sparsity in case.at_least:
            runs = max(3, int(share * case.runs))
            row = earlier.take(
                case, sparsity,
                lambda: measured(case, sparsity, peers[case.peer], context, rounds, runs, peaks))  # fmt: skip
            rows.append(row)
            print(f"peers: {row.progress}", file=sys.stderr, flush=True)
    name = kind.key(options.espalier, context.line)
    versions = [("kind of machine", name or "unknown")]
    versions += machine.lines(options.espalier, context.line, statistics.median(peaks) if peaks else None)
    versions += described(peers) + [
        ("vector instructions of the peers", isa(options.isa, peers)),
        ("memory that peers free", f"--malloc {options.malloc}"),
        ("taken by others meanwhile", context.busy.text()),
    ]
    method = (
        "Ratio: the peer's seconds over Espalier's, of the same shape in float32 (or KiB over KiB). Espalier and its peer take turns for "
        f"{rounds} rounds; a round's figure is the median of its timed calls, the table has the medians of the rounds, "
        "and in parentheses the smallest and largest ratio of a round.")  # fmt: skip
    print("\n".join(f"{what}: {text}" for what, text in versions), "", table.markdown(rows), "", sep="\n")
    for problem in table.problems(rows):
        print(f"peers: {problem}")
    print(f"peers: {table.summary(rows)}")
    if options.write:
        date = datetime.date.today().isoformat()
        below = document.section(rows, versions[1:], options.command, date, method)
        text = document.replaced(written(), name, below)
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"peers: {name}: written to {os.path.relpath(DOCUMENT, espalier.ROOT)}")
    sys.exit(0 if all(row.reached is not False and not row.problem for row in rows) else 1)


def parse():
    parser = argparse.ArgumentParser(prog="Scripts/peers", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", action="append", metavar="CASE", help="a case, or the beginning of some; may be given several times")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and calls: an impression")
    parser.add_argument(
        "--write", action="store_true",
        help="write the section of this kind of machine in Documentation/Performance.md, and keep the others")
    parser.add_argument(
        "--keep", metavar="FILE",
        help="rows that the file has are not measured again, new ones are added to it: a long run in pieces")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of every case, instead of its own")
    parser.add_argument(
        "--isa", choices=instructions.CHOICES, default="own",
        help="vector instructions of the peers: own, what each library chooses; avx2, limited to it; avx512, OpenBLAS "
        "told to take its AVX-512 kernels")
    parser.add_argument(
        "--malloc", choices=allocator.CHOICES, default="kept",
        help="memory that peers free: kept for their next call, their best; own, what the C library does by itself")
    parser.add_argument(
        "--espalier", metavar="PATH", default=os.path.join(espalier.ROOT, ".build", "release", "espalier"),
        help="the program to measure, instead of building it")
    parser.add_argument("--list", action="store_true", help="print the cases and what they run; needs no peers")
    parser.add_argument(
        "--check", action="store_true", help="run Espalier's side of every case once, small; needs no peers")
    options = parser.parse_args()
    settings = [f"{name}={os.environ[name]}" for name in ("ESPALIER_CPU", "ESPALIER_CACHES") if name in os.environ]
    options.command = shlex.join(settings + ["Scripts/peers"] + sys.argv[1:])
    options.espalier = os.path.abspath(options.espalier)
    if options.threads is not None and options.threads < 1:
        parser.error(f"--threads is {options.threads}; accepted: a whole number, 1 or more")
    if options.write and (options.only or options.quick or options.threads):
        parser.error("--write is for the whole table: leave out --only, --quick and --threads")
    return options


def chosen(texts):
    """All cases, or those of these names; a text that is no case's whole name stands for all that begin with it."""
    names = [case.name for case in CASES]
    for text in texts or []:
        if not any(name.startswith(text) for name in names):
            sys.exit(f"peers: --only is {text}; accepted: a case or the beginning of some: {', '.join(names)}")

    def matches(name, text):
        return name == text if text in names else name.startswith(text)

    return [case for case in CASES if not texts or any(matches(case.name, text) for text in texts)]


def show(cases, context):
    """A line a case and sparsity: its name, its peer, what is run."""
    for case in cases:
        for sparsity in case.at_least:
            arguments = espalier.arguments(case, sparsity, context.threads(case), case.runs)
            print(case.name, case.peer, shlex.join(["espalier"] + arguments), sep="\t")


def written():
    try:
        with open(DOCUMENT, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def sections():
    """The sections in the document, which will be found again."""
    try:
        return document.sections(written())
    except document.Unreadable as error:
        sys.exit(f"peers: {os.path.relpath(DOCUMENT, espalier.ROOT)}: {error}")


def check(cases, context):
    """Runs Espalier's side of every case as small as it can be, and looks into the peers' files without loading them.

    The document has to be as it would be written of its sections.
    """
    if document.whole(sections()) != written():
        sys.exit(f"peers: {os.path.relpath(DOCUMENT, espalier.ROOT)} is not as it was written")
    ran = set()
    for case in cases:
        changes = {"batch": min(case.batch, 2)} | ({"uncounted": True} if case.counts else {})
        arguments = espalier.arguments(case, list(case.at_least)[-1], context.threads(case), 1, changes)
        try:
            # Cases that compare two things of one measurement run once.
            if not case.counts or str(case.options) not in ran:
                espalier.measure(context.program, arguments, ["bytes"] if case.counts else espalier.FIELDS)
            ran.add(str(case.options))
        except RuntimeError as error:
            sys.exit(f"peers: {case.name}: {error}")
        with open(os.path.join(FOLDER, case.peer + ".py"), encoding="utf-8") as file:
            body = ast.parse(file.read(), file.name).body
        defined = {node.name for node in body if isinstance(node, ast.FunctionDef)}
        defined |= {target.id for node in body if isinstance(node, ast.Assign) for target in node.targets}
        absent = sorted({"NAME", "version", "prepare"} - defined)
        if absent:
            sys.exit(f"peers: {case.peer}.py defines no {', '.join(absent)}")
        print(case.name, case.peer, "ok", sep="\t", flush=True)


def load(name):
    """A peer's module, or the sentence that says why there is none."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        return f"{name}.py: {error}; its rows are left out; Benchmarks/peers/requirements.txt names what it needs"


def described(peers):
    found = []
    for peer in peers.values():
        try:
            version = None if isinstance(peer, str) else peer.version()
        except ImportError:
            version = None
        if version and (peer.NAME, version) not in found:
            found.append((peer.NAME, version))
    return found


def isa(choice, peers):
    """What was asked for and what the libraries say of it."""
    texts = [f"--isa {choice}"]
    if not isinstance(peers.get("pytorch", ""), str):
        import torch

        capability = torch.backends.cpu.get_cpu_capability() if hasattr(torch.backends, "cpu") else "unknown"
        texts.append(f"PyTorch's own kernels {capability}, oneDNN {instructions.onednn() or 'unknown'}")
        texts.append("MKL chooses for itself")
    if not isinstance(peers.get("onnx_runtime", ""), str):
        limited = peers["onnx_runtime"].LIMITED
        texts.append("ONNX Runtime's kernels AVX2 at most" if limited else "ONNX Runtime takes the best there are")
    return "; ".join(texts)


def measured(case, sparsity, peer, context, rounds, runs, peaks):
    """Espalier and its peer in turns."""
    row = table.Row(case.name, case.title, sparsity, case.at_least[sparsity], peer=getattr(peer, "NAME", case.peer))
    threads = context.threads(case)
    if isinstance(peer, str):
        row.problem = peer
        return row
    try:
        own, others = [], []
        for _ in range(1 if case.counts else rounds):
            # Anew each round, as Espalier's process is: where memory happens to lie can cost a library half as much again.
            measure = peer.prepare(case, sparsity, context)
            with context.busy:
                line = espalier.measure(
                    context.program, espalier.arguments(case, sparsity, threads, runs),
                    [case.figure] if case.counts else espalier.FIELDS)
                context.line = line
                others.append(measure(runs, line))
            own.append(line[case.figure])
            if "peak_gflops" in line:
                peaks.append(line["peak_gflops"] / threads)
            del measure
            gc.collect()
    except Exception as error:  # Whatever a library throws, the other rows go on.
        row.problem = f"{case.name}: {type(error).__name__}: {error}"
        return row
    row.unit, scale = table.UNITS[case.figure]
    figures = {label: [other[label] for other in others] for label in others[0]}
    row.variants = {label: scale * statistics.median(values) for label, values in figures.items()}
    row.peer = min(figures, key=lambda label: statistics.median(figures[label]))
    row.milliseconds = scale * statistics.median(own)
    row.peer_milliseconds = scale * statistics.median(figures[row.peer])
    row.ratios = tuple(theirs / ours for theirs, ours in zip(figures[row.peer], own))
    return row


if __name__ == "__main__":
    main()
