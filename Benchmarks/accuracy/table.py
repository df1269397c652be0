"""Trains every cell of Documentation/Accuracy.md and writes it. Started by Scripts/accuracy-table; see there."""

import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import methods

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def arguments():
    parser = argparse.ArgumentParser(prog="Scripts/accuracy-table", description=__doc__)
    parser.add_argument("--program", default=os.path.join(ROOT, ".build/release/espalier"))
    parser.add_argument("--results", default=os.path.join(HERE, "results.jsonl"), help="one line for each cell")
    parser.add_argument("--write", default=os.path.join(ROOT, "Documentation/Accuracy.md"))
    parser.add_argument("--networks", nargs="*", help="only these")
    parser.add_argument("--methods", nargs="*", help="only these")
    parser.add_argument("--sparsities", nargs="*", type=float, help="only these")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at once, each on one thread")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no cell after so long")
    parser.add_argument("--quick", action="store_true", help="a few cells of seconds, as the tests run them")
    parser.add_argument("--table", action="store_true", help="only write the page from the results there are")
    return parser.parse_args()


class Table:
    def __init__(self, options):
        self.options = options
        quick = methods.QUICK if options.quick else {}
        self.networks = quick.get("networks", methods.NETWORKS)
        self.sparsities = quick.get("sparsities", methods.SPARSITIES)
        self.seeds = quick.get("seeds", options.seeds)
        self.data = quick.get("data", "fashion-mnist")
        self.batch = quick.get("batch", 128)
        self.images = quick.get("images", 55000)
        self.cut_sparsities = quick.get("cut_sparsities", methods.CUT_SPARSITIES)
        self.cuts = [line for line in methods.CUTS if line[0] in quick.get("cuts", [line[0]])]
        self.cut_alone = {} if quick else methods.CUT_ALONE
        self.methods = [line for line in methods.METHODS if line[0] in quick.get("methods", [line[0]])]
        self.lock = threading.Lock()
        self.results = {}
        if os.path.exists(options.results):
            for line in open(options.results):
                # A run that was stopped may have left half a line.
                if line.endswith("\n"):
                    cell = json.loads(line)
                    self.results[cell["key"]] = cell
        self.started = time.time()

    # MARK: What there is

    def known(self):
        """Names that the program has, by kind."""
        names = {}
        for kind in ["method", "criterion", "granularity", "distribution"]:
            text = subprocess.run([self.options.program, "list", kind], capture_output=True, text=True, check=True).stdout
            names[kind] = set(re.findall(r"^  ([a-z0-9-]+):", text, re.M))
        return names

    def is_there(self, recipe, known):
        for kind, names in known.items():
            found = re.search(rf"^{kind}: (?:{{name: )?([a-z0-9-]+)", recipe, re.M)
            if found and found.group(1) not in names:
                return False
        return True

    def recipe(self, network, text, sparsity, strength=None, times=1):
        setting = self.networks.get(network) or self.cut_alone[network]
        epochs = round(setting["epochs"] * times)
        steps = epochs * -(-self.images // self.batch)
        optimizer = setting.get("optimizer") or f"{{name: sgd, momentum: 0.9, weight-decay: {setting['decay']}}}"
        values = dict(S=sparsity, T=steps, every=max(1, min(100, steps // 40)), strength=strength)
        values |= {f"t{share}": max(1, steps * share // 100) for share in range(1, 100)}
        values["share5"] = round(1 - (1 - sparsity) ** 0.2, 6)
        return "\n".join([
            f"network: {setting.get('network', network)}", f"data: {setting.get('data', self.data)}", f"epochs: {epochs}",
            f"batch: {self.batch}", f"optimizer: {optimizer}", f"learning-rate: {setting['rate']}", "validate-every: 100000", "checkpoint-every: 1000000",
            text.format(**values)]) + "\n"

    # MARK: One run

    def key(self, recipe, seed, more):
        return hashlib.sha256(f"{recipe}{seed}{more}".encode()).hexdigest()[:16]

    def begins_nothing(self):
        return self.options.table or time.time() - self.started > 60 * self.options.minutes

    def call(self, command):
        """The last line that it printed, as JSON, what it said, and the seconds of a core that it took."""
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            child = subprocess.Popen(command, stdout=output, stderr=errors)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0), errors.seek(0)
            lines, said = output.read().splitlines(), errors.read().strip().splitlines()[-1:]
        return json.loads(lines[-1]) if lines else {}, said, round(usage.ru_utime + usage.ru_stime, 1)

    def keep(self, result, what):
        with self.lock:
            self.results[result["key"]] = result
            with open(self.options.results, "a") as file:
                file.write(json.dumps(result) + "\n")
        print(f"accuracy: {result['network']}, {result['method']}, {100 * result['sparsity']:g} %, seed {result['seed']}: "
              f"{what} in {result['seconds']} s", file=sys.stderr)

    def train(self, cell, recipe, seed, narrow=None, run=None):
        """The cell's result, from the file where it is there and no run is asked for."""
        key = self.key(recipe, seed, narrow)
        if key in self.results and not run:
            return self.results[key]
        if self.begins_nothing():
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cell.yaml")
            open(path, "w").write(recipe)
            command = [self.options.program, "train", path, "--run", run or os.path.join(folder, "run"), "--json", "--threads", "1",
                       "--seed", str(seed)]
            command += ["--narrow", str(narrow)] if narrow else []
            last, said, seconds = self.call(command)
        if last.get("event") != "finished":
            print(f"accuracy: {cell}: {said}", file=sys.stderr)
            return None
        result = dict(
            cell, seed=seed, key=key, test=last["test_accuracy"], validation=last["validation_accuracy"],
            reached=last["sparsity"], nnz=last["nnz"], seconds=seconds)
        if key not in self.results:
            self.keep(result, f"{result['test']:.2f} %")
        return result

    # MARK: Cuts

    def cut(self, network, seed):
        """Validation losses by (criterion, sparsity) of one dense network, before and after cuts that nothing mends."""
        recipe = self.recipe(network, "method: none", 0.0)
        wanted = {(name, sparsity): (options, self.key(recipe, seed, ["cut", *options, sparsity]))
                  for name, options in self.cuts for sparsity in self.cut_sparsities}
        missing = [key for _, key in wanted.values() if key not in self.results]
        if missing and not self.begins_nothing():
            with tempfile.TemporaryDirectory() as folder:
                run = os.path.join(folder, "run")
                if self.train(dict(network=network, method="dense", sparsity=0.0), recipe, seed, run=run):
                    for (name, sparsity), (options, key) in wanted.items():
                        if key in missing:
                            self.prune(dict(network=network, cut=name, method=f"cut by {name}", sparsity=sparsity, seed=seed, key=key),
                                       run, options)
        return {cell: self.results[key] for cell, (_, key) in wanted.items() if key in self.results}

    def prune(self, cell, run, options):
        found, said, seconds = self.call(
            [self.options.program, "prune", run, *options, "--sparsity", str(cell["sparsity"]), "--json", "--threads", "1",
             "--output", os.path.join(run, "cut.safetensors"), "--force"])
        if "figures" not in found:
            print(f"accuracy: {cell}: {said}", file=sys.stderr)
            return
        losses = [entry["loss"] for entry in found["figures"]]
        self.keep(dict(cell, before=losses[0], loss=losses[-1], reached=found["sparsity"], seconds=seconds), f"loss {losses[-1]:.4f}")

    # MARK: Methods without a target

    def strength(self, network, name, text, ends, sparsity):
        """By a sweep with the first seed: between two points on the straight line in log strength and log density."""
        low, high = (math.log10(end) for end in ends)
        points = []
        for number in range(7):
            strength = float(f"{10 ** (low + (high - low) * number / 6):.3g}")
            found = self.train(
                dict(network=network, method=name, sparsity=sparsity, sweep=strength),
                self.recipe(network, text, sparsity, strength), 1)
            if found is None:
                return None
            points.append((math.log10(strength), math.log(max(1e-6, 1 - found["reached"]))))
        wanted = math.log(1 - sparsity)
        for (a, left), (b, right) in zip(points, points[1:]):
            if left >= wanted > right:
                return float(f"{10 ** (a + (b - a) * (left - wanted) / (left - right)):.3g}")
        return None

    # MARK: All of them

    def methods_of(self, network):
        return [line for line in self.methods if network in line[2].get("networks", [network])]

    def cells(self, known):
        for seed in range(1, self.seeds + 1):
            for network in self.options.networks or self.networks:
                for name, text, how in self.methods_of(network):
                    if self.options.methods and name not in self.options.methods:
                        continue
                    for sparsity in how.get("only", self.sparsities):
                        if self.options.sparsities and sparsity and sparsity not in self.options.sparsities:
                            continue
                        if self.is_there(text, known):
                            yield network, name, text, how, sparsity, seed

    def run_cell(self, network, name, text, how, sparsity, seed):
        strength = None
        if "strengths" in how:
            with self.sweeps:
                strength = self.strength(network, name, text, how["strengths"], sparsity)
            if strength is None:
                return None
        narrow = round(1 - sparsity, 6) if how.get("narrow") else None
        times = how["longer"](sparsity) if "longer" in how else 1
        return self.train(
            dict(network=network, method=name, sparsity=sparsity), self.recipe(network, text, sparsity, strength, times), seed, narrow)

    def run(self):
        self.sweeps = threading.Lock()
        known = self.known()
        networks = self.options.networks or [*self.networks, *self.cut_alone]
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            cuts = [(network, pool.submit(self.cut, network, seed)) for seed in range(1, self.seeds + 1) for network in networks
                    if not self.options.methods or "cuts" in self.options.methods]
            work = [(cell, pool.submit(self.run_cell, *cell)) for cell in self.cells(known)]
            done, cut = {}, {}
            for (network, name, _, _, sparsity, _), future in work:
                result = future.result()
                group = done.setdefault((network, name, sparsity), [])
                if result:
                    group.append(result)
            for network, future in cuts:
                for (name, sparsity), result in future.result().items():
                    cut.setdefault((network, name, sparsity), []).append(result)
        return done, cut, known


# MARK: The page


def figure(results, key="test"):
    return [result[key] for result in results]


def shown(results, sparsity):
    if not results:
        return "–"
    tests = figure(results)
    text = f"{statistics.mean(tests):.2f}"
    text += f" ± {statistics.stdev(tests):.2f}" if len(tests) > 1 else ""
    reached = statistics.mean(figure(results, "reached"))
    if sparsity and abs(reached - sparsity) > 0.005 and results[0]["method"] != "small dense":
        text += f" ({100 * reached:.1f} %)"
    return text


def page(table, done, cut, known):
    lines = [
        "# Accuracy", "",
        "Test accuracy in percent on Fashion-MNIST, mean ± standard deviation over seeds; the first column of numbers is the "
        "share of zeros. In brackets: the zeros that were reached, where they differ by more than half a point. "
        "A small dense network has as many weights as the others have left.", "",
        "Made by `Scripts/accuracy-table`, which goes on where it stopped (`Benchmarks/accuracy/results.jsonl`, a line a run, "
        f"with the seconds of one core). All of it takes about {hours(table)}; epochs are few for that: "
        + ", ".join(f"{name} {setting['epochs']}" for name, setting in table.networks.items())
        + ". So these are figures to compare methods by, not the best that a network can do. "
        "L1, STR and L0 have no target: a sweep of seven strengths with the first seed finds the ones used.", "",
    ]
    wanted = {}
    for network in table.networks:
        for name, _, how in table.methods_of(network):
            for sparsity in how.get("only", table.sparsities):
                wanted[network, name, sparsity] = len(done.get((network, name, sparsity), []))
    cells, full = len(wanted), sum(count == table.seeds for count in wanted.values())
    runs = sum(wanted.values())
    if full < cells:
        lines += [
            f"**Partial: {runs} of {cells * table.seeds} runs are made; {full} of {cells} cells have all {table.seeds} seeds.** "
            "The others are run by the same command. A cell with fewer seeds has their number behind it; – has none.", ""]
        missing = [name for name, text, _ in table.methods if not table.is_there(text, known)]
        if missing:
            lines += ["Not in the program that made this: " + ", ".join(missing) + ".", ""]
    for network in table.networks:
        if not any(done.get((network, name, sparsity)) for name, _, how in table.methods_of(network)
                   for sparsity in how.get("only", table.sparsities)):
            lines += [f"## {network}", "", "Not run yet: `Scripts/accuracy-table --networks " + network + "`.", ""]
            continue
        dense = done.get((network, "dense", 0.0), [])
        lines += [f"## {network}", "", f"Dense: {shown(dense, 0)}" + seeds(dense, table), "",
                  "| method | " + " | ".join(f"{100 * sparsity:g} %" for sparsity in table.sparsities) + " |",
                  "|---|" + "---|" * len(table.sparsities)]
        for name, _, how in table.methods_of(network):
            if how.get("only") == [0.0]:
                continue
            row = []
            for sparsity in table.sparsities:
                results = done.get((network, name, sparsity), [])
                row.append(shown(results, sparsity) + seeds(results, table) if sparsity in how.get("only", table.sparsities) else "")
            lines.append(f"| {name} | " + " | ".join(row) + " |")
        lines.append("")
    lines += cut_section(table, cut)
    if not table.options.quick:
        claims = [(sentence, network, *verdict(done, network, left, right, margin))
                  for sentence, network, left, right, margin in methods.CLAIMS] + cut_claims(table, cut)
        lines += ["## What was expected", "", "| claim | network | found |", "|---|---|---|"]
        lines += [f"| {sentence} | {network} | {text} |" for sentence, network, _, text in claims]
        failed = [sentence for sentence, _, holds, _ in claims if holds is False]
        lines += [""] + [f"- {reason}" for beginning, reason in methods.REASONS.items()
                         if any(sentence.startswith(beginning) for sentence in failed)]
        lines += [f"- {note}" for note in methods.NOTES] + [""]
    return "\n".join(lines)


def hours(table):
    """Of all runs and sweeps, by the mean of each network."""
    seconds = 0
    for network, setting in table.networks.items():
        lines = table.methods_of(network)
        cells = sum(len(how.get("only", table.sparsities)) for _, _, how in lines)
        runs = cells * table.seeds + 7 * sum("strengths" in how for _, _, how in lines)
        seconds += runs * setting["seconds"]
    return f"{seconds / 7200:.1f} hours on two cores"


# MARK: Cuts on the page


def mean_loss(cut, *cell):
    return statistics.mean(figure(cut[cell], "loss")) if cut.get(cell) else None


def cut_section(table, cut):
    lines = [
        "## Cut in one shot, nothing trained after", "",
        "Validation loss (mean ± standard deviation over seeds) of the dense networks, cut by `espalier prune` with each criterion; "
        "every layer gives the same share, as Wanda, SparseGPT and ALPS have it by themselves.", "",
        "| network | criterion | dense | " + " | ".join(f"{100 * sparsity:g} %" for sparsity in table.cut_sparsities) + " |",
        "|---|---|---|" + "---|" * len(table.cut_sparsities)]
    for network in [*table.networks, *table.cut_alone]:
        for name, _ in table.cuts:
            row = [cut.get((network, name, sparsity), []) for sparsity in table.cut_sparsities]
            before = f"{statistics.mean(figure(row[0], 'before')):.4f}" if row[0] else "–"
            lines.append(f"| {network} | {name} | {before} | " + " | ".join(loss_shown(results, table) for results in row) + " |")
    return lines + [""]


def loss_shown(results, table):
    if not results:
        return "–"
    losses = figure(results, "loss")
    return f"{statistics.mean(losses):.4f}" + (f" ± {statistics.stdev(losses):.4f}" if len(losses) > 1 else "") + seeds(results, table)


def cut_claims(table, cut):
    """(sentence, network, whether it holds, None where that is not known, what was found) of each network."""
    order, claims = methods.CUT_ORDER, []
    for network in [*table.networks, *table.cut_alone]:
        for left, sign, right in zip(order[::2], order[1::2], order[2::2]):
            broken, known = [], False
            for sparsity in table.cut_sparsities:
                a, b = mean_loss(cut, network, left, sparsity), mean_loss(cut, network, right, sparsity)
                if a is None or b is None:
                    continue
                known = True
                if not (a <= b if sign == "<=" else a < b):
                    broken.append(f"{100 * sparsity:g} % {a:.4f} and {b:.4f}")
            text = "not run yet" if not known else "holds" if not broken else "**does not hold**: " + "; ".join(broken)
            word = "at most that of" if sign == "<=" else "below that of"
            claims.append((f"{left}'s loss {word} {right}, in one shot, 50 to 80 %", network, not broken if known else None, text))
    return claims


def seeds(results, table):
    return f" [{len(results)}]" if results and len(results) < table.seeds else ""


def verdict(done, network, left, right, margin):
    """Whether it holds, None where that is not known, and what was found."""
    a, b = done.get((network, *left), []), done.get((network, *right), [])
    if not a or not b:
        return None, "not run yet"
    first, second = statistics.mean(figure(a)), statistics.mean(figure(b))
    if margin == "spread":
        margin = -max(statistics.stdev(figure(side)) if len(side) > 1 else 0 for side in (a, b))
    holds = first >= second - margin
    count = min(len(a), len(b))
    few = "" if count >= 5 else f", {count} seed{'s' if count > 1 else ''}"
    return holds, f"{'holds' if holds else '**does not hold**'}: {first:.2f} and {second:.2f}{few}"


def main():
    table = Table(arguments())
    done, cut, known = table.run()
    text = page(table, done, cut, known)
    open(table.options.write, "w").write(text)


main()
