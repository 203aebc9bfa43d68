#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: line_in_torch.py IN.npz OUT.npz

Mean losses and correct answers on the straight line between two networks with ReLU layers, by plain
PyTorch. IN.npz has the ends' tensors as a.NAME and b.NAME, `layers` (names without .weight and
.bias, in order), `position` [points], x [examples, inputs] float32, y [examples] and `known`, the
classes that count. OUT.npz gets loss [points], correct [points] and the seconds of the loop."""

import sys
import time

import numpy as np
import torch


def main():
    given = np.load(sys.argv[1])
    ends = [
        {name[2:]: torch.from_numpy(given[name]) for name in given if name.startswith(end + ".")}
        for end in "ab"
    ]
    x, y = torch.from_numpy(given["x"]), torch.from_numpy(given["y"])
    known = torch.from_numpy(given["known"])
    y = torch.searchsorted(known, y)
    layers = [str(name) for name in given["layers"]]
    torch.set_num_threads(1)
    losses, correct = [], []
    begun = time.process_time()
    with torch.no_grad():
        for t in given["position"].tolist():
            w = {name: (1 - t) * ends[0][name] + t * ends[1][name] for name in ends[0]}
            hidden = x
            for layer in layers[:-1]:
                hidden = torch.relu(
                    torch.nn.functional.linear(hidden, w[layer + ".weight"], w[layer + ".bias"])
                )
            head = layers[-1]
            logits = torch.nn.functional.linear(hidden, w[head + ".weight"], w[head + ".bias"])
            logits = logits[:, known]
            losses.append(float(torch.nn.functional.cross_entropy(logits.double(), y)))
            correct.append(int((logits.argmax(1) == y).sum()))
    seconds = time.process_time() - begun
    np.savez(sys.argv[2], loss=losses, correct=correct, seconds=seconds)


main()
