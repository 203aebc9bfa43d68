#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Digests of benchmarks and runs, computed without any code of the harness. Prints what
data/golden.json holds; with --check says whether it still holds that."""

import hashlib
import json
import pathlib
import sys


def canonical(value):
    """Sorted keys, no spaces, whole numbers below 1e16 as integers, other numbers as Python's
    repr."""
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(
                json.dumps(k, ensure_ascii=False) + ":" + canonical(value[k]) for k in sorted(value)
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return str(int(value)) if abs(value) < 1e16 and value == int(value) else repr(value)
    return json.dumps(value, ensure_ascii=False)


def digest(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


numbers = [
    0.0,
    -0.0,
    5.0,
    -3.0,
    0.1,
    0.0001,
    0.00012,
    1e-5,
    1.5e-7,
    1 / 3,
    2.5,
    123456.789,
    1e15,
    9007199254740993.0,
    1e16,
    1.5e300,
    5e-324,
    7,
]

tiny = {
    "keys": {
        "stream": {
            "kind": "synthetic",
            "tasks": 3,
            "train_examples": 60,
            "test_examples": 30,
            "validation": 0.0,
            "normalise": "none",
            "classes_per_task": 2,
            "features": 6,
            "separation": 3.0,
        },
        "scenario": {"kind": "task", "head": "full"},
        "network": {"kind": "mlp", "hidden": [8, 4], "bias": True, "init": "default"},
        "train": {"optimizer": "sgd", "lr": 1e-5, "momentum": 0.8, "batch_size": 10, "epochs": 1},
    },
    "payload": [],
}
turned = {
    "keys": {
        "stream": {
            "kind": "rotated",
            "dataset": "fashion-mnist",
            "tasks": 5,
            "train_examples": 2000,
            "test_examples": 0,
            "validation": 0.0,
            "normalise": "none",
            "degrees_per_task": 36.0,
            "interpolation": "nearest",
        },
        "scenario": {"kind": "domain", "head": "full"},
        "network": {"kind": "mlp", "hidden": [100], "bias": True, "init": "default"},
        "train": {},
    },
    "payload": ["ab" * 32],
}
run = {
    "benchmark": digest(tiny),
    "plugin": "ewc",
    "options": {
        "lambda": 10.0,
        "fisher": "exact",
        "fisher_samples": 1000,
        'accent \u00e9 "q"': True,
    },
    "train": {
        "optimizer": "sgd",
        "lr": 0.1,
        "lr_decay": 1.0,
        "lr_min": 0.0,
        "momentum": 0.0,
        "weight_decay": 0.0,
        "dropout": 0.0,
        "batch_size": 10,
        "epochs": 1,
        "drop_last": False,
        "reset_optimizer": True,
    },
    "seed": 2,
    "limit_train": 500,
    "limit_test": 100,
    "evaluate_on": "test",
    "precision": "fp32",
    "device": "cpu",
    "schema_major": 1,
}

golden = {
    "numbers": [canonical(n) for n in numbers],
    "tiny": digest(tiny),
    "turned": digest(turned),
    "run": digest(run),
}
if "--check" not in sys.argv:
    print(json.dumps(golden, indent=1))
    sys.exit()
kept = json.loads((pathlib.Path(__file__).parent / "data" / "golden.json").read_text())
for name in golden:
    print("ok" if kept.get(name) == golden[name] else "not ok", "golden digest of " + name)
sys.exit(kept != golden)
