# SPDX-License-Identifier: Apache-2.0
"""Every plugin that is shipped: killed again and again, it ends with the bits of an undisturbed
run."""

import os

from kills import resumed
from world import PLUGINS


def attack(world):
    for scenario in ("domain", "task", "class"):
        world.benchmark("long-" + scenario, tasks=3, examples=6000, scenario=scenario)
    names = sorted(name[:-3] for name in os.listdir(PLUGINS) if name.endswith(".so"))
    if world.quick:
        names = world.random.sample(names, 3)
    for name in names:
        tried = any(
            resumed(world, name, [name], "long-" + scenario, 4, kind="plugin " + name)
            for scenario in ("domain", "task", "class")
        )
        if not tried:
            raise AssertionError(f"{name} takes none of the scenarios")
