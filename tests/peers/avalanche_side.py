# SPDX-License-Identifier: Apache-2.0
"""Methods of Avalanche on split MNIST: avalanche_side.py JOB.json. Prints a line of JSON for each
run that ends. `compare.py` writes the job and says what stands in it."""

import os

import sides

JOB = sides.read_job(("GPUtil", "gdown", "pytorchcv", "wandb"), always=False)
os.environ["HOME"] = JOB["folder"]  # the library writes a settings file there when it is imported
import avalanche
import numpy as np
import torch
from avalanche.benchmarks import SplitMNIST
from avalanche.evaluation.metrics import accuracy_metrics
from avalanche.models import SimpleMLP, as_multitask
from avalanche.training import AGEM, EWC, GEM, DER, GDumb, ICaRL, LwF, Replay, SynapticIntelligence
from avalanche.training.plugins import EvaluationPlugin

torch.set_num_threads(1)
S = JOB["settings"]


def stream(scenario):
    return SplitMNIST(
        JOB["tasks"],
        return_task_id=scenario == "task",
        fixed_class_order=list(range(10)),
        train_transform=None,
        eval_transform=None,  # pixels stay in [0, 1]
        dataset_root=JOB["folder"],
    )


def strategy_of(method, scenario):
    net = SimpleMLP(num_classes=10, hidden_size=S["width"], hidden_layers=2, drop_rate=0)
    model = as_multitask(net, "classifier") if scenario == "task" else net
    rate = {"icarl": S["lr_mean_of_classes"], "gdumb": S["gdumb_lr"]}.get(method, S["lr"])
    batch = S["gdumb_batch"] if method == "gdumb" else S["batch"]
    sgd = torch.optim.SGD(
        model.parameters(), lr=rate, momentum=S["gdumb_momentum"] if method == "gdumb" else 0
    )
    common = {
        "model": model,
        "optimizer": sgd,
        "train_mb_size": batch,
        "train_epochs": S["gdumb_passes"] if method == "gdumb" else 1,
        "eval_mb_size": 200,
        "evaluator": EvaluationPlugin(accuracy_metrics(experience=True)),
    }
    if method == "icarl":
        del common["model"]
        return ICaRL(
            feature_extractor=torch.nn.Sequential(torch.nn.Flatten(), net.features),
            classifier=net.classifier,
            memory_size=S["memory"],
            buffer_transform=None,
            fixed_memory=True,
            **common,
        )
    common["criterion"] = torch.nn.CrossEntropyLoss()
    a_task = S["memory"] // JOB["tasks"]
    return {
        "er": lambda: Replay(mem_size=S["memory"], **common),
        "agem": lambda: AGEM(patterns_per_exp=a_task, sample_size=batch, **common),
        "ewc": lambda: EWC(ewc_lambda=S["lambda"], mode="separate", **common),
        # its penalty is si_lambda / 2 times the sum, its importance 0.0015 times the paper's
        "si": lambda: SynapticIntelligence(si_lambda=2 * S["si_c"] / 0.0015, eps=S["xi"], **common),
        "lwf": lambda: LwF(alpha=S["lwf_lambda"], temperature=S["temperature"], **common),
        "derpp": lambda: DER(
            mem_size=S["memory"], alpha=S["alpha"], beta=S["beta"], batch_size_mem=batch, **common
        ),
        "gem": lambda: GEM(patterns_per_exp=a_task, memory_strength=S["gamma"], **common),
        "gdumb": lambda: GDumb(mem_size=S["memory"], **common),
    }[method]()


def run(method, scenario, seed):
    torch.manual_seed(seed)
    np.random.seed(seed)
    tasks, strategy = stream(scenario), strategy_of(method, scenario)
    accuracy = []
    for task in range(JOB["tasks"]):
        strategy.train(tasks.train_stream[task])
        found = strategy.eval(tasks.test_stream[: task + 1])
        ends = ["/Exp%03d" % i for i in range(task + 1)]
        accuracy.append(
            [
                next(v for k, v in found.items() if k.startswith("Top1_Acc_Exp") and k.endswith(e))
                for e in ends
            ]
        )
    return accuracy


sides.run_all(JOB, run, {"avalanche": avalanche.__version__, "torch": torch.__version__})
