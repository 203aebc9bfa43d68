# SPDX-License-Identifier: Apache-2.0
"""A small run of Avalanche 0.6.0, from which files/avalanche comes: avalanche_run.py FOLDER, which
holds torchvision's MNIST. Writes avalanche/eval_results.csv and printed.txt here."""

import os
import sys

FOLDER = sys.argv[1]
os.environ["HOME"] = FOLDER  # the library writes a settings file there when it is imported
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../speed/peers"))
import stand_ins

stand_ins.where_missing(["GPUtil", "gdown", "pytorchcv", "qpsolvers", "wandb"])
import torch
from avalanche.benchmarks import SplitMNIST
from avalanche.evaluation.metrics import (
    accuracy_metrics,
    forgetting_metrics,
    bwt_metrics,
    loss_metrics,
)
from avalanche.logging import CSVLogger, TextLogger
from avalanche.models import SimpleMLP
from avalanche.training import Replay
from avalanche.training.plugins import EvaluationPlugin

torch.set_num_threads(1)
torch.manual_seed(1)
stream = SplitMNIST(5, seed=1, fixed_class_order=list(range(10)), dataset_root=FOLDER)
model = SimpleMLP(num_classes=10, hidden_size=100)
with open("printed.txt", "w", encoding="utf-8") as printed:
    strategy = Replay(
        model=model,
        criterion=torch.nn.CrossEntropyLoss(),
        optimizer=torch.optim.SGD(model.parameters(), lr=0.05),
        mem_size=200,
        train_mb_size=32,
        train_epochs=1,
        eval_mb_size=500,
        evaluator=EvaluationPlugin(
            accuracy_metrics(experience=True, stream=True),
            loss_metrics(experience=True),
            forgetting_metrics(experience=True, stream=True),
            bwt_metrics(stream=True),
            loggers=[CSVLogger("avalanche"), TextLogger(printed)],
        ),
    )
    strategy.eval(stream.test_stream)
    for experience in stream.train_stream:
        strategy.train(experience)
        strategy.eval(stream.test_stream)
