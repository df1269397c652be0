"""Reads a kept network with safetensors and NumPy alone and measures it: read_kept.py FILE TEST-FILES-PREFIX"""

import gzip
import json
import sys

import numpy
from safetensors import safe_open


def idx(path):
    data = gzip.open(path).read()
    sizes = [int.from_bytes(data[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(data[3])]
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(sizes)


path, prefix = sys.argv[1:]
images = idx(prefix + "-images-idx3-ubyte.gz")
labels = idx(prefix + "-labels-idx1-ubyte.gz")

with safe_open(path, "numpy") as file:
    about = file.metadata()
    tensors = {name: file.get_tensor(name) for name in file.keys()}
with safe_open(path.replace(".safetensors", ".masks.safetensors"), "numpy") as file:
    beside = {name: file.get_tensor(name) for name in file.keys()}
with safe_open(path.replace(".safetensors", ".bitmask.safetensors"), "numpy") as file:
    compact = sum(file.get_tensor(name).nbytes for name in file.keys())

mean, deviation = numpy.float32(about["input_mean"]), numpy.float32(about["input_deviation"])
if any(name.endswith("running_mean") for name in tensors):
    # Its names and shapes are all that is asked.
    print(json.dumps({"keys": {name: f"{array.dtype} {list(array.shape)}" for name, array in tensors.items()}}))
    sys.exit()

values = (images.reshape(len(images), -1).astype(numpy.float32) - mean) / deviation
layers = sorted(name[: -len(".weight")] for name in tensors if name.endswith(".weight"))
for number, layer in enumerate(layers):
    values = values @ tensors[layer + ".weight"].T + tensors[layer + ".bias"]
    if number + 1 < len(layers):
        values = numpy.maximum(values, 0)

masks = [(tensors[layer + ".weight"], beside[layer + ".weight_mask"].astype(bool)) for layer in layers]
print(
    json.dumps(
        {
            "accuracy": 100 * int((values.argmax(1) == labels).sum()) / len(labels),
            "nnz": sum(int(mask.sum()) for _, mask in masks),
            "nonzero_outside_mask": sum(int((weights[~mask] != 0).sum()) for weights, mask in masks),
            "compact_bytes": compact,
            "keys": {name: f"{array.dtype} {list(array.shape)}" for name, array in tensors.items()},
            "mask_keys": {name: f"{array.dtype} {list(array.shape)}" for name, array in beside.items()},
        }
    )
)
