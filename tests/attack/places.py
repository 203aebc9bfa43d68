# SPDX-License-Identifier: Apache-2.0
"""A link, a pipe, a device, a socket, a folder or nothing in place of each file: no command waits,
follows it, or writes through it."""

import os
import socket
import stat

from attack_workspace import read, remove

COMMANDS = (
    ("status", "tried"),
    ("collect", "tried"),
    ("leaderboard", "tried"),
    ("report", "tried"),
    ("validate", "tried/results.h5"),
    ("run", "suite.toml", "-o", "tried", "--jobs", "2"),
)


def link(workspace, path):
    os.symlink(workspace.path("precious"), path)


def dangling(workspace, path):
    os.symlink(workspace.path("nowhere"), path)


def loop(workspace, path):
    os.symlink(path, path)


def pipe(workspace, path):
    os.mkfifo(path)


def device(workspace, path):
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero: endless


def unix_socket(workspace, path):
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.basename(path))
    os.chdir(here)


def folder(workspace, path):
    os.mkdir(path)


def empty(workspace, path):
    with open(path, "wb"):
        pass


def unreadable(workspace, path):
    empty(workspace, path)
    os.chmod(path, 0)


KINDS = (link, dangling, loop, pipe, device, unix_socket, folder, empty, unreadable)


def files(workspace):
    run = workspace.runs[0][:-3]
    return [
        "results.h5",
        "plan.json",
        "log.jsonl",
        "report.html",
        ".lock",
        f"runs/{run}.h5",
        f"logs/{run}.log",
        f"cells/{run}.json",
        f"checkpoints/{run}",
        "runs",
        "checkpoints",
    ]


def judge(workspace, arguments, kind, name):
    answer = workspace.answer(*arguments)
    words = answer.fault()
    verdict = "WRONG" if words else "refused" if answer.code else "identical"
    if arguments[0] == "run":
        verdict, words = workspace.judge_run(answer)
    elif not words and answer.code == 0 and os.path.isfile(workspace.path("tried", "results.h5")):
        if arguments[0] == "collect" and os.path.isdir(workspace.path("tried", "runs")):
            words = workspace.differences(workspace.path("tried", "results.h5"))
    if not words and read(workspace.path("precious")) != b"precious":
        words = f"{answer} writes through a link"
    workspace.write("precious", "precious")
    verdict = "WRONG" if words else verdict
    workspace.verdicts.add(kind, verdict, words and f"{name}: {words}")


def attack(workspace):
    workspace.write("precious", "precious")
    states = [
        (kind, name, arguments)
        for kind in KINDS
        for name in files(workspace)
        for arguments in filter(workspace.has, COMMANDS)
    ]
    if workspace.quick:
        states = workspace.random.sample(states, 50)
    for kind, name, arguments in states:
        path = os.path.join(workspace.copy(), name)
        remove(path)
        try:
            kind(workspace, path)
        except PermissionError:  # a device needs root
            continue
        judge(workspace, arguments, kind.__name__, name)
    caches(workspace)


def caches(workspace):
    """The same in place of what is kept for the next time."""
    sound = workspace.answer("describe", "er", "--json").require(0).out
    below = workspace.path("cache", "mneme")
    for kind in KINDS:
        for part in ("describe", "plugins"):
            names = sorted(os.listdir(os.path.join(below, part)))
            for name in names[: 1 if workspace.quick else 3]:
                path = os.path.join(below, part, name)
                remove(path)
                try:
                    kind(workspace, path)
                except PermissionError:
                    continue
                answer = workspace.answer("describe", "er", "--json")
                words = answer.fault()
                verdict = "WRONG" if words else "refused" if answer.code else "identical"
                if verdict == "identical" and answer.out != sound:
                    verdict, words = "WRONG", f"{answer} says something else"
                kind_name = kind.__name__ + ", in the cache"
                workspace.verdicts.add(kind_name, verdict, words and f"{part}: {words}")
                remove(path)
                workspace.answer("describe", "er", "--json").require(0)
