#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which GPU a worker is given, on a machine whose GPUs a driver's library of ours invents."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import PLUGINS, case, equal, main

DRIVER = sys.argv[4]


def given(workspace, gpus, **more):
    """The names that four workers at once were given, each as often as it was."""
    workspace.mneme(
        *["run", "suite.toml", "-o", "out", "--plugins", PLUGINS, "--jobs", "4", "--force"],
        *["--device", "cuda", "--replicas", "1"],
        LD_LIBRARY_PATH=DRIVER,
        MNEME_FAKE_GPUS=gpus,
        MNEME_FAKE_GPU="1",
        MNEME_FAKE_SECONDS="1",
        **more,
    )
    with open(workspace.trace, encoding="utf-8") as file:
        names = sorted(line.split()[-2] for line in file)
    os.remove(workspace.trace)
    return names


@case
def workers_are_spread_by_the_memory_that_is_free(workspace):
    equal(given(workspace, "GPU-a=3000;GPU-b=1000"), ["GPU-a"] * 3 + ["GPU-b"])
    equal(given(workspace, "GPU-a=1000;!;GPU-b=1000"), ["GPU-a"] * 2 + ["GPU-b"] * 2)
    equal(given(workspace, "GPU-a=9000;GPU-b=-"), ["GPU-a"] * 2 + ["GPU-b"] * 2)


@case
def slices_stand_in_place_of_the_gpu_that_they_are_cut_from(workspace):
    gpus = "GPU-a=0:MIG-a1=2000,MIG-a2=2000,MIG-a3=2000;GPU-b=2000"
    equal(given(workspace, gpus), ["GPU-b", "MIG-a1", "MIG-a2", "MIG-a3"])
    gpus = "GPU-a=0:MIG-a1=500,MIG-a2=2000;GPU-b=100"
    equal(given(workspace, gpus), ["MIG-a1"] + ["MIG-a2"] * 3)


@case
def what_may_be_seen_bounds_what_is_given(workspace):
    gpus = "GPU-a=1000;GPU-b=9000;GPU-c=3000"
    for allowed, names in (
        ("0,2", ["0"] + ["2"] * 3),
        ("GPU-c,GPU-a", ["GPU-a"] + ["GPU-c"] * 3),
        ("1", ["1"] * 4),
    ):
        equal(given(workspace, gpus, CUDA_VISIBLE_DEVICES=allowed), names)


if __name__ == "__main__":
    sys.exit(main())
