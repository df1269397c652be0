"""ONNX Runtime held to AVX2, for which it has no setting.

Its kernels are chosen while the library is loaded, by what the processor itself says (`cpuid` and `xgetbv`). No variable
reaches that, and `GLIBC_TUNABLES` only what glibc has found out. So a copy of the library is loaded in which one jump, to
where the AVX-512 kernels are set, is never taken.
"""

import glob
import importlib.machinery
import importlib.util
import os
import sys
import tempfile

import machine

MODULE = "onnxruntime.capi.onnxruntime_pybind11_state"
# not %rax; test $0xe0, %al; je: whether the system keeps 512-bit registers. It stands once in 1.32.0.
CHECK = bytes.fromhex("48f7d0 a8e0")
JUMP, NOTHING = bytes.fromhex("0f84"), bytes.fromhex("660f1f440000")


def load():
    """Imports it; False where it takes AVX-512 nevertheless."""
    found = importlib.util.find_spec("onnxruntime")
    if found is None or "avx512f" not in machine.flags():
        import onnxruntime

        return True
    folder = os.path.join(os.path.dirname(found.origin), "capi")
    paths = glob.glob(os.path.join(folder, MODULE.rpartition(".")[2] + "*.so"))
    if len(paths) != 1:
        return False
    with open(paths[0], "rb") as file:
        code = bytearray(file.read())
    if code.count(CHECK + JUMP) != 1:
        return False
    start = code.find(CHECK + JUMP) + len(CHECK)
    code[start : start + len(NOTHING)] = NOTHING
    with tempfile.TemporaryDirectory() as copies:
        # With the libraries that it looks for beside itself.
        for path in glob.glob(os.path.join(folder, "*.so*")):
            if path != paths[0]:
                os.symlink(path, os.path.join(copies, os.path.basename(path)))
        with open(os.path.join(copies, os.path.basename(paths[0])), "wb") as file:
            file.write(code)
        sys.meta_path.insert(0, Finder(file.name))
        import onnxruntime

        sys.meta_path.pop(0)
    return True


class Finder:
    def __init__(self, path):
        self.path = path

    def find_spec(self, name, path=None, target=None):
        if name != MODULE:
            return None
        loader = importlib.machinery.ExtensionFileLoader(name, self.path)
        return importlib.util.spec_from_file_location(name, self.path, loader=loader)
