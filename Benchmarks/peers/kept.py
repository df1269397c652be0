"""Rows that were measured before, in a file of JSON lines: a long run goes on where it was ended."""

import json
from dataclasses import asdict

import table


class Rows:
    def __init__(self, path, context, peaks):
        self.path, self.context, self.peaks, self.rows = path, context, peaks, {}
        if path is None:
            return
        try:
            with open(path, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
        except FileNotFoundError:
            return
        for line in lines:
            row = table.Row(**line["row"] | {"ratios": tuple(line["row"]["ratios"])})
            self.rows[row.name, row.sparsity] = row
            peaks += line["peaks"]
            context.line = line["line"]
            context.busy.sums = [sum(pair) for pair in zip(context.busy.sums, line["busy"])]

    def take(self, case, sparsity, measure):
        """The row of the file, or a new one, which then is in it. One that has no figures is measured again."""
        if (case.name, sparsity) in self.rows:
            return self.rows[case.name, sparsity]
        before, busy = len(self.peaks), list(self.context.busy.sums)
        row = measure()
        if self.path is not None and row.problem is None:
            line = {
                "row": asdict(row), "line": self.context.line, "peaks": self.peaks[before:],
                "busy": [now - then for now, then in zip(self.context.busy.sums, busy)],
            }  # fmt: skip
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        return row
