# SPDX-License-Identifier: Apache-2.0
"""One run in Avalanche: avalanche_side.py JOB.json. Prints one line of JSON. `compare` writes the
job and says what stands in it.

variant "as it comes": the library's own PermutedMNIST, RotatedMNIST or SplitCIFAR100 over
torchvision's files, its default evaluator with its logger.
variant "at its best": ready-made tensors of floats in memory, accuracy of an experience alone, no
logger; on a CPU weights of convolutions with the channels last in memory, which is faster there.
Either way the same permutations, angles or classes, pixels in [0, 1], the optimiser's state new at
each task, evaluation on the tasks so far.
"""

import json
import os
import resource
import sys
import time

import stand_ins

with open(sys.argv[1], encoding="utf-8") as file:
    JOB = json.load(file)
CUDA = JOB["device"] == "cuda"
tick = time.perf_counter if CUDA else time.process_time
start = tick()
stand_ins.where_missing(JOB["stand_ins"])
os.environ["HOME"] = JOB["folder"]  # the library writes a settings file there when it is imported
import avalanche
import numpy as np
import torch
import torchvision
from avalanche.benchmarks import (
    PermutedMNIST,
    RotatedMNIST,
    SplitCIFAR100,
    benchmark_from_datasets,
)
from avalanche.benchmarks.classic import cmnist
from avalanche.benchmarks.utils.classification_dataset import (
    _make_taskaware_tensor_classification_dataset,
)
from avalanche.evaluation.metrics import accuracy_metrics
from avalanche.training import AGEM, EWC, Naive, Replay
from avalanche.training.plugins import EvaluationPlugin
from networks_in_torch import mlp, resnet18, zenke_cnn

torch.set_num_threads(1)
torch.manual_seed(JOB["seed"])
np.random.seed(JOB["seed"])
clock = {"import": tick() - start}
TASKS, BATCH, BEST = JOB["tasks"], JOB["batch"], JOB["variant"] == "at its best"
CLASSES, CIFAR = JOB["classes"], JOB["network"] != "mlp"
# torchvision compares its files with the whole data set's digests; these are a part of it.
torchvision.datasets.cifar.check_integrity = lambda *_: True


def now():
    if CUDA:
        torch.cuda.synchronize()  # its work goes on after the call that asked for it
    return tick()


class Listed:
    """Stands in for the generator that the library would draw its permutations from."""

    def __init__(self, _seed):
        self.left = iter(JOB["permutations"])

    def permutation(self, _count):
        return np.array(next(self.left))


def as_it_comes():
    if CIFAR:
        pixels = torchvision.transforms.ToTensor()
        return SplitCIFAR100(
            TASKS,
            return_task_id=False,
            fixed_class_order=list(range(TASKS * CLASSES)),
            class_ids_from_zero_in_each_exp=True,
            train_transform=pixels,
            eval_transform=pixels,
            dataset_root=JOB["folder"],
        )
    cmnist.np.random.RandomState = Listed
    settings = {
        "train_transform": None,
        "eval_transform": None,
        "dataset_root": JOB["folder"],
    }  # pixels stay in [0, 1]
    if JOB["stream"] == "rotated":
        return RotatedMNIST(TASKS, rotations_list=JOB["angles"], **settings)
    return PermutedMNIST(TASKS, seed=1, **settings)


def mnist_tensors(train):
    images = torchvision.datasets.MNIST(JOB["folder"], train=train)
    x = (images.data.float() / 255).reshape(-1, 784)
    for task in range(TASKS):
        if JOB["stream"] == "rotated":
            own = torchvision.transforms.functional.rotate(
                x.reshape(-1, 1, 28, 28), JOB["angles"][task]
            ).reshape(-1, 784)
        else:
            own = x[:, torch.tensor(JOB["permutations"][task])]
        yield own.contiguous(), images.targets


def cifar100_tensors(train):
    images = torchvision.datasets.CIFAR100(JOB["folder"], train=train)
    x, y = torch.from_numpy(images.data).permute(0, 3, 1, 2), torch.tensor(images.targets)
    for task in range(TASKS):
        rows = y // CLASSES == task
        yield x[rows].float().contiguous() / 255, y[rows] % CLASSES


def tensors():
    """As many megabytes of floats as the stream has images: this is what the library is fastest
    with."""

    def part(train):
        for x, y in (cifar100_tensors if CIFAR else mnist_tensors)(train):
            yield _make_taskaware_tensor_classification_dataset(x, y, targets=y, task_labels=0)

    return benchmark_from_datasets(train=list(part(True)), test=list(part(False)))


clock["build"], begun = 0.0, tick()
benchmark = tensors() if BEST else as_it_comes()
streams = benchmark.train_stream, benchmark.test_stream
clock["build"] = tick() - begun

model = {"mlp": mlp, "resnet18": resnet18, "zenke-cnn": zenke_cnn}[JOB["network"]](CLASSES)
# The library's AGEM flattens gradients by view(-1), which fails with the channels last.
if CIFAR and BEST and not CUDA and JOB["method"] != "agem":
    model.to(memory_format=torch.channels_last)
settings = {
    "model": model,
    "optimizer": torch.optim.SGD(model.parameters(), lr=JOB["lr"], momentum=JOB["momentum"]),
    "criterion": torch.nn.CrossEntropyLoss(),
    "train_mb_size": BATCH,
    "train_epochs": 1,
    "eval_mb_size": 128,
    "device": JOB["device"],
}
if BEST:
    settings["evaluator"] = EvaluationPlugin(accuracy_metrics(experience=True))
strategy = {
    "finetune": lambda: Naive(**settings),
    "er": lambda: Replay(mem_size=JOB["memory"], **settings),
    "ewc": lambda: EWC(ewc_lambda=JOB["lambda"], mode="separate", **settings),
    "agem": lambda: AGEM(patterns_per_exp=JOB["memory"] // TASKS, sample_size=BATCH, **settings),
}[JOB["method"]]()

clock["train"] = clock["evaluate"] = 0.0
accuracy = []
for task in range(TASKS):
    begun = now()
    strategy.optimizer.state.clear()
    strategy.train(streams[0][task])
    turned = now()
    found = strategy.eval(streams[1][: task + 1])
    if task >= JOB["first_counted"]:
        clock["train"] += turned - begun
        clock["evaluate"] += now() - turned
    accuracy.append(
        [
            next(
                v
                for k, v in found.items()
                if k.startswith("Top1_Acc_Exp/") and k.endswith("/Exp%03d" % i)
            )
            for i in range(task + 1)
        ]
    )

print(
    json.dumps(
        {
            "clock": clock,
            "accuracy": accuracy,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "versions": {"avalanche": avalanche.__version__, "torch": torch.__version__},
        }
    )
)
