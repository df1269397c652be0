"""`Documentation/Performance.md`: a section a kind of machine, and before them what they say together."""

import re

import table

TITLE = "# Performance"
ABOUT = """\
Espalier beside PyTorch, ONNX Runtime, SciPy and OpenBLAS, a section for each kind of machine: the vector instructions \
of Espalier's build, and the caches of a core. `Scripts/peers --write` replaces the section of the machine at hand and \
keeps the others to the byte; nothing here is edited by hand. `Benchmarks/README.md` says how to run it.

"AVX2 on a processor with AVX-512" is a build set to AVX2 on the larger machine, "told" are caches set by \
`ESPALIER_CACHES`: each a kind of its own, as neither is the smaller machine. A section is held to the promises of its \
day, in its column "at least"; rows that it does not have were not measured on that kind yet."""


class Unreadable(Exception):
    pass


def sections(text):
    """{kind: its text from "## kind" to the last character}, in the order of the file."""
    if not text:
        return {}
    start, *rest = re.split(r"(?m)^(?=## )", text)
    if not start.startswith(TITLE + "\n"):
        raise Unreadable(f"the file begins with {start[:40]!r}, not with {TITLE!r}")
    found = {part.partition("\n")[0][len("## ") :]: part.rstrip("\n") for part in rest}
    if not found or len(found) != len(rest):
        raise Unreadable("the file has no kind of machine, or one twice")
    return found


def replaced(text, kind, section):
    """The file with the section of one kind, in its place or behind the others."""
    return whole(sections(text) | {kind: f"## {kind}\n\n{section}"})


def whole(sections):
    lines = ["| kind of machine | processor | written | reached |", "|---|---|---|---|"]
    said_of = []
    for kind, text in sections.items():
        lines.append("| " + " | ".join([kind, processor(text), written(text), reached(text)]) + " |")
        rows = missed(text)
        count = sum(len(ratios) for ratios in rows.values())
        said_of.append(f"- {kind}: all rows but {count}:" if rows else f"- {kind}: all rows.")
        said_of += [f"  - {case}: {', '.join(ratios)}" for case, ratios in rows.items()]
    parts = [TITLE, ABOUT, "\n".join(lines), "What was reached:", "\n".join(said_of), *sections.values()]
    return "\n\n".join(parts) + "\n"


def found(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return match.group(1) if match else "–"


def processor(section):
    return found(r"^\| processor \| (.*?)(?:;.*)? \|$", section)


def written(section):
    return found(r"^Written .* on (\d{4}-\d\d-\d\d)", section)


def reached(section):
    return found(r"^- (\d+ of \d+) reached", section)


def missed(section):
    """{case and peer: its rows} that are held to a ratio and did not reach it or were not measured."""
    rows = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != len(table.HEAD) or cells[-1] not in ("no", "not measured"):
            continue
        row = dict(zip(table.HEAD, cells))
        ratio = row["ratio"].split()[0]
        said = "not measured" if row["reached"] == "not measured" else f"{ratio} of {row['at least']}"
        rows.setdefault(f"{row['case']}, over {row['peer']}", []).append(f"{row['sparsity']} {said}")
    return rows


def section(rows, lines, command, date, method):
    """What stands below the name of the kind."""
    parts = [
        f"Written by `{command}` on {date}.",
        method,
        "\n".join(["| what | version |", "|---|---|"] + [f"| {what} | {text} |" for what, text in lines]),
        table.markdown(rows),
        "\n".join(f"- {text}" for text in [table.summary(rows) + ".", *table.problems(rows)]),
    ]
    return "\n\n".join(parts)
