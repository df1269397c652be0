"""Reference networks of PyTorch with random weights, and what ONNX Runtime says of files.

    reference.py make FOLDER      NAME-old.onnx, NAME-new.onnx (both exporters), NAME.x, NAME.y (raw float32), names.txt
    reference.py train FOLDER     NAME-train.onnx with its norms as they are, NAME.tx, NAME.ty (samples and labels), NAME.arrays (names,
                                  counts, how far PyTorch's own floats are off), NAME.gradients (of the first step, by doubles),
                                  NAME.curve and NAME.curve2 (the loss of each step, in two orders of adding), training.txt;
                                  NAME-smooth without curves, its functions without kinks
    reference.py check FOLDER     every FILE.out.onnx: onnx.checker, and ONNX Runtime's answers against NAME.y to 1e-4
"""
import copy
import os
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
SAMPLES = 3
# Of the fine-tuning: stochastic gradient descent on one batch.
BATCH, STEPS, RATE, MOMENTUM = 16, 200, 0.001, 0.9


def networks(smooth=False):
    """smooth: every function with a kink is a like one without. Where a sum is nearly zero, its rounding says on which side of a
    kink it is, so that no two orders of adding have the same gradient behind a batch norm, not even PyTorch's own."""
    import torch
    from torch import nn
    ReLU, ReLU6, Hardswish, Hardsigmoid = (nn.Softplus, nn.Tanh, nn.GELU, nn.Sigmoid) if smooth else (
        nn.ReLU, nn.ReLU6, nn.Hardswish, nn.Hardsigmoid)
    Pool = nn.AvgPool2d if smooth else nn.MaxPool2d

    class Residual(nn.Module):
        def __init__(self, before, width, stride, wide):
            super().__init__()
            after = width * (4 if wide else 1)
            if wide:
                kernels = [(before, width, 1, 1), (width, width, 3, stride), (width, after, 1, 1)]
            else:
                kernels = [(before, width, 3, stride), (width, width, 3, 1)]
            parts = []
            for number, (i, o, k, s) in enumerate(kernels):
                parts += [nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o)]
                if number + 1 < len(kernels):
                    parts.append(ReLU())
            self.way, self.end = nn.Sequential(*parts), ReLU()
            same = stride == 1 and before == after
            self.short = nn.Identity() if same else nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

        def forward(self, x):
            return self.end(self.way(x) + self.short(x))

    def resnet(counts, wide):
        parts, before = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), ReLU()], 64
        for stage, (count, width) in enumerate(zip(counts, (64, 128, 256, 512))):
            for number in range(count):
                parts.append(Residual(before, width, 2 if stage and not number else 1, wide))
                before = width * (4 if wide else 1)
        return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 10))

    class Squeeze(nn.Module):
        def __init__(self, channels):
            super().__init__()
            inner = max(8, channels // 32 * 8)
            self.way = nn.Sequential(
                nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, inner, 1), ReLU(), nn.Conv2d(inner, channels, 1),
                Hardsigmoid())

        def forward(self, x):
            return x * self.way(x)

    class Inverted(nn.Module):
        def __init__(self, before, hidden, after, kernel, stride, act, squeezes):
            super().__init__()
            parts = []
            if hidden != before:
                parts += [nn.Conv2d(before, hidden, 1, bias=False), nn.BatchNorm2d(hidden), act()]
            parts += [nn.Conv2d(hidden, hidden, kernel, stride, kernel // 2, groups=hidden, bias=False),
                      nn.BatchNorm2d(hidden), act()]
            if squeezes:
                parts.append(Squeeze(hidden))
            parts += [nn.Conv2d(hidden, after, 1, bias=False), nn.BatchNorm2d(after)]
            self.way = nn.Sequential(*parts)
            self.adds = stride == 1 and before == after

        def forward(self, x):
            return x + self.way(x) if self.adds else self.way(x)

    def mobilenet_v2():
        parts, before = [nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), ReLU6()], 32
        for factor, width, count, stride in [(1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                             (6, 160, 3, 2), (6, 320, 1, 1)]:
            for number in range(count):
                parts.append(Inverted(before, before * factor, width, 3, 1 if number else stride, ReLU6, False))
                before = width
        return nn.Sequential(*parts, nn.Conv2d(before, 1280, 1, bias=False), nn.BatchNorm2d(1280), ReLU6(),
                             nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, 10))

    def mobilenet_v3():
        parts, before = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), Hardswish()], 16
        for kernel, hidden, width, squeezes, hard, stride in [
                (3, 16, 16, 1, 0, 2), (3, 72, 24, 0, 0, 2), (3, 88, 24, 0, 0, 1), (5, 96, 40, 1, 1, 2),
                (5, 240, 40, 1, 1, 1), (5, 120, 48, 1, 1, 1), (5, 288, 96, 1, 1, 2), (5, 576, 96, 1, 1, 1)]:
            parts.append(Inverted(before, hidden, width, kernel, stride, Hardswish if hard else ReLU, squeezes))
            before = width
        return nn.Sequential(*parts, nn.Conv2d(before, 576, 1, bias=False), nn.BatchNorm2d(576), Hardswish(),
                             nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(576, 256), Hardswish(),
                             nn.Dropout(0.2), nn.Linear(256, 10))

    def vgg():
        parts, before = [], 3
        for width in [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0]:
            if width:
                parts += [nn.Conv2d(before, width, 3, padding=1), ReLU()]
                before = width
            else:
                parts.append(Pool(2))
        return nn.Sequential(*parts, nn.Flatten(), nn.Linear(512, 128), ReLU(), nn.Dropout(), nn.Linear(128, 10))

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(200, 64)
            self.places = nn.Parameter(torch.randn(1, 24, 64) * 0.1)
            layer = nn.TransformerEncoderLayer(64, 4, 128, 0.1, "gelu", batch_first=True)
            self.layers = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
            self.head = nn.Linear(64, 10)

        def forward(self, x):
            return self.head(self.layers(self.tokens(x) + self.places[:, :x.shape[1]]).mean(1))

    image = torch.randn(SAMPLES, 3, 32, 32)
    yield "lenet-5", nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 10)), torch.randn(SAMPLES, 1, 28, 28)
    yield "vgg-11", vgg(), image
    yield "resnet-18", resnet((2, 2, 2, 2), False), image
    yield "resnet-50", resnet((3, 4, 6, 3), True), image
    yield "mobilenet-v2", mobilenet_v2(), image
    yield "mobilenet-v3", mobilenet_v3(), image
    yield "encoder", Encoder(), torch.randint(0, 200, (SAMPLES, 24))


