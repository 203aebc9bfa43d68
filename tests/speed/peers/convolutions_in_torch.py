#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: convolutions_in_torch.py [--json FILE]

Where the time of a step of convolutions goes in a plain PyTorch loop on one thread, with images
that lie with the channels first and last in memory: the processor time of a step, and what oneDNN,
which computes LibTorch's convolutions on a CPU, says of its calls in that step; medians of steps.
*At best* is what the multiplications and additions would take at the highest rate that one matrix
product reaches here. Norms and linear layers are by PyTorch's profiler, means of steps."""

import argparse
import contextlib
import ctypes
import json
import os
import re
import statistics
import tempfile
import time

import torch
from networks_in_torch import resnet18, zenke_cnn
from peer_cases import CIFAR_CLASSES, LR, MOMENTUM

NETWORKS = {"resnet18": resnet18, "zenke-cnn": zenke_cnn}
BATCHES, STEPS, WARM = (10, 128), {10: 60, 128: 9}, 3
LAYOUTS = {"first": torch.contiguous_format, "last": torch.channels_last}
DIRECTIONS = {
    "forward_training": "forward",
    "backward_data": "back to images",
    "backward_weights": "back to weights",
}
PARTS = [*DIRECTIONS.values(), "laid anew"]
OPERATORS = {"norms": re.compile("native_batch_norm"), "linear layers": re.compile("::(mm|addmm)$")}
SIZE = re.compile(r"mb(\d+)_ic(\d+)oc(\d+)_ih\d+oh(\d+)kh(\d+)\w*_iw\d+ow(\d+)kw(\d+)")
SIDE = 1024  # of the matrices whose product is timed


@contextlib.contextmanager
def output_to(file):
    """Descriptor 1, to which oneDNN writes."""
    ours = os.dup(1)
    os.dup2(file.fileno(), 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(ours, 1)
        os.close(ours)


def step_of(network, batch, layout):
    torch.manual_seed(1)
    model = NETWORKS[network](CIFAR_CLASSES).to(memory_format=LAYOUTS[layout])
    x = torch.randn(batch, 3, 32, 32).to(memory_format=LAYOUTS[layout])
    y = torch.randint(0, CIFAR_CLASSES, (batch,))
    descent = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)

    def step():
        descent.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        descent.step()

    return step


def seconds(work):
    begun = time.process_time()
    work()
    return time.process_time() - begun


def best_rate():
    """Operations a second of a product of square matrices."""
    a, b = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
    return 2 * SIDE**3 / min(seconds(lambda: torch.mm(a, b)) for _ in range(20))


def calls(said):
    """Of each call of oneDNN: the part of the step, seconds, operations."""
    for line in said.splitlines():
        if "primitive,exec" not in line:
            continue
        words = line.split(",")
        at = words.index("exec")
        if words[at + 2] != "convolution":
            yield "laid anew", float(words[-1]) / 1000, 0
            continue
        images, entering, leaving, *sizes = map(int, SIZE.search(line).groups())
        rows, kernel_rows, columns, kernel_columns = sizes
        products = images * entering * leaving * rows * columns * kernel_rows * kernel_columns
        yield DIRECTIONS[words[at + 4]], float(words[-1]) / 1000, 2 * products


def measured(step):
    """Seconds of a step, of its parts, and the operations of its convolutions."""
    with tempfile.TemporaryFile("w+") as file:
        with output_to(file), torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
            whole = seconds(step)
        file.seek(0)
        said = list(calls(file.read()))
    parts = [sum(call[1] for call in said if call[0] == part) for part in PARTS]
    return whole, parts, sum(call[2] for call in said)


def by_operator(step, times=5):
    """Seconds of a step in the operators of each kind."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        for _ in range(times):
            step()
    return [
        sum(one.self_cpu_time_total for one in profile.key_averages() if kind.search(one.key))
        / (times * 1e6)
        for kind in OPERATORS.values()
    ]


def row(network, batch, layout, rate):
    step = step_of(network, batch, layout)
    for _ in range(WARM):
        step()
    steps = [measured(step) for _ in range(STEPS[batch])]
    operations = steps[0][2]
    middle = lambda value: statistics.median(map(value, steps))
    convolutions = lambda one: sum(one[1][: len(DIRECTIONS)])
    milliseconds = [middle(lambda one: one[0])]
    milliseconds += [middle(lambda one, k=k: one[1][k]) for k in range(len(PARTS))]
    milliseconds += [*by_operator(step), operations / rate]
    return (
        [network, str(batch), layout]
        + ["%.1f" % (1000 * one) for one in milliseconds]
        + ["%.0f %%" % (100 * middle(lambda one: convolutions(one) / one[0]))]
        + ["%.0f" % (operations / middle(convolutions) / 1e9)]
    )


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--json")
    given = parser.parse_args()
    torch.set_num_threads(1)
    rate = best_rate()
    rows = []
    for network in NETWORKS:
        for batch in BATCHES:
            for layout in LAYOUTS:
                rows.append(row(network, batch, layout, rate))
                print(rows[-1], flush=True)
    table = {
        "title": "Convolutions of a step, ms; a product reaches %.0f GFLOP/s" % (rate / 1e9),
        "columns": ["network", "batch", "channels", "step", *PARTS, *OPERATORS]
        + ["convolutions at best", "share of convolutions", "GFLOP/s of them"],
        "rows": rows,
    }
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump({"tables": [table]}, file, indent=1)
            file.write("\n")


main()
