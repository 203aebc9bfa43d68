# SPDX-License-Identifier: Apache-2.0
"""A small data set of the tests' own, as a user would have it: its files, a benchmark of it."""

import gzip
import hashlib
import os
import random
import struct

DESCRIPTION = """title = "Bars: where a bright bar lies"
licence = "CC0"
citation = "made by a test"
classes = 4
shape = [4, 4]
train_images = "train-images"
train_labels = "train-labels"
test_images = "test-images"
test_labels = "test-labels"
"""
BENCHMARK = """version = "1"
title = "Bars, two tasks of two"
reference = "made by a test"
[stream]
kind = "split"
dataset = "bars"
classes_per_task = 2
[scenario]
kind = "class"
[network]
kind = "mlp"
hidden = [16]
[train]
optimizer = "sgd"
lr = 0.1
momentum = 0.0
batch_size = 10
epochs = 2
"""


def part(count, seed):
    """Pictures of 4 x 4 with row k bright for label k: idx images and labels."""
    draw = random.Random(seed)
    labels = [draw.randrange(4) for _ in range(count)]
    pixels = bytes(
        draw.randrange(200, 256) if row == label else draw.randrange(0, 60)
        for label in labels
        for row in range(4)
        for _ in range(4)
    )
    return struct.pack(">IIII", 0x803, count, 4, 4) + pixels, struct.pack(
        ">II", 0x801, count
    ) + bytes(labels)


def fill(workspace, folder, description=DESCRIPTION, seed=1):
    os.makedirs(workspace.path(folder), exist_ok=True)
    sums = []
    for name, draw, count in (("train", seed, 200), ("test", seed + 1, 80)):
        for kind, content in zip(("images", "labels"), part(count, draw)):
            with gzip.open(workspace.path(folder, f"{name}-{kind}.gz"), "wb") as file:
                file.write(content)
            sums.append(hashlib.sha256(content).hexdigest())
    workspace.write(f"{folder}/bars.dataset.toml", description)
    return sums
