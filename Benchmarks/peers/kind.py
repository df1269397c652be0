"""The kind of machine that a table of speeds holds for: vector instructions of Espalier's build, caches of a core.

The sizes of tiles and the ratios to other libraries follow from these two; clock and cores change both sides alike.
"""

import machine


def key(program, line=None):
    """As "AVX2, L1 32K, L2 512K"; None where the program cannot be looked into.

    `line`: one of `espalier bench --json`.
    """
    counts = machine.registers(program)
    if counts is None:
        return None
    own, counted = machine.caches()[:2], machine.counted_caches(line)[:2]
    parts = [vectors(*counts), machine.named(own or counted)]
    if own and counted and counted != own:
        parts.append(f"told {machine.named(counted)}")
    return ", ".join(part for part in parts if part)


def vectors(on_256_bits, on_512_bits):
    wider = "avx512f" in machine.flags()
    if on_512_bits:
        return "AVX-512"
    name = "AVX2" if on_256_bits else f"portable {machine.architecture()}"
    # Half of the registers, but the memory, the clock and, unless they are limited, the peers of the larger machine.
    return f"{name} on a processor with AVX-512" if wider else name
