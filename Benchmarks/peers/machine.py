"""What was measured on: the machine and the versions, a line each."""

import functools
import os
import platform
import re
import subprocess

from espalier import ROOT


def said(*command):
    """The first line that a command prints, or nothing."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ""


@functools.cache
def cpuinfo():
    """Of the first processor."""
    fields = {}
    with open("/proc/cpuinfo") as file:
        for line in file:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
    return fields


def architecture():
    return platform.machine()


def flags():
    return cpuinfo().get("flags", "").split()


def processor():
    fields = cpuinfo()
    name = fields.get("model name", architecture())
    family = ", ".join(f"{key} {fields[key]}" for key in ("cpu family", "model") if key in fields)
    vectors = " ".join(flag for flag in ("avx2", "fma", "avx512f", "avx512vl") if flag in flags())
    return f"{name} ({family}), {len(os.sched_getaffinity(0))} cores; {vectors}"


def caches():
    """Bytes of the data caches of a core, from L1 on."""
    base = "/sys/devices/system/cpu/cpu0/cache"
    found = []
    for entry in sorted(os.listdir(base)) if os.path.isdir(base) else []:
        if not entry.startswith("index"):
            continue
        level, kind, size = (open(f"{base}/{entry}/{name}").read().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found.append((int(level), sizes(size)))
    return [size for _, level_sizes in sorted(found) for size in level_sizes]


def counted_caches(line):
    """The same as Espalier counts on them: what its line says, else what it was told, else those of the machine."""
    told = sizes((line or {}).get("caches")) or sizes(os.environ.get("ESPALIER_CACHES"))
    return told or caches()


def sizes(value):
    """Bytes, of "32K,512K,32M" or of a list of such or of numbers."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value or ""]
    texts = re.findall(r"(?<![A-Za-z0-9])(\d+)\s*([KMG]?)(?:i?B)?\b", " ".join(str(value) for value in values))
    return [int(number) << {"": 0, "K": 10, "M": 20, "G": 30}[unit] for number, unit in texts]


def named(sizes):
    return ", ".join(f"L{level} {size >> 10}K" for level, size in enumerate(sizes, 1))


def memory():
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / (1 << 30):.1f} GiB"


def system():
    with open("/etc/os-release") as file:
        fields = dict(line.strip().split("=", 1) for line in file if "=" in line)
    return f"{fields.get('PRETTY_NAME', 'Linux').strip(chr(34))}, Linux {platform.release()}"


def revision():
    commit = said("git", "rev-parse", "--short=10", "HEAD") or "unknown"
    # The table itself is no change of the program.
    changes = said("git", "status", "--porcelain", "--", "Sources", "Package.swift", "Benchmarks")
    return commit + (", with changes" if changes else "")


@functools.cache
def registers(program):
    """Instructions in Espalier's kernels on registers of 256 and of 512 bits, as a disassembler sees them, or None."""
    # Only the kernels: the libraries linked into the program have code for every processor.
    width = (
        "/^[0-9a-f]+ </ {kernel = /Kernels/} kernel && /%zmm/ {z++} kernel && /%ymm/ {y++} "
        "END {print y + 0, z + 0, NR}")  # fmt: skip
    counts = said("sh", "-c", 'objdump -d --no-show-raw-insn "$0" | awk "$1"', program, width).split()
    return (int(counts[0]), int(counts[1])) if len(counts) == 3 and counts[2] != "0" else None


def vectors(program):
    counts = registers(program)
    if counts is None:
        return "vectors unknown"
    return f"{counts[0]} instructions on 256-bit and {counts[1]} on 512-bit registers in the kernels"


class Busy:
    """The share of all cores that others had while it was entered: other processes, and other virtual machines."""

    def __init__(self):
        self.sums = [0, 0, 0, 0]

    def __enter__(self):
        self.start = self.read()

    def __exit__(self, *error):
        self.sums = [total + now - before for total, now, before in zip(self.sums, self.read(), self.start)]

    @staticmethod
    def read():
        with open("/proc/stat") as file:
            # user nice system idle iowait irq softirq steal
            ticks = [int(text) for text in file.readline().split()[1:9]]
        # Ticks of all; of all processes; stolen; of this process and its children.
        return sum(ticks), sum(ticks[:3]) + sum(ticks[5:7]), ticks[7], sum(os.times()[:4]) * os.sysconf("SC_CLK_TCK")

    def text(self):
        total, used, stolen, own = self.sums
        share = 100 / max(total, 1)
        return f"{share * max(used - own, 0):.0f} % by other processes, {share * stolen:.0f} % by other virtual machines"


def lines(program, line, peak_gflops):
    """(what, text). `line`: one of `espalier bench --json`; `peak_gflops`: of one thread, as the build measured it."""
    version = said(program, "--version") or "?"
    found = [
        ("processor", processor()),
        ("caches", named(caches())),
        ("memory", memory()),
        ("system", system()),
        ("Espalier", f"{version}, commit {revision()}"),
        ("Espalier's build", vectors(program)),
        ("Swift", said("swift", "--version")),
        ("Python", platform.python_version()),
    ]
    if counted_caches(line) != caches():
        found.append(("caches that Espalier counts on", named(counted_caches(line))))
    if peak_gflops:
        found.append(("peak of Espalier's build", f"{peak_gflops:.0f} GFLOP/s a thread, measured by the bench"))
    return [(what, text) for what, text in found if text]
