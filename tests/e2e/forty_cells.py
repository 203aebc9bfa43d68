# SPDX-License-Identifier: Apache-2.0
"""Forty cells, half of which train or crash while the other half find other data than those that
were planned: what each kind of submission must make of them."""

import json
import os
from collections import Counter

import bars


def events(workspace, folder):
    with open(workspace.path(folder, "log.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def starts(workspace, folder):
    """How often each run's cell was started."""
    return Counter(e["run"] for e in events(workspace, folder) if e["event"] == "cell_started")


def outcomes(workspace, folder):
    runs = json.loads(workspace.mneme("status", folder, "--json", want=0).stdout)["runs"]
    return Counter((run["benchmark"], run["method"], run["outcome"]) for run in runs)


def suite(workspace):
    bars.fill(workspace, "mine")
    workspace.environment["MNEME_DATA"] = workspace.path("mine")
    workspace.write("bars.toml", bars.BENCHMARK)
    path = workspace.suite("finetune", "er", "ewc", "agem", "segfaults", seeds="4")
    with open(path, encoding="utf-8") as file:
        text = file.read().replace('["toy.toml"]', '["toy.toml", "bars.toml"]')
    return workspace.write("suite.toml", text)


def change_data(workspace):
    """After the cells were planned."""
    bars.fill(workspace, "mine", seed=7)


def check(workspace, folder):
    found = outcomes(workspace, folder)
    for method in ("finetune", "er", "ewc", "agem"):
        assert found["toy", method, "complete"] == 4, found
    assert found["toy", "segfaults", "failed"] == 4, found
    assert sum(n for key, n in found.items() if key[2] == "refused") == 20, found
    started = starts(workspace, folder)
    assert sorted(started.values()) == [1] * 40, f"a cell was repeated: {started}"
    for name in ("results.h5", "report.html"):
        assert os.path.exists(workspace.path(folder, name)), name
