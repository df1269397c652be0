"""Rows as a Markdown table that also reads well in a terminal."""

import statistics
from dataclasses import dataclass, field


# What is compared: its unit and the factor to it.
UNITS = {
    "seconds": ("ms", 1e3), "weight_bytes": ("KiB", 1 / 1024), "bytes": ("KiB", 1 / 1024),
    "instructions": ("M instructions", 1e-6),
}  # fmt: skip


def number(value):
    return "–" if value is None else f"{value:.3f}" if value < 10 else f"{value:.1f}"


@dataclass
class Row:
    name: str
    case: str
    sparsity: float
    at_least: float | None
    milliseconds: float | None = None  # or what the unit says
    peer: str = ""
    peer_milliseconds: float | None = None
    ratios: tuple = ()  # one a round
    variants: dict = field(default_factory=dict)  # of every way the peer has to do it
    unit: str = "ms"  # one of UNITS
    problem: str | None = None  # why there are no figures

    @property
    def ratio(self):
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def reached(self):
        """Nothing where the row is for information, or could not be measured."""
        if self.at_least is None or self.ratio is None:
            return None
        return self.ratio >= self.at_least

    @property
    def progress(self):
        if self.problem:
            return self.problem
        variants = ", ".join(f"{label} {number(figure)}" for label, figure in self.variants.items())
        return (
            f"{self.name} {100 * self.sparsity:g} %: {number(self.milliseconds)} {self.unit}; {variants}; {self.ratio:.2f}")

    def amount(self, figure):
        """The heading says milliseconds."""
        return number(figure) if figure is None or self.unit == "ms" else f"{number(figure)} {self.unit}"

    def cells(self):
        spread = f"{self.ratio:.2f} ({min(self.ratios):.2f}–{max(self.ratios):.2f})" if self.ratios else "–"
        return [
            self.case, f"{100 * self.sparsity:g} %", self.amount(self.milliseconds), self.peer,
            self.amount(self.peer_milliseconds), spread, "–" if self.at_least is None else f"{self.at_least:g}",
            {True: "yes", False: "no", None: "not measured" if self.problem else "–"}[self.reached],
        ]  # fmt: skip


HEAD = ["case", "sparsity", "Espalier ms", "peer", "peer ms", "ratio", "at least", "reached"]
LEFT = [True, False, False, True, False, False, False, True]


def markdown(rows):
    cells = [HEAD] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]

    def line(texts):
        padded = (text.ljust(width) if left else text.rjust(width) for text, width, left in zip(texts, widths, LEFT))
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (width + 1) + ("-" if left else ":") for width, left in zip(widths, LEFT)) + "|"
    return "\n".join([line(HEAD), rule] + [line(texts) for texts in cells[1:]])


def problems(rows):
    """Each reason once."""
    return list(dict.fromkeys(row.problem for row in rows if row.problem))


def summary(rows):
    held = [row for row in rows if row.at_least is not None]
    return f"{sum(row.reached is True for row in held)} of {len(held)} reached"
