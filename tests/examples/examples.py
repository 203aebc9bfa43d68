#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The SDK's examples: examples.py BIN PLUGINS EXAMPLES SOURCE HOST. HOST trains plugins side by
side (tests/abi); BIN holds the real programs."""

import json
import os
import sys
import tempfile

HOST = sys.argv[5]
sys.path[:0] = [os.path.join(sys.argv[4], "tests", room) for room in ("abi", "e2e")]
from workspace import (
    PLUGINS,
    ZOO as EXAMPLES,
    Skip,
    case,
    facts,
    main,
)  # noqa: E402 - the paths are above
from two_lines import distance, trained  # noqa: E402


def learned(*wanted):
    """What each (folder, plugin, options, train) ends with: theta, and the logits of a test set."""
    cases = [
        {"plugin": os.path.join(folder, name + ".so"), "options": options, "train": train}
        for folder, name, options, train in wanted
    ]
    with tempfile.TemporaryDirectory() as work:
        results = [
            result[name]
            for result, (_, name, _, _) in zip(trained(HOST, work, cases)["results"], wanted)
        ]
    moved = [distance(result["start"], result["theta"]) for result in results]
    assert all(0.05 < step < float("inf") for step in moved), moved
    return [(result["theta"], result["logits"]) for result in results]


def counts(path):
    import h5py

    with h5py.File(path, "r") as file:
        return next(iter(file.values()))["n_correct"][()]


def equal(example, options, method, its_options, train):
    a, b = learned((EXAMPLES, example, options, train), (PLUGINS, method, its_options, train))
    assert a == b, (
        f"{example} {options} and {method} {its_options} with {train} differ by"
        f" {distance(a[0], b[0])}"
    )


@case
def the_method_in_c_learns_the_bits_of_finetune(_):
    for train in (
        {},
        {"momentum": 0.0, "lr": 0.1},
        {"lr": 0.003, "dropout": 0.2, "batch_size": 16},
    ):
        equal("finetune_c", {}, "finetune", {}, train)


@case
def er_ewc_without_penalty_is_er(_):
    for options in (
        {},
        {"policy": "ring", "memory_per_class": 3},
        {"policy": "reservoir", "memory": 30},
    ):
        equal(
            "er_ewc", {"lambda": 0.0, "fisher_samples": 50, **options}, "er", options, {"lr": 0.1}
        )


@case
def er_ewc_without_replay_is_ewc_online(_):
    for options in ({"lambda": 10.0, "fisher_samples": 50}, {"lambda": 3.0, "fisher": "sample"}):
        equal("er_ewc", {"replay": False, **options}, "ewc_online", options, {"lr": 0.03})


@case
def er_ewc_is_neither_when_both_are_on(_):
    both, er, ewc = learned(
        (EXAMPLES, "er_ewc", {"lambda": 3.0}, {"lr": 0.05}),
        (PLUGINS, "er", {}, {"lr": 0.05}),
        (PLUGINS, "ewc_online", {"lambda": 3.0}, {"lr": 0.05}),
    )
    assert both != er and both != ewc


@case
def the_kernel_s_method_says_the_same_on_a_cpu(_):
    if not os.path.exists(os.path.join(EXAMPLES, "finetune_cuda.so")):
        raise Skip("finetune_cuda.cu is built where nvcc is")
    kernel, plain = learned(
        (EXAMPLES, "finetune_cuda", {}, {"lr": 0.05}),
        (PLUGINS, "finetune", {}, {"lr": 0.05, "momentum": 0.0}),
    )
    assert distance(kernel[0], plain[0]) < 1e-6, distance(kernel[0], plain[0])


@case
def the_kernel_trains_on_a_gpu(workspace):
    if not os.path.exists(os.path.join(EXAMPLES, "finetune_cuda.so")):
        raise Skip("finetune_cuda.cu is built where nvcc is")
    if not os.path.exists("/dev/nvidiactl"):
        raise Skip("there is no GPU")
    right = []
    for device in ("cuda", "cpu"):
        workspace.mneme(
            "run",
            workspace.suite("finetune_cuda"),
            "-o",
            device,
            "--device",
            device,
            want=0,
            plugins=EXAMPLES,
        )
        right.append(counts(workspace.path(device, "results.h5")))
    assert abs(right[0] - right[1]).max() <= 3, right  # of 60 test examples


@case
def a_run_of_the_method_in_c_has_the_results_of_finetune(workspace):
    found = []
    for method, folder in (("finetune_c", EXAMPLES), ("finetune", PLUGINS)):
        workspace.mneme(
            "run",
            workspace.suite(method, name=method + ".toml"),
            "-o",
            method,
            want=0,
            plugins=folder,
        )
        arrays = facts(os.path.join(workspace.folder, method, "results.h5"))
        found.append(
            {
                name.split("/")[-1]: value
                for name, value in arrays.items()
                if name.split("/")[-1] in ("n_correct", "loss", "train_loss", "initial_correct")
            }
        )
    assert len(found[0]) == 4 and found[0] == found[1], [sorted(one) for one in found]


@case
def every_example_passes_every_check(workspace):
    for name in sorted(os.listdir(EXAMPLES)):
        done = workspace.mneme("check", os.path.join(EXAMPLES, name), "--json")
        assert done.returncode == 0, f"{name}: {done.stdout} {done.stderr}"
        verdicts = {one["check"]: one["verdict"] for one in json.loads(done.stdout)["checks"]}
        assert verdicts.pop("replay") in ("pass", "skip"), verdicts  # a GPU's
        assert set(verdicts.values()) == {"pass"} and len(verdicts) > 10, verdicts


main()
