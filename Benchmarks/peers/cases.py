"""The cases, as data: what Espalier runs, beside whom, and the ratio that it is to reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    name: str  # for --only
    title: str  # for the table
    bench: str  # subcommand of `espalier bench`
    options: dict  # its options by name, without the dashes
    peer: str  # module of this folder
    at_least: dict  # sparsity: peer's seconds over Espalier's; None where the row is for information
    threads: int = 1
    runs: int = 30  # timed calls a round
    figure: str = "seconds"  # of Espalier's line, one of `table.UNITS`

    @property
    def counts(self):
        """Nothing is timed: one round says it."""
        return self.bench == "device"

    @property
    def batch(self):
        return self.options["batch"]


MLP = "mlp-784-1024-1024-10"
SQUARE = {"rows": 1024, "columns": 1024, "batch": 128}
TRAINING = {"pass": "training"}


def convolution(channels, size, kernel=3, groups=1):
    return {
        "in-channels": channels, "out-channels": channels, "kernel": kernel, "height": size, "width": size,
        "padding": kernel // 2, "groups": groups, "batch": 64, "pass": "training",
    }  # fmt: skip


def training(name, network, dense, sparse):
    return Case(
        f"train-{name}", f"training step, {network}, batch 128, 2 threads", "train",
        {"network": network, "batch": 128}, "pytorch", {0.0: dense, 0.9: sparse}, threads=2, runs=15)  # fmt: skip


def own_dense(network):
    return Case(
        f"own-dense-{network}", f"training step, {network}, batch 128, 2 threads, over own dense", "train",
        {"network": network, "batch": 128}, "own_dense", {0.4: 1.1, 0.5: 1.3}, threads=2, runs=15)  # fmt: skip


def device(network, globally, at_least):
    """The C for a device beside its own dense C, and the bytes of its tables beside the smallest encoding's."""
    how = "over all layers" if globally else "of each layer"
    options = {"network": network, "batch": 1} | ({"globally": True} if globally else {})
    name = f"device-{network}{'-globally' if globally else ''}"
    return [
        Case(name, f"C of {network}, 8 bits, zeros {how}, instructions of an image", "device", options, "own_dense_c",
            {0.9: at_least}, figure="instructions"),
        Case(f"{name}-bytes", f"C of {network}, 8 bits, zeros {how}, bytes of weights", "device", options,
            "best_encoding", {0.5: 0.95, 0.8: 0.95, 0.9: 0.95, 0.99: 0.95}, figure="bytes"),
    ]  # fmt: skip


def scaling(name, network):
    return Case(
        f"scale-{name}", f"training step, {network}, batch 128, 2 threads over 1", "train",
        {"network": network, "batch": 128}, "one_thread", {0.9: 1.8}, threads=2, runs=30)  # fmt: skip


def one_image(network):
    return Case(
        f"one-image-{network}", f"inference, {network}, one image", "infer", {"network": network, "batch": 1},
        "onnx_runtime", {0.0: 0.8, 0.8: 1.8, 0.9: 3, 0.95: 4.5}, runs=300)  # fmt: skip


def eight_bits(network):
    options = {"network": network, "batch": 1, "bits": 8}
    return [
        Case(
            f"eight-bits-{network}", f"inference, {network}, one image, 8 bits", "infer", options, "own_floats",
            {0.9: 1}, runs=300),
        Case(
            f"eight-bits-bytes-{network}", f"weights and places in memory, {network}, 8 bits", "infer", options,
            "own_floats", {0.9: 2.857}, runs=3, figure="weight_bytes"),
    ]  # fmt: skip


def inference(network, batch):
    return Case(
        f"infer-{network}-{batch}", f"inference, {network}, batch {batch}", "infer",
        {"network": network, "batch": batch}, "onnx_runtime", {0.0: 0.9, 0.9: 3})  # fmt: skip


def named(network, batch, dense, sparse, runs):
    """A named network of colour images, or of 128 tokens."""
    of_tokens = network.startswith("encoder")
    at_least = {0.9: sparse} if dense is None else {0.0: dense, 0.9: sparse}
    images = ("one sample" if of_tokens else "one image") if batch == 1 else f"batch {batch}"
    size, given = ("128 tokens", "128x1x1") if of_tokens else ("32×32", "3x32x32")
    return Case(
        f"infer-{network}-{batch}", f"inference, {network}, {size}, {images}", "infer",
        {"network": network, "input": given, "batch": batch}, "onnx_runtime", at_least, runs=runs)  # fmt: skip


