# SPDX-License-Identifier: Apache-2.0
"""Every plugin that is shipped: killed again and again, it ends with the bits of an undisturbed
run."""

import os

from kills import resumed
from workspace import PLUGINS


def attack(workspace):
    for scenario in ("domain", "task", "class"):
        workspace.benchmark("long-" + scenario, tasks=3, examples=1500, scenario=scenario)
    names = sorted(name[:-3] for name in os.listdir(PLUGINS) if name.endswith(".so"))
    if workspace.quick:
        names = workspace.random.sample(names, 3)
    for name in names:
        tried = any(
            resumed(workspace, name, [name], "long-" + scenario, 4, kind=name)
            for scenario in ("domain", "task", "class")
        )
        if not tried:
            raise AssertionError(f"{name} takes none of the scenarios")
