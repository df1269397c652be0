"""PyTorch on the CPU: layers forward and backward, and whole training steps; convolutions in both memory formats.

`linear`, `convolution` and `train` give the ways to do it, {label: call}, and the number of weights.
"""

import inspect

import torch
from torch.nn import functional

import pytorch_networks
from clock import contest

NAME = "PyTorch"
FORMATS = {"NCHW": torch.contiguous_format, "channels-last": torch.channels_last}


def version():
    return torch.__version__


def prepare(case, sparsity, context):
    torch.manual_seed(1)
    torch.set_num_threads(context.threads(case))
    return contest(*{"linear": linear, "convolution": convolution, "train": train}[case.bench](case, sparsity))


def gradients(forward, inputs, output_gradient):
    """One call: forward, then the gradients of all inputs, freshly written as Espalier writes them."""
    return lambda: torch.autograd.grad(forward(*inputs), inputs, output_gradient)


def linear(case, sparsity):
    rows, columns = case.options["rows"], case.options["columns"]
    inputs = [torch.rand(case.batch, columns), torch.randn(rows, columns), torch.randn(rows)]
    for tensor in inputs:
        tensor.requires_grad_()
    return {"PyTorch, dense": gradients(functional.linear, inputs, torch.rand(case.batch, rows))}, rows * columns


def convolution(case, sparsity):
    options = case.options
    groups, kernel, padding = options["groups"], options["kernel"], options["padding"]
    shape = (case.batch, options["in-channels"], options["height"], options["width"])

    def forward(x, weight, bias):
        return functional.conv2d(x, weight, bias, padding=padding, groups=groups)

    dense = torch.randn(options["out-channels"], shape[1] // groups, kernel, kernel)

    def once(memory):
        x = torch.rand(shape).contiguous(memory_format=memory)
        inputs = [x, dense.clone().contiguous(memory_format=memory), torch.randn(options["out-channels"])]
        for tensor in inputs:
            tensor.requires_grad_()
        gradient = torch.rand(forward(*inputs).shape).contiguous(memory_format=memory)
        return gradients(forward, inputs, gradient)

    return {f"PyTorch, dense, {name}": once(memory) for name, memory in FORMATS.items()}, dense.numel()


def samples(case):
    """Four batches: images, or rows of tokens."""
    shape = [int(size) for size in case.options.get("input", "1x28x28").split("x")]
    if case.options["network"].startswith("encoder"):
        return torch.randint(0, 256, (4 * case.batch, shape[0]))
    return torch.rand(4 * case.batch, *shape)


def train(case, sparsity):
    """Batch, forward, loss, backward, SGD with momentum; with masks on the weights after the step if it is sparse."""

    def once(memory):
        model = pytorch_networks.network(case.options["network"]).to(memory_format=memory)
        # The optimizer in one kernel where this PyTorch has it: the fastest of its ways.
        fused = {"fused": True} if "fused" in inspect.signature(torch.optim.SGD).parameters else {}
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, **fused)
        images = samples(case)
        labels = torch.arange(len(images)) % 10
        weights = [weight.data for weight in pytorch_networks.weights(model)]
        masks = pytorch_networks.masks(model, sparsity) if sparsity > 0 else []
        order = []

        def step():
            if not order:
                order.extend(torch.randperm(len(images)).split(case.batch))
            batch = order.pop()
            x = images[batch]
            if x.dim() == 4:
                x = x.contiguous(memory_format=memory)
            loss = functional.cross_entropy(model(x), labels[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if masks:
                torch._foreach_mul_(weights, masks)
            return loss.item()

        return step

    kind = "with masks" if sparsity > 0 else "dense"
    formats = {f"PyTorch, {kind}, {name}": memory for name, memory in FORMATS.items()}
    if case.options["network"].startswith(("mlp-", "encoder")):
        formats = {f"PyTorch, {kind}": torch.contiguous_format}
    model = pytorch_networks.network(case.options["network"])
    count = sum(weight.numel() for weight in pytorch_networks.weights(model))
    return {label: once(memory) for label, memory in formats.items()}, count
