# SPDX-License-Identifier: Apache-2.0
"""A link, a pipe, a device, a socket, a folder or nothing in place of each file: no command waits,
follows it, or writes through it."""

import os
import socket
import stat

from world import read, remove

COMMANDS = (
    ("status", "tried"),
    ("collect", "tried"),
    ("leaderboard", "tried"),
    ("report", "tried"),
    ("validate", "tried/results.h5"),
    ("run", "suite.toml", "-o", "tried", "--jobs", "2"),
)


def link(world, path):
    os.symlink(world.path("precious"), path)


def dangling(world, path):
    os.symlink(world.path("nowhere"), path)


def loop(world, path):
    os.symlink(path, path)


def pipe(world, path):
    os.mkfifo(path)


def device(world, path):
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero: endless


def unix_socket(world, path):
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.basename(path))
    os.chdir(here)


def folder(world, path):
    os.mkdir(path)


def empty(world, path):
    with open(path, "wb"):
        pass


def unreadable(world, path):
    empty(world, path)
    os.chmod(path, 0)


KINDS = (link, dangling, loop, pipe, device, unix_socket, folder, empty, unreadable)


def files(world):
    run = world.runs[0][:-3]
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


def judge(world, arguments, kind, name):
    answer = world.answer(*arguments)
    words = answer.fault()
    verdict = "WRONG" if words else "refused" if answer.code else "identical"
    if arguments[0] == "run":
        verdict, words = world.judge_run(answer)
    elif not words and answer.code == 0 and os.path.isfile(world.path("tried", "results.h5")):
        if arguments[0] == "collect" and os.path.isdir(world.path("tried", "runs")):
            words = world.differences(world.path("tried", "results.h5"))
    if not words and read(world.path("precious")) != b"precious":
        words = f"{answer} writes through a link"
    world.write("precious", "precious")
    verdict = "WRONG" if words else verdict
    world.tally.add("places", kind, verdict, words and f"{name}: {words}")


def attack(world):
    world.write("precious", "precious")
    states = [
        (kind, name, arguments) for kind in KINDS for name in files(world) for arguments in COMMANDS
    ]
    if world.quick:
        states = world.random.sample(states, 50)
    for kind, name, arguments in states:
        path = os.path.join(world.copy(), name)
        remove(path)
        try:
            kind(world, path)
        except PermissionError:  # a device needs root
            continue
        judge(world, arguments, kind.__name__, name)
    caches(world)


def caches(world):
    """The same in place of what is kept for the next time."""
    sound = world.answer("describe", "er", "--json").require(0).out
    below = world.path("cache", "mneme")
    for kind in KINDS:
        for part in ("describe", "plugins"):
            names = sorted(os.listdir(os.path.join(below, part)))
            for name in names[: 1 if world.quick else 3]:
                path = os.path.join(below, part, name)
                remove(path)
                try:
                    kind(world, path)
                except PermissionError:
                    continue
                answer = world.answer("describe", "er", "--json")
                words = answer.fault()
                verdict = "WRONG" if words else "refused" if answer.code else "identical"
                if verdict == "identical" and answer.out != sound:
                    verdict, words = "WRONG", f"{answer} says something else"
                kind_name = kind.__name__ + ", in the cache"
                world.tally.add("places", kind_name, verdict, words and f"{part}: {words}")
                remove(path)
                world.answer("describe", "er", "--json").require(0)
