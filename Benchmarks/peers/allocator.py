"""What the C library does with memory that the peers free.

Espalier plans its memory once. PyTorch allocates every output anew, and glibc gives large blocks back to the system when
they are freed and fetches them again zeroed, or not, by what was freed before: the same case takes up to three times as
long after other cases. Kept memory is the peers' best and repeats.
"""

import ctypes

CHOICES = ["kept", "own"]
TRIM_THRESHOLD, MMAP_MAX = -1, -4  # of <malloc.h>


def choose(name):
    """True where it could be done: with glibc, or nothing asked for."""
    if name == "own":
        return True
    library = ctypes.CDLL(None)
    return hasattr(library, "mallopt") and bool(
        library.mallopt(MMAP_MAX, 0) and library.mallopt(TRIM_THRESHOLD, (1 << 31) - 1))
