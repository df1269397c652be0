"""ONNX Runtime on the CPU: the forward pass of dense networks, or of one convolution."""

import numpy

import instructions
import onnx_avx2
import onnx_networks
from clock import contest

# Before anything else loads it.
LIMITED = instructions.chosen == "avx2" and onnx_avx2.load()

import onnxruntime

NAME = "ONNX Runtime"


def version():
    return onnxruntime.__version__


def prepare(case, sparsity, context):
    if case.bench == "convolution":
        graph = onnx_networks.convolution(case.options)
    else:
        graph = onnx_networks.network(case.options["network"], case.batch)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = context.threads(case)
    options.inter_op_num_threads = 1
    # Everything: batch norms folded, ReLUs and sums fused, and the layout of its own convolutions.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(
        graph.model().SerializeToString(), options, providers=["CPUExecutionProvider"])
    random = numpy.random.default_rng(2)
    x = random.random(graph.shape, dtype=numpy.float32)
    if graph.tokens:
        x = random.integers(0, graph.tokens, graph.shape)
    # Input and output at fixed places, without the copies and look-ups of a call by names: these count for one image.
    bound = session.io_binding()
    bound.bind_cpu_input("input", x)
    y = session.run(None, {"input": x})[0]
    bound.bind_ortvalue_output(session.get_outputs()[0].name, onnxruntime.OrtValue.ortvalue_from_numpy(y))
    return contest(
        {
            "ONNX Runtime, dense": lambda: session.run(None, {"input": x}),
            "ONNX Runtime, dense, bound": lambda: session.run_with_iobinding(bound),
        },
        graph.weight_count())
