"""Writes sections of kinds of machine into a document as `Scripts/peers --write` does, and compares what is kept.

Usage: kind_sections.py FOLDER, the folder of the peers. Prints the kinds of the last document, a line each.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

import document
import kind
import machine
import table


def section(date, ratio, problem=None):
    rows = [table.Row("linear", "linear 9×9", 0.9, 3, 1.0, "peer", 4.0, (4.0,)), table.Row("two", "linear 2×2", 0, 1)]
    rows[1].peer, rows[1].problem = "peer", problem
    rows[1].milliseconds, rows[1].peer_milliseconds, rows[1].ratios = 1.0, ratio, () if problem else (ratio,)
    return document.section(rows, [("processor", "some (family 1); avx2")], "Scripts/peers --write", date, "Ratio: …")


def kept(before, after, replaced):
    """All sections but one are the same bytes, in the same order."""
    old, new = document.sections(before), document.sections(after)
    assert [name for name in new if name in old] == list(old)
    for name, text in old.items():
        assert name == replaced or text == new[name], name
        # In the file itself, not only for whoever reads it.
        assert name == replaced or (text + "\n") in after, name
    assert document.whole(new) == after


first = document.replaced("", "AVX-512, L1 48K, L2 1024K", section("2026-01-01", 2.0))
second = document.replaced(first, "AVX2, L1 32K, L2 512K", section("2026-01-02", 0.5))
kept(first, second, None)
for name in ["AVX-512, L1 48K, L2 1024K", "AVX2, L1 32K, L2 512K"]:
    for text in [section("2026-01-03", 0.25), section("2026-01-03", 1, problem="two: no such library")]:
        third = document.replaced(second, name, text)
        kept(second, third, name)
        assert third != second and document.sections(third)[name].endswith(text)
        # Twice the same is the same file.
        assert document.replaced(third, name, text) == third

overview = second.partition("\n## ")[0]
assert "| AVX2, L1 32K, L2 512K | some (family 1) | 2026-01-02 | 1 of 2 |" in overview, overview
assert "- AVX-512, L1 48K, L2 1024K: all rows." in overview, overview
assert "- AVX2, L1 32K, L2 512K: all rows but 1:\n  - linear 2×2, over peer: 0 % 0.50 of 1\n" in overview + "\n", overview
assert "\n  - linear 2×2, over peer: 0 % not measured\n" in third, third

again = "\n## " + first.partition("\n## ")[2]
for spoilt in ["# Something\n\n## A\n", "# Performance\n\nno kind\n", first + again]:
    try:
        document.replaced(spoilt, "A", "text")
    except document.Unreadable:
        continue
    raise AssertionError(f"not refused: {spoilt}")

# What Espalier counts on, in each way that it may be told or say it.
for said in ["32K,512K,32M", ["32K", "512K", "32M"], [32768, 524288, 33554432], "L1 32K, L2 512K, L3 32768K"]:
    assert machine.counted_caches({"caches": said}) == [32768, 524288, 33554432], said
os.environ["ESPALIER_CACHES"] = "48K,1M,32M"
assert machine.counted_caches({}) == machine.counted_caches(None) == [49152, 1048576, 33554432]
assert machine.counted_caches({"caches": "32K,512K"}) == [32768, 524288]

# A build set to fewer registers than the processor has, and caches that are not the machine's, are kinds of their own.
machine.caches = lambda: [32768, 1048576, 33554432]
names = []
for flags, counts in [(["avx2"], (9, 0)), (["avx2", "avx512f"], (9, 0)), (["avx2", "avx512f"], (9, 9))]:
    machine.flags, machine.registers = lambda: flags, lambda program: counts
    names += [kind.key("espalier", {"caches": caches}) for caches in ["32K,1M,32M", "32K,512K,32M"]]
assert len(set(names)) == len(names) and all(name.count("told") == index % 2 for index, name in enumerate(names)), names
machine.registers = lambda program: None
assert kind.key("espalier") is None

print("\n".join(document.sections(second)))
