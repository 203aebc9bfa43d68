#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands from the outside: what goes to stdout, what to stderr, exit codes, resuming, staleness,
bad input."""

import os
import re
import shutil
import subprocess
import sys

from workspace import MNEME, PLUGINS, case, contains, equal, main

COMMANDS = [
    "run",
    "plan",
    "submit",
    "cell",
    "status",
    "collect",
    "list",
    "describe",
    "leaderboard",
    "show",
    "export",
    "report",
    "compare",
    "metrics",
    "geometry",
    "validate",
    "import",
    "data",
    "new-plugin",
    "check",
    "doctor",
    "completion",
]


@case
def help_names_every_command_and_no_other(workspace):
    out, err = workspace.mneme("--help")
    listed = re.search(r"Subcommands:\n(.*?)\n\n", out, re.S).group(1)
    equal([line.split()[0] for line in listed.splitlines()], COMMANDS)
    equal(err, "")
    for command in COMMANDS:
        contains(workspace.mneme(command, "--help")[0], f"mneme {command} [OPTIONS]")


@case
def mneme_links_no_libtorch(workspace):
    libraries = subprocess.run(["ldd", MNEME], capture_output=True, text=True, check=True).stdout
    contains(libraries, "libhdf5")
    assert not re.search(r"libtorch|libc10|libcu(da|blas|dnn)", libraries), libraries


@case
def wrong_usage_is_64_and_says_where_to_look(workspace):
    for arguments in (
        [],
        ["fly"],
        ["rnu", "suite.toml"],
        ["run"],
        ["run", "--jobs", "0", "suite.toml"],
        ["run", "--jobs", "x", "suite.toml"],
        ["list", "things"],
        ["run", "suite.toml", "--frobnicate"],
        ["run", "suite.toml", "--stale", "maybe"],
        ["cell", "--plan", "x"],
        ["completion", "tcsh"],
        ["run", "suite.toml", "--locked", ""],
        ["run", "suite.toml", "--seeds", ""],
        ["run", "suite.toml", "--seeds="],
        ["run", "suite.toml", "-o", ""],
        ["run", "suite.toml", "--set", ""],
        ["run", ""],
        ["cell", "--plan", "x", "--index", ""],
        ["list", "methods", "--format", ""],
    ):
        out, err = workspace.mneme(*arguments, expect=64)
        equal(out, "")
        contains(err, "see `mneme --help`")


@case
def completion_completes(workspace):
    script, _ = workspace.mneme("completion", "bash")

    def complete(*words):
        shell = (
            script
            + f"COMP_WORDS=({' '.join(words)} ''); COMP_CWORD={len(words)}; _mneme; printf '%s\\n'"
            ' "${COMPREPLY[@]}"'
        )
        environment = {
            **workspace.environment(),
            "PATH": os.path.dirname(MNEME) + ":" + os.environ["PATH"],
        }
        done = subprocess.run(
            ["bash", "-c", shell],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            cwd=workspace.folder,
        )
        return done.stdout.split()

    equal(complete("mneme")[: len(COMMANDS)], COMMANDS)
    equal(
        complete("mneme", "list"),
        [
            "methods",
            "benchmarks",
            "datasets",
            "networks",
            "layers",
            "benchmark-keys",
            "suite-keys",
        ],
    )
    equal(complete("mneme", "run", "--device"), ["auto", "cpu", "cuda"])
    contains(complete("mneme", "run"), "suite.toml")
    contains(complete("mneme", "leaderboard", "--metric"), "average_accuracy")
    contains(complete("mneme", "run", "--set"), "seeds=")
    contains(complete("mneme", "data", "fetch"), "mnist")
    contains(complete("mneme", "data", "check"), "mnist")
    contains(complete("mneme", "check", "--only"), "same\\")  # "same bits", a name of two words
    contains(complete("mneme", "describe"), "ewc")


@case
def completion_scripts_of_other_shells_are_valid(workspace):
    for shell, words in (
        ("zsh", "bashcompinit"),
        ("fish", "complete -c mneme -n '__fish_seen_subcommand_from run' -l device"),
    ):
        script, _ = workspace.mneme("completion", shell)
        contains(script, words)
        if shutil.which(shell):
            subprocess.run([shell, "-n", "-c", script], check=True)


@case
def words_that_people_try_first_are_understood(workspace):
    contains(
        workspace.mneme("rnu", "x.toml", expect=64)[1],
        '"rnu" is not a command; did you mean "run"?',
    )
    equal(workspace.mneme("help")[0], workspace.mneme("--help")[0])
    equal(workspace.mneme("help", "run")[0], workspace.mneme("run", "--help")[0])
    equal(workspace.mneme("version")[0], workspace.mneme("--version")[0])
    for name in ("ecw", "EWC"):
        _, err = workspace.mneme("describe", name, "--plugins", PLUGINS, expect=65)
        contains(err, 'the nearest known one is "ewc"')


@case
def numbers_out_of_range_are_named_in_a_few_words(workspace):
    _, err = workspace.mneme("run", "suite.toml", "--jobs", "0", expect=64)
    contains(err, '--jobs: "0" is not an integer from 1 on')
    assert len(err) < 200, err


@case
def a_message_with_control_characters_reaches_no_terminal_raw(workspace):
    _, err = workspace.run("--seeds", "1", fake={"er": "hostile_text"}, expect=1)
    assert "\x1b" not in err and "\x07" not in err and "\x9b" not in err, repr(err)
    contains(err, "?]0;owned")
    out, _ = workspace.mneme("status", "out")
    assert "\x1b" not in out and "\x9b" not in out, repr(out)


sys.exit(main())
