"""Which vector instructions the peers may use. Set before any of them is loaded."""

import os
import re
import subprocess
import sys

CHOICES = {
    "own": {},
    "avx2": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
    },
    # OpenBLAS takes AVX2 kernels on processors that are newer than it is; this asks for its AVX-512 ones.
    "avx512": {"OPENBLAS_CORETYPE": "SkylakeX"},
}


chosen = "own"


def choose(name):
    global chosen
    chosen = name
    os.environ.update(CHOICES[name])
    # NumPy's own OpenBLAS, for which it counts the processors when it is loaded.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


def onednn():
    """What oneDNN in PyTorch says that it runs with, from its own report; nothing without PyTorch."""
    code = "import torch; torch.nn.functional.conv2d(torch.rand(16, 16, 28, 28), torch.rand(16, 16, 3, 3))"
    environment = os.environ | {"ONEDNN_VERBOSE": "1"}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True).stdout
    found = re.search(r"cpu,isa:(.*)", said)
    return found.group(1).strip() if found else None