def make(folder):
    import torch
    from torch import nn
    torch.manual_seed(1)
    names = []
    for name, network, x in networks():
        network.eval()
        for part in network.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.running_mean.normal_(0, 0.3)
                part.running_var.uniform_(0.5, 1.5)
        with torch.no_grad():
            y = network(x)
        x.numpy().astype(np.float32).tofile(f"{folder}/{name}.x")
        y.numpy().tofile(f"{folder}/{name}.y")
        torch.onnx.export(network, (x,), f"{folder}/{name}-old.onnx", dynamo=False, input_names=["x"],
                          output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, opset_version=17)
        names.append(f"{name}-old")
        try:
            import onnxscript  # noqa: F401
        except ImportError:
            continue
        torch.onnx.export(network, (x,), f"{folder}/{name}-new.onnx", dynamo=True, input_names=["x"],
                          output_names=["y"], external_data=False, verbose=False,
                          dynamic_shapes=({0: torch.export.Dim("batch", min=2, max=64)},))
        names.append(f"{name}-new")
    with open(f"{folder}/names.txt", "w") as file:
        file.write("\n".join(names))


def train(folder):
    import torch
    torch.manual_seed(2)
    names = []
    for smooth in (False, True):
        for name, network, x in networks(smooth):
            if smooth and name in ("lenet-5", "encoder"):
                continue
            name += "-smooth" * smooth
            x, labels = begin(network, x)
            network.eval()
            torch.onnx.export(network, (x[:3],), f"{folder}/{name}-train.onnx", dynamo=False, input_names=["x"],
                              output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, opset_version=17,
                              training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
            network.train()
            x.numpy().astype(np.float32).tofile(f"{folder}/{name}.tx")
            labels.numpy().astype(np.float32).tofile(f"{folder}/{name}.ty")
            first_gradients(network, x, labels, f"{folder}/{name}")
            if not smooth:
                twin = copy.deepcopy(network)
                np.array(curve(network, x, labels), np.float32).tofile(f"{folder}/{name}.curve")
                with torch.backends.mkldnn.flags(enabled=False):
                    np.array(curve(twin, x, labels), np.float32).tofile(f"{folder}/{name}.curve2")
            names.append(name)
    with open(f"{folder}/training.txt", "w") as file:
        file.write("\n".join(names))


def begin(network, x):
    """Weights that all differ, no dropout, a batch of samples like x."""
    import torch
    from torch import nn
    for part in network.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
        elif isinstance(part, nn.MultiheadAttention):
            part.dropout = 0.0
    # Layers that begin as copies would be written as one.
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.01)
    shape = (BATCH,) + tuple(x.shape[1:])
    x = torch.randint(0, 200, shape) if x.dtype == torch.int64 else torch.randn(shape)
    return x, torch.randint(0, 10, (BATCH,))


