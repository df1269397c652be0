"""What was measured on: the machine and the versions, a line each."""

import os
import platform
import subprocess

from espalier import ROOT


def said(*command):
    """The first line that a command prints, or nothing."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ""


def processor():
    fields = {}
    with open("/proc/cpuinfo") as file:
        for line in file:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
    name = fields.get("model name", platform.machine())
    family = ", ".join(f"{key} {fields[key]}" for key in ("cpu family", "model") if key in fields)
    flags = fields.get("flags", "").split()
    vectors = " ".join(flag for flag in ("avx2", "fma", "avx512f", "avx512vl") if flag in flags)
    return f"{name} ({family}), {len(os.sched_getaffinity(0))} cores; {vectors}"


def caches():
    base = "/sys/devices/system/cpu/cpu0/cache"
    found = []
    for entry in sorted(os.listdir(base)) if os.path.isdir(base) else []:
        if not entry.startswith("index"):
            continue
        level, kind, size = (open(f"{base}/{entry}/{name}").read().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found.append(f"L{level} {size}")
    return ", ".join(found)


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


def vectors(program):
    """The widest registers in the code of Espalier's kernels, as a disassembler sees them."""
    # Only the kernels: the libraries linked into the program have code for every processor.
    width = "/^[0-9a-f]+ </ {kernel = /Kernels/} kernel && /%zmm/ {z++} kernel && /%ymm/ {y++} END {print z + 0, y + 0}"
    counts = said("sh", "-c", 'objdump -d --no-show-raw-insn "$0" | awk "$1"', program, width).split()
    if len(counts) != 2 or counts == ["0", "0"]:
        return "vectors unknown"
    return f"{counts[1]} instructions on 256-bit and {counts[0]} on 512-bit registers in the kernels"


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


def lines(program, peak_gflops):
    """(what, text). `peak_gflops`: of one thread, as the build under test measured it."""
    version = said(program, "--version") or "?"
    build = os.environ.get("ESPALIER_CPU", "the default of Package.swift")
    found = [
        ("processor", processor()),
        ("caches", caches()),
        ("memory", memory()),
        ("system", system()),
        ("Espalier", f"{version}, commit {revision()}"),
        ("Espalier's build", f"ESPALIER_CPU: {build}; {vectors(program)}"),
        ("Swift", said("swift", "--version")),
        ("Python", platform.python_version()),
    ]
    if peak_gflops:
        found.append(("peak of Espalier's build", f"{peak_gflops:.0f} GFLOP/s a thread, measured by the bench"))
    return [(what, text) for what, text in found if text]
