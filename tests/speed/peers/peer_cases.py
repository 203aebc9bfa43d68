# SPDX-License-Identifier: Apache-2.0
"""What `compare` runs: its cases, and what they have in common."""

TASKS, WIDTH, LR, MOMENTUM, MEMORY, LAMBDA, SEED, STEP = 5, 256, 0.01, 0.8, 500, 1.0, 1, 9
NETWORKS = {
    "permuted": "mlp",
    "rotated": "mlp",
    "split-cifar100": "resnet18",
    "split-cifar100, zenke-cnn": "zenke-cnn",
}
CIFAR = [stream for stream, network in NETWORKS.items() if network != "mlp"]
CIFAR_CLASSES = 5  # of a task
CIFAR_IMAGES, CIFAR_TESTS = 500, 200  # of a task at most, since convolutions are slow
CASES = [
    ("finetune", "permuted", 10),
    ("finetune", "permuted", 128),
    ("finetune", "rotated", 128),
    ("er", "permuted", 10),
    ("er", "permuted", 128),
    ("ewc", "permuted", 128),
    ("agem", "permuted", 128),
    *[("finetune", stream, batch) for stream in CIFAR for batch in (10, 64, 128)],
    *[(method, stream, 10) for stream in CIFAR for method in ("er", "ewc", "agem")],
]


def name_of(case):
    return "%s, %s, batch %d" % case


def sizes(stream, given):
    """Training and test images of a task."""
    if stream in CIFAR:
        return min(given.images, CIFAR_IMAGES), min(given.tests, CIFAR_TESTS)
    return given.images, given.tests


def classes(stream):
    """Of a task, and outputs of the network."""
    return CIFAR_CLASSES if stream in CIFAR else 10


def benchmark(stream, dataset):
    """Mneme's file of it. Every task's labels are numbered from 0, so that one head serves all."""
    kind = stream.partition("-")[0]
    rule = {
        "permuted": 'first_task = "plain"',
        "rotated": f"degrees_per_task = {STEP}",
        "split": f"classes_per_task = {CIFAR_CLASSES}",
    }[kind]
    network = {
        "mlp": f"hidden = [{WIDTH}, {WIDTH}]",
        "resnet18": 'nf = 20\nnorm = "batch"',
        "zenke-cnn": 'dropout = false\npadding = "pathint"',
    }[NETWORKS[stream]]
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
kind = "{NETWORKS[stream]}"
{network}
"""
