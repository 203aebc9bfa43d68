#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Containerfile and mneme.def are read and compared, with each other and with ./setup: steps.py
SOURCE. Prints ok / not ok lines."""

import os
import re
import subprocess
import sys

import recipes

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402 - the path is above
from checks import check  # noqa: E402

SOURCE = sys.argv[1]
CUDA = {"CUDA": "on", "BASE": "another:1"}


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def differences(one, other):
    """In words; none where the two make the same image."""
    found = []
    arguments = {k: v for k, v in one.arguments.items() if k != "XDG_CACHE_HOME"}
    for what, first, second in (
        ("arguments", arguments, other.arguments),
        ("base", one.base, other.base),
        ("environment", one.environment, other.environment),
        # COPY takes ./setup by itself first, for the layers; . has it too.
        ("files", one.copies[-1:], other.copies),
        ("program", one.program[:1], other.program[1:2]),
        ("number of commands", len(one.commands()), len(other.commands())),
    ):
        if first != second:
            found.append("%s: %s and %s" % (what, first, second))
    found += [
        "%s and %s" % pair for pair in zip(one.commands(), other.commands()) if pair[0] != pair[1]
    ]
    return found


def main():
    container, definition = text_of("Containerfile"), text_of("mneme.def")
    for name, given in (("a CPU", {}), ("CUDA", CUDA)):
        recipe = recipes.containerfile(container, given)
        found = differences(recipe, recipes.definition(definition, given))
        check("Containerfile and mneme.def take the same steps for %s" % name, not found, found)
        commands = [command for _, command, _ in recipe.commands()]
        wanted = [
            r"test .*nvcc",
            r"\./setup ",
            r"rm ",
            r"cmake --preset",
            r"cmake --build",
            r"cmake --install",
            r"rm ",
            r"mneme doctor",
        ]
        check(
            "they set up, build, install and ask mneme doctor, for %s" % name,
            len(commands) == len(wanted) and all(map(re.match, wanted, commands)),
            commands,
        )
    check("an argument names the base", recipe.base == "another:1", recipe.base)
    check(
        "an argument is in the environment of the commands",
        all(environment["CUDA"] == "on" for _, _, environment in recipe.commands()),
        recipe.steps,
    )

    # That the comparison sees what it is for.
    for name, before, after in (
        ("a step that is missing", "    mneme doctor\n", ""),
        ("an option that differs", "-DMNEME_TESTS=OFF", "-DMNEME_TESTS=ON"),
        ("another order", "    ./setup", "    cmake --version\n    ./setup"),
        ("another folder", "cd /opt/mneme/source", "cd /opt/source"),
        ("another cache", "HOME=/opt/mneme/cache", "HOME=/root/.cache"),
        ("another base", "BASE=debian:12", "BASE=debian:13"),
        ("other files", "    . /opt/mneme/source", "    . /opt/source"),
        (
            "another path of programs",
            "%environment\n    export PATH=/opt/mneme/bin:",
            "%environment\n    export PATH=",
        ),
    ):
        changed = definition.replace(before, after)
        found = differences(recipes.containerfile(container), recipes.definition(changed))
        check("the comparison finds %s" % name, changed != definition and found, changed)

    script = 'source "$1"; echo "$mneme_torch_pinned"'
    pinned = subprocess.run(
        ["bash", "-c", script, "bash", os.path.join(SOURCE, "setup")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    folder = recipe.commands()[0][2]["XDG_CACHE_HOME"] + "/mneme/torch-%s/torch" % pinned
    configured = next(command for command in commands if command.startswith("cmake --preset"))
    check(
        "they take the LibTorch that ./setup puts into their cache",
        configured.endswith("-DMNEME_TORCH=" + folder),
        (configured, folder),
    )
    check(
        "Docker and Podman leave the same files out",
        text_of(".dockerignore") == text_of(".containerignore"),
    )
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
