#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The native tier through the real programs: native.py BIN PLUGINS PINNED SOURCE [OLD]. PINNED and
OLD are folders with the plugin `native`, built against
the harness's LibTorch and against another."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(sys.argv[4], "tests", "e2e"))
from workspace import (
    PLUGINS,
    ZOO as PINNED,
    Skip,
    case,
    facts,
    main,
)  # noqa: E402 - the path is above

OLD = os.path.abspath(sys.argv[5]) if sys.argv[5:] else ""


def asked(workspace, folder, *arguments):
    """What the program says, and whether the plugin's code has run."""
    trace = workspace.environment["MNEME_TEST_LOADED"] = workspace.path("loaded")
    return workspace.mneme(*arguments, plugins=folder), os.path.exists(trace)


@case
def the_right_libtorch_is_accepted(workspace):
    done, loaded = asked(workspace, PINNED, "describe", "native")
    assert done.returncode == 0 and loaded, done.stdout + done.stderr


@case
def it_passes_the_examiner_and_learns_as_plain_descent(workspace):
    done = workspace.mneme("check", os.path.join(PINNED, "native.so"), "--json")
    verdicts = {one["check"]: one["verdict"] for one in json.loads(done.stdout)["checks"]}
    assert done.returncode == 0 and verdicts.pop("libraries") == "skip", done.stdout
    assert verdicts.pop("replay") in ("pass", "skip"), verdicts  # a GPU's
    assert verdicts and set(verdicts.values()) == {"pass"}, verdicts
    right = []
    for method, folder in (("native", PINNED), ("finetune", PLUGINS)):
        workspace.mneme(
            "run",
            workspace.suite(method, name=method + ".toml"),
            "-o",
            method,
            want=0,
            plugins=folder,
        )
        right.append(
            [
                value
                for name, value in facts(workspace.path(method, "results.h5")).items()
                if name.endswith("/n_correct")
            ]
        )
    assert right[0] and right[0] == right[1]


@case
def another_libtorch_is_refused_before_it_is_loaded(workspace):
    if not OLD:
        raise Skip("there is no second LibTorch (Debian: libtorch-dev)")
    for arguments in (
        ("describe", "native"),
        ("run", workspace.suite("native"), "-o", "results"),
        ("check", os.path.join(OLD, "native.so")),
    ):
        done, loaded = asked(workspace, OLD, *arguments)
        said = re.search(
            r"native\.so: a plugin of tier native with libtorch=1\.13, this harness has"
            r" libtorch=2\.11; build it for this harness",
            done.stdout + done.stderr,
        )
        assert done.returncode == 69 and said and not loaded, (
            arguments,
            done.returncode,
            loaded,
            done.stdout,
            done.stderr,
        )


@case
def a_second_libtorch_in_the_process_is_found_at_the_first_tensor(_desk):
    said = {
        which: (
            subprocess.run(
                [os.environ["MNEME_WITNESS"], which], check=True, capture_output=True, text=True
            ).stdout
        )
        for which in ("none", "second", "own")
    }
    assert said == {
        "none": (
            "native: this host gives no at::Tensor (mneme.libtorch/1); use another, or write over"
            " mneme.hpp\n"
        ),
        "second": (
            "native: there is a second LibTorch in this process, which the plugin is linked with;"
            " link it with the harness's own\n"
        ),
        "own": "taken\n",
    }, said


main()