def named_training(network, given, at_least, runs):
    """The same, trained at 90 % zeros."""
    return Case(
        f"train-{network}", f"training step, {network}, batch 32, 2 threads", "train",
        {"network": network, "input": given, "batch": 32}, "pytorch", {0.9: at_least}, threads=2, runs=runs)  # fmt: skip


BACKPROP = {0.0: 0.95, 0.4: 1, 0.5: 1.6, 0.9: 5.4, 0.95: 8.5}

CASES = [
    Case(
        "linear", "linear 1024×1024, batch 128, forward", "linear", SQUARE, "openblas",
        {0.0: 1.05, 0.5: 1.5, 0.8: 3.5, 0.9: 6.5, 0.95: 12, 0.99: 45}),
    Case(
        "linear-csr", "linear 1024×1024, batch 128, forward", "linear", SQUARE, "scipy_csr",
        {0.4: 1, 0.5: 1, 0.8: 1, 0.9: 1, 0.95: 1, 0.99: 1}),
    Case(
        "linear-csr-pytorch", "linear 1024×1024, batch 128, forward", "linear", SQUARE, "pytorch_csr",
        {0.4: 1, 0.9: 1, 0.99: 1}),
    Case(
        "linear-training", "linear 1024×1024, batch 128, forward and both gradients", "linear",
        SQUARE | TRAINING, "pytorch", {0.4: 1, 0.5: 1.4, 0.9: 6, 0.95: 11}),
    Case(
        "convolution-64", "convolution 64→64 3×3 28×28, batch 64, forward and both gradients", "convolution",
        convolution(64, 28), "pytorch", BACKPROP, runs=7),
    Case(
        "convolution-128", "convolution 128→128 3×3 14×14, batch 64, forward and both gradients", "convolution",
        convolution(128, 14), "pytorch", BACKPROP, runs=7),
    Case(
        "depthwise", "depthwise convolution 64 3×3 28×28, batch 64, forward and both gradients", "convolution",
        convolution(64, 28, groups=64), "pytorch", {0.0: 1.0}),
    Case(
        "pointwise", "convolution 64→64 1×1 28×28, batch 64, forward and both gradients", "convolution",
        convolution(64, 28, kernel=1), "pytorch", {0.0: 1.0}, runs=15),
    training("mlp", MLP, 1.0, 6),
    training("lenet-5", "lenet-5", 1.2, 7),
    training("resnet-8", "resnet-8", 1.0, 4),
    own_dense("lenet-300-100"),
    own_dense("lenet-5"),
    own_dense("resnet-8"),
    Case(
        "infer-mlp", f"inference, {MLP}, batch 64", "infer", {"network": MLP, "batch": 64}, "onnx_runtime",
        {0.9: 4.5, 0.95: 8}),
    inference("lenet-5", 16),
    inference("lenet-5", 64),
    inference("resnet-8", 16),
    inference("resnet-8", 64),
    named("resnet-18", 16, 0.85, 2.5, runs=3),
    named("resnet-18", 1, None, 3, runs=20),
    named("mobilenet-v2", 16, 0.85, 1.3, runs=7),
    named("mobilenet-v2", 1, None, 1.5, runs=50),
    named("encoder-mini", 16, 0.85, 2, 30),
    named("encoder-mini", 1, None, 1.5, 200),
    named_training("resnet-18", "3x32x32", 2.5, 3),
    named_training("encoder-mini", "128x1x1", 1.5, 10),
    Case(
        "six-convolutions", "six 3×3 convolutions of 64, 28×28, batch 16, forward", "infer",
        {"network": "Benchmarks/recipes/six-convolutions.yaml", "input": "64x28x28", "batch": 16}, "onnx_runtime",
        {0.95: 6.25}, runs=7),
    Case(
        "batch-of-one", "linear 4096×4096, batch 1, forward", "linear",
        {"rows": 4096, "columns": 4096, "batch": 1}, "matrix_vector", {0.95: 8}),
    one_image("lenet-5"),
    one_image("resnet-8"),
    *eight_bits("lenet-5"),
    *eight_bits("resnet-8"),
    Case(
        "one-image-convolution", "convolution 64→64 3×3 28×28, one image, forward", "convolution",
        convolution(64, 28) | {"batch": 1, "pass": "forward"}, "onnx_runtime", {0.8: 2, 0.9: 3.8, 0.95: 7.5}, runs=100),
    scaling("mlp", MLP),
    scaling("lenet-5", "lenet-5"),
    scaling("resnet-8", "resnet-8"),
    *device("lenet-5", False, 4),
    *device("lenet-5", True, 4),
    *device("lenet-300-100", False, 4),
    *device("resnet-8", False, 4),
    *device("ds-cnn", False, 4),
]  # fmt: skip
