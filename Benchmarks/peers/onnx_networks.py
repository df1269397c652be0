"""Networks of `NamedNetworks.swift` and one recipe as ONNX graphs, layer for layer, with random weights."""

import numpy
from onnx import TensorProto, checker, helper, numpy_helper


class Graph:
    """Nodes one behind the other, unless an input is named."""

    def __init__(self, *shape):
        self.shape, self.nodes, self.weights, self.last = list(shape), [], [], "input"
        self.tokens = 0  # how many different ones the input may be; 0: it is no tokens
        self.random = numpy.random.default_rng(1)

    def add(self, operator, *tensors, inputs=None, **attributes):
        """The name of what the new node gives; its input is the last node's, or those named."""
        names = [f"weight{len(self.weights) + number}" for number in range(len(tensors))]
        self.weights += [numpy_helper.from_array(values, name) for values, name in zip(tensors, names)]
        self.last, before = f"node{len(self.nodes)}", self.last
        self.nodes.append(helper.make_node(operator, [*(inputs or [before]), *names], [self.last], **attributes))
        return self.last

    def values(self, *shape):
        return 0.05 * self.random.standard_normal(shape, dtype=numpy.float32)

    def linear(self, inputs, outputs):
        return self.add("Gemm", self.values(outputs, inputs), self.values(outputs), transB=1)

    def convolution(self, inputs, outputs, kernel, stride=1, padding=0, groups=1, after=None):
        return self.add(
            "Conv", self.values(outputs, inputs // groups, kernel, kernel), self.values(outputs),
            inputs=after and [after], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[padding] * 4,
            group=groups)  # fmt: skip

    def batch_norm(self, channels):
        """A node of its own, as in a trained network: ONNX Runtime folds it into the convolution before by itself."""
        scale, bias, mean = 1 + self.values(channels), self.values(channels), self.values(channels)
        return self.add("BatchNormalization", scale, bias, mean, 1 + numpy.abs(self.values(channels)))

    def classes(self, channels):
        """Global average pooling and ten classes."""
        self.add("GlobalAveragePool")
        self.add("Flatten")
        self.linear(channels, 10)

    def model(self):
        # ONNX Runtime finds the sizes of the output, but not how many axes it has.
        axes = 4 if self.nodes[-1].op_type == "Conv" else 2
        given = helper.make_tensor_value_info("input", TensorProto.INT64 if self.tokens else TensorProto.FLOAT, self.shape)
        result = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, [None] * axes)
        graph = helper.make_graph(self.nodes, "network", [given], [result], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        checker.check_model(model, full_check=True)
        return model

    def weight_count(self):
        """All but biases and norms, which have one axis, and the places of tokens, which have three."""
        return int(sum(numpy.prod(tensor.dims) for tensor in self.weights if len(tensor.dims) in (2, 4)))


def multilayer(sizes, batch):
    graph = Graph(batch, sizes[0])
    for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        if number > 0:
            graph.add("Relu")
        graph.linear(inputs, outputs)
    return graph


def lenet5(batch):
    graph = Graph(batch, 1, 28, 28)
    for inputs, outputs in [(1, 20), (20, 50)]:
        graph.convolution(inputs, outputs, kernel=5)
        graph.add("Relu")
        graph.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    graph.add("Flatten")
    graph.linear(800, 500)
    graph.add("Relu")
    graph.linear(500, 10)
    return graph


def residual(batch, channels, size, stages):
    """Stages of (channels, stride of the first block, blocks)."""
    graph, inputs = Graph(batch, channels, size, size), stages[0][0]
    graph.convolution(channels, inputs, kernel=3, padding=1)
    graph.batch_norm(inputs)
    last = graph.add("Relu")
    for outputs, first, blocks in stages:
        for stride in [first] + [1] * (blocks - 1):
            graph.convolution(inputs, outputs, kernel=3, stride=stride, padding=1, after=last)
            graph.batch_norm(outputs)
            graph.add("Relu")
            graph.convolution(outputs, outputs, kernel=3, padding=1)
            block = graph.batch_norm(outputs)
            if stride > 1 or inputs != outputs:
                graph.convolution(inputs, outputs, kernel=1, stride=stride, after=last)
                last = graph.batch_norm(outputs)
            graph.add("Add", inputs=[block, last])
            last, inputs = graph.add("Relu"), outputs
    graph.classes(inputs)
    return graph


def mobile2(batch, size=32):
    """For small images: the first two strides are 1."""
    graph, channels = Graph(batch, 3, size, size), 32

    def block(inputs, outputs, kernel=1, stride=1, groups=1, rectifies=True):
        graph.convolution(inputs, outputs, kernel=kernel, stride=stride, padding=kernel // 2, groups=groups)
        graph.batch_norm(outputs)
        if rectifies:
            graph.add("Clip", numpy.float32(0), numpy.float32(6))
        return graph.last

    block(3, channels, kernel=3)
    for factor, outputs, blocks, first in [
        (1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
    ]:  # fmt: skip
        for stride in [first] + [1] * (blocks - 1):
            before, hidden = graph.last, channels * factor
            if factor > 1:
                block(channels, hidden)
            block(hidden, hidden, kernel=3, stride=stride, groups=hidden)
            last = block(hidden, outputs, rectifies=False)
            if stride == 1 and channels == outputs:
                graph.add("Add", inputs=[last, before])
            channels = outputs
    block(channels, 1280)
    graph.classes(1280)
    return graph


def encoder_mini(batch):
    """As PyTorch writes it: matrix products over tokens, a GELU by the error function, which ONNX Runtime makes one again."""
    tokens, features, heads = 128, 64, 4
    graph = Graph(batch, tokens)
    graph.tokens = 256

    def wholes(*values):
        return numpy.array(values, numpy.int64)

    def linear(name, inputs, outputs):
        graph.add("MatMul", graph.values(inputs, outputs), inputs=[name])
        return graph.add("Add", graph.values(outputs))

    def norm(name):
        return graph.add(
            "LayerNormalization", 1 + graph.values(features), graph.values(features), inputs=[name], axis=-1)

    def split(name, order):
        graph.add("Reshape", wholes(0, tokens, heads, features // heads), inputs=[name])
        return graph.add("Transpose", perm=order)

    table = numpy_helper.from_array(graph.values(256, features), "table")
    graph.weights.append(table)
    graph.nodes.append(helper.make_node("Gather", ["table", "input"], ["embedded"], axis=0))
    last = graph.add("Add", graph.values(1, tokens, features), inputs=["embedded"])
    for _ in range(2):
        normed = norm(last)
        query = split(linear(normed, features, features), [0, 2, 1, 3])
        key = split(linear(normed, features, features), [0, 2, 3, 1])
        value = split(linear(normed, features, features), [0, 2, 1, 3])
        graph.add("MatMul", inputs=[query, key])
        graph.add("Mul", numpy.float32((features // heads) ** -0.5))
        shares = graph.add("Softmax", axis=-1)
        graph.add("MatMul", inputs=[shares, value])
        graph.add("Transpose", perm=[0, 2, 1, 3])
        attended = linear(graph.add("Reshape", wholes(0, tokens, features)), features, features)
        last = graph.add("Add", inputs=[last, attended])
        hidden = linear(norm(last), features, 256)
        graph.add("Div", numpy.float32(2**0.5))
        graph.add("Erf")
        graph.add("Add", numpy.float32(1))
        graph.add("Mul", inputs=[hidden, graph.last])
        given = linear(graph.add("Mul", numpy.float32(0.5)), 256, features)
        last = graph.add("Add", inputs=[last, given])
    norm(last)
    graph.add("ReduceMean", axes=[1], keepdims=0)
    graph.linear(features, 10)
    return graph


def six_convolutions(batch):
    graph = Graph(batch, 64, 28, 28)
    for _ in range(6):
        graph.convolution(64, 64, kernel=3, padding=1)
        graph.add("Relu")
    graph.classes(64)
    return graph


def network(name, batch):
    if name.startswith("mlp-"):
        return multilayer([int(size) for size in name.split("-")[1:]], batch)
    made = {
        "lenet-5": lenet5, "resnet-8": lambda batch: residual(batch, 1, 28, [(16, 1, 1), (32, 2, 1), (64, 2, 1)]),
        "resnet-18": lambda batch: residual(batch, 3, 32, [(64, 1, 2), (128, 2, 2), (256, 2, 2), (512, 2, 2)]),
        "mobilenet-v2": mobile2, "encoder-mini": encoder_mini,
        "Benchmarks/recipes/six-convolutions.yaml": six_convolutions,
    }  # fmt: skip
    if name not in made:
        raise RuntimeError(f"no ONNX graph of {name} in onnx_networks.py")
    return made[name](batch)


def convolution(options):
    """One alone, of the options of `espalier bench convolution`."""
    graph = Graph(options["batch"], options["in-channels"], options["height"], options["width"])
    graph.convolution(
        options["in-channels"], options["out-channels"], options["kernel"], padding=options["padding"],
        groups=options["groups"])  # fmt: skip
    return graph
