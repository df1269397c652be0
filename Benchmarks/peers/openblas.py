"""OpenBLAS `sgemm`, measured by `espalier bench linear` in its own process, in turns with its own kernels."""

import ctypes

NAME = "OpenBLAS"
MISSING = "libopenblas.so.0 cannot be loaded: install libopenblas0"


def library():
    try:
        return ctypes.CDLL("libopenblas.so.0")
    except OSError:
        raise ImportError(MISSING) from None


def version():
    loaded = library()
    loaded.openblas_get_config.restype = loaded.openblas_get_corename.restype = ctypes.c_char_p
    number = loaded.openblas_get_config().decode().split()[1]
    return f"{number}, kernels for {loaded.openblas_get_corename().decode()}"


def prepare(case, sparsity, context):
    library()

    def measure(runs, line):
        if line.get("openblas_seconds") is None:
            raise RuntimeError(f"no openblas_seconds in the line of espalier bench {case.bench}")
        return {"OpenBLAS sgemm, dense": line["openblas_seconds"]}

    return measure
