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


def residual18():
    layers = [nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    inputs = 64
    for outputs, stride in [(64, 1), (128, 2), (256, 2), (512, 2)]:
        layers += [BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


class EncoderLayer(nn.Module):
    def __init__(self, features, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(features), nn.LayerNorm(features)
        self.query, self.key, self.value, self.output = (nn.Linear(features, features) for _ in range(4))
        self.fc1, self.fc2 = nn.Linear(features, hidden), nn.Linear(hidden, features)

    def forward(self, x):
        batch, tokens, features = x.shape
        y = self.norm1(x)
        query, key, value = (
            part(y).view(batch, tokens, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        # The fastest of PyTorch's ways to attend.
        mixed = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(x.shape)
        x = x + self.output(mixed)
        return x + self.fc2(functional.gelu(self.fc1(self.norm2(x))))


class EncoderMini(nn.Module):
    def __init__(self, tokens=128, features=64):
        super().__init__()
        self.table = nn.Embedding(256, features)
        self.places = nn.Parameter(torch.zeros(tokens, features))
        self.layers = nn.Sequential(EncoderLayer(features, 4, 256), EncoderLayer(features, 4, 256))
        self.norm, self.fc = nn.LayerNorm(features), nn.Linear(features, 10)

    def forward(self, x):
        return self.fc(self.norm(self.layers(self.table(x) + self.places)).mean(1))


def network(name):
    if name.startswith("mlp-"):
        return multilayer([int(size) for size in name.split("-")[1:]])
    made = {"lenet-5": lenet5, "resnet-8": residual8, "resnet-18": residual18, "encoder-mini": EncoderMini}
    return made[name]()


def weights(model):
    """What Espalier prunes: the weights of convolutions, linear layers and embeddings."""
    return [layer.weight for layer in model.modules() if isinstance(layer, (nn.Conv2d, nn.Linear, nn.Embedding))]


def masks(model, sparsity):
    return [(torch.rand_like(weight) >= sparsity).to(weight.dtype) for weight in weights(model)]
