# SPDX-License-Identifier: Apache-2.0
"""What `compare` runs: its cases, and what they have in common."""

TASKS, WIDTH, LR, MOMENTUM, MEMORY, LAMBDA, SEED, STEP = 5, 256, 0.01, 0.8, 500, 1.0, 1, 9
SPLIT, SPLIT_CLASSES = "split-cifar100", 5  # of a task; its network is a ResNet-18
SPLIT_IMAGES, SPLIT_TESTS = 500, 200  # at most, since convolutions are slow
CASES = [
    ("finetune", "permuted", 10),
    ("finetune", "permuted", 128),
    ("finetune", "rotated", 128),
    ("er", "permuted", 10),
    ("er", "permuted", 128),
    ("ewc", "permuted", 128),
    ("agem", "permuted", 128),
    ("finetune", SPLIT, 10),
    ("finetune", SPLIT, 64),
    ("finetune", SPLIT, 128),
    ("er", SPLIT, 10),
    ("ewc", SPLIT, 10),
    ("agem", SPLIT, 10),
]


def name_of(case):
    return "%s, %s, batch %d" % case


def sizes(stream, given):
    """Training and test images of a task."""
    if stream == SPLIT:
        return min(given.images, SPLIT_IMAGES), min(given.tests, SPLIT_TESTS)
    return given.images, given.tests


def classes(stream):
    """Of a task, and outputs of the network."""
    return SPLIT_CLASSES if stream == SPLIT else 10


def benchmark(stream, dataset):
    """Mneme's file of it. Every task's labels are numbered from 0, so that one head serves all."""
    kind, rule = {
        "permuted": ("permuted", 'first_task = "plain"'),
        "rotated": ("rotated", f"degrees_per_task = {STEP}"),
        SPLIT: ("split", f"classes_per_task = {SPLIT_CLASSES}"),
    }[stream]
    network = (
        'kind = "resnet18"\nnf = 20\nnorm = "batch"'
        if stream == SPLIT
        else f'kind = "mlp"\nhidden = [{WIDTH}, {WIDTH}]'
    )
    return f"""version = "1"
title = "side by side"
reference = "none"
[stream]
kind = "{kind}"
dataset = "{dataset}"
tasks = {TASKS}
{rule}
[scenario]
kind = "domain"
[network]
{network}
"""
