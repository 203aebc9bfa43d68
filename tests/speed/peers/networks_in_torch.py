# SPDX-License-Identifier: Apache-2.0
"""The networks of benchmarks/mlp.cpp, of benchmarks/resnet.cpp with norm "batch", and of
benchmarks/zenke.cpp without dropout, in plain modules of PyTorch, whose initial weights are drawn
alike. A ReLU writes over what it is given, as torchvision's do."""

import torch
from torch import nn

from peer_cases import WIDTH

CHANNELS = 20  # of the first stage: nf


def mlp(classes):
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, classes),
    )


def convolution(entering, leaving, size, stride):
    return [
        nn.Conv2d(entering, leaving, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(leaving),
    ]


class Block(nn.Module):
    def __init__(self, entering, leaving, stride):
        super().__init__()
        self.body = nn.Sequential(
            *convolution(entering, leaving, 3, stride),
            nn.ReLU(inplace=True),
            *convolution(leaving, leaving, 3, 1),
        )
        changes = entering != leaving or stride != 1
        self.shortcut = nn.Sequential(*convolution(entering, leaving, 1, stride) if changes else [])

    def forward(self, x):
        out = self.body(x)
        out += self.shortcut(x)
        return torch.relu_(out)


def resnet18(classes):
    """For pictures of 3 x 32 x 32."""
    stages, entering = [], CHANNELS
    for stage in range(4):
        leaving = CHANNELS << stage
        stages += [
            Block(entering, leaving, 2 if stage > 0 else 1),
            Block(leaving, leaving, 1),
        ]
        entering = leaving
    return nn.Sequential(
        *convolution(3, CHANNELS, 3, 1),
        nn.ReLU(inplace=True),
        *stages,
        nn.AvgPool2d(4),
        nn.Flatten(),
        nn.Linear(entering, classes),
    )


def zenke_cnn(classes):
    """For pictures of 3 x 32 x 32."""
    pairs, entering = [], 3
    for leaving in (32, 64):
        pairs += [
            nn.Conv2d(entering, leaving, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(leaving, leaving, 3),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
        ]
        entering = leaving
    return nn.Sequential(
        *pairs,
        nn.Flatten(),
        nn.Linear(64 * 6 * 6, 512),
        nn.ReLU(inplace=True),
        nn.Linear(512, classes),
    )
