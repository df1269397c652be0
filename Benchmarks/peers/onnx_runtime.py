"""ONNX Runtime on the CPU: the forward pass of dense networks."""

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from clock import contest

NAME = "ONNX Runtime"


def version():
    return onnxruntime.__version__


class Graph:
    """Nodes one behind the other, with random weights."""

    def __init__(self):
        self.nodes, self.weights, self.last = [], [], "input"
        self.random = numpy.random.default_rng(1)

    def add(self, operator, *shapes, **attributes):
        names = [f"weight{len(self.weights) + number}" for number in range(len(shapes))]
        for name, shape in zip(names, shapes):
            values = 0.05 * self.random.standard_normal(shape, dtype=numpy.float32)
            self.weights.append(numpy_helper.from_array(values, name))
        output = f"node{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [self.last, *names], [output], **attributes))
        self.last = output

    def model(self, input_shape, classes):
        given = helper.make_tensor_value_info("input", TensorProto.FLOAT, input_shape)
        result = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, [input_shape[0], classes])
        graph = helper.make_graph(self.nodes, "network", [given], [result], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def multilayer(name, batch):
    sizes = [int(size) for size in name.split("-")[1:]]
    graph = Graph()
    for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        if number > 0:
            graph.add("Relu")
        graph.add("Gemm", (outputs, inputs), (outputs,), transB=1)
    return [batch, sizes[0]], graph.model([batch, sizes[0]], sizes[-1])


def six_convolutions(batch):
    graph = Graph()
    for _ in range(6):
        graph.add("Conv", (64, 64, 3, 3), (64,), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        graph.add("Relu")
    graph.add("GlobalAveragePool")
    graph.add("Flatten")
    graph.add("Gemm", (10, 64), (10,), transB=1)
    return [batch, 64, 28, 28], graph.model([batch, 64, 28, 28], 10)


def prepare(case, sparsity, context):
    network = case.options["network"]
    if network.startswith("mlp-"):
        shape, model = multilayer(network, case.batch)
    elif network.endswith("/six-convolutions.yaml"):
        shape, model = six_convolutions(case.batch)
    else:
        raise RuntimeError(f"no ONNX graph of {network} in onnx_runtime.py")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = context.threads(case)
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    x = numpy.random.default_rng(2).random(shape, dtype=numpy.float32)
    # All but the biases, which have one axis.
    weights = sum(numpy.prod(tensor.dims) for tensor in model.graph.initializer if len(tensor.dims) > 1)
    return contest({"ONNX Runtime, dense": lambda: session.run(None, {"input": x})}, int(weights))