def first_gradients(network, x, labels, path):
    import torch
    import torch.nn.functional as F

    def gradients(network, x):
        F.cross_entropy(network(x), labels).backward()
        return [(key, p.grad.double()) for key, p in network.named_parameters() if p.grad is not None]

    double = copy.deepcopy(network).double()
    exact = gradients(double, x.double() if x.is_floating_point() else x)
    orders = [gradients(copy.deepcopy(network), x)]
    with torch.backends.mkldnn.flags(enabled=False):
        orders.append(gradients(copy.deepcopy(network), x))
    largest = max(g.abs().max().item() for _, g in exact)
    lines = []
    for place, (key, g) in enumerate(exact):
        scale = max(g.abs().max().item(), 1e-3 * largest)
        own = max((order[place][1] - g).abs().max().item() for order in orders) / scale
        lines.append(f"{key} {g.numel()} {own}")
    with open(f"{path}.arrays", "w") as file:
        file.write("\n".join(lines))
    torch.cat([g.reshape(-1) for _, g in exact]).numpy().astype(np.float32).tofile(f"{path}.gradients")


def curve(network, x, labels):
    import torch
    import torch.nn.functional as F
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(x), labels)
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return losses


def check(folder):
    import onnx
    import onnxruntime
    worst = 0
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".out.onnx"):
            continue
        path, name = f"{folder}/{file}", file.split(".")[0].rsplit("-", 1)[0]
        onnx.checker.check_model(path)
        session = onnxruntime.InferenceSession(path)
        kind = session.get_inputs()[0]
        x = np.fromfile(f"{folder}/{name}.x", np.float32).reshape([SAMPLES] + list(kind.shape[1:]))
        y = session.run(None, {kind.name: x.astype(np.int64 if "int64" in kind.type else np.float32)})[0]
        wanted = np.fromfile(f"{folder}/{name}.y", np.float32)
        off = np.abs(y.reshape(-1) - wanted).max() / max(1, np.abs(wanted).max())
        worst = max(worst, off)
        if off > 1e-4:
            sys.exit(f"{file}: {off} off")
    print(f"worst {worst}")


if __name__ == "__main__":
    {"make": make, "train": train, "check": check}[sys.argv[1]](sys.argv[2])
