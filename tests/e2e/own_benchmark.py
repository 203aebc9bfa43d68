# SPDX-License-Identifier: Apache-2.0
"""A benchmark of the user's own for networks of the user's own: two tasks of two classes of drawn
arrays. The keys of a network come behind `stream`, from line 13 on."""

import os

STREAM = """[stream]
kind = "split"
dataset = "mine"
classes_per_task = 2
[scenario]
kind = "%s"
[train]
lr = 0.05
momentum = 0.0
batch_size = 10
epochs = %d
[network]
"""
DATASET = """format = "npy"
type = "float32"
classes = 4
shape = %s
train = "train.npy"
train_labels = "train_labels.npy"
test = "test.npy"
test_labels = "test_labels.npy"
"""


def stream(scenario="class", epochs=2):
    return STREAM % (scenario, epochs)


def data(workspace, shape=(2, 8, 8), train=120, test=40):
    import numpy  # pylint: disable=import-outside-toplevel

    os.makedirs(workspace.path("mine"), exist_ok=True)
    workspace.write("mine/mine.dataset.toml", DATASET % list(shape))
    centres = numpy.random.default_rng(0).normal(size=(4, *shape))
    for part, count, seed in (("train", train, 1), ("test", test, 2)):
        draw = numpy.random.default_rng(seed)
        labels = draw.integers(0, 4, count)
        values = centres[labels] + draw.normal(size=(count, *shape))
        numpy.save(workspace.path("mine", part + ".npy"), values.astype("float32"))
        numpy.save(workspace.path("mine", part + "_labels.npy"), labels)
