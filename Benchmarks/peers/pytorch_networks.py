"""The networks of `NamedNetworks.swift` in PyTorch, layer for layer."""

import torch
from torch import nn
from torch.nn import functional


def multilayer(sizes):
    layers = [nn.Flatten()]
    for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        if number > 0:
            layers.append(nn.ReLU(inplace=True))
        layers.append(nn.Linear(inputs, outputs))
    return nn.Sequential(*layers)


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(inplace=True), nn.Linear(500, 10))  # fmt: skip


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = functional.relu(self.norm1(self.conv1(x)), inplace=True)
        return functional.relu(self.norm2(self.conv2(y)) + self.shortcut(x), inplace=True)


def residual8():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(inplace=True),
        BasicBlock(16, 16, 1), BasicBlock(16, 32, 2), BasicBlock(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))  # fmt: skip


def network(name):
    if name.startswith("mlp-"):
        return multilayer([int(size) for size in name.split("-")[1:]])
    return {"lenet-5": lenet5, "resnet-8": residual8}[name]()


def weights(model):
    """What Espalier prunes: the weights of convolutions and linear layers."""
    return [layer.weight for layer in model.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]


def masks(model, sparsity):
    return [(torch.rand_like(weight) >= sparsity).to(weight.dtype) for weight in weights(model)]
