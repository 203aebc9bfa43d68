# SPDX-License-Identifier: Apache-2.0
"""Disks that are too small, for results and for what is kept between runs, and limits on the size
of a file. When there is room again, the same command ends with the same bits."""

import contextlib
import os
import resource
import signal
import subprocess

from attack_workspace import remove

RUN = ("run", "suite.toml", "-o", "tried", "--jobs", "1")


@contextlib.contextmanager
def small_disk(folder, options):
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def enlarge(folder):
    words = ["mount", "-o", "remount,size=64m,nr_inodes=10000", folder]
    subprocess.run(words, check=True)


def then_with_room(workspace, kind, first, again=RUN):
    """The verdict on what was said on the full disk and on the same command afterwards."""
    words = first.fault()
    answer = workspace.answer(*again)
    verdict, then = workspace.judge_run(answer)
    if not words and verdict == "refused":
        then = f"is refused when there is room: {answer.err}"
    if not then and workspace.leftovers("tried"):
        then = f"leaves {workspace.leftovers('tried')}"
    if (
        not words
        and first.code == 0
        and workspace.differences(workspace.path("tried", "results.h5"))
    ):
        words = f"{first} ends with 0 and other numbers"
    words = words or then
    workspace.verdicts.add(kind, "WRONG" if words else verdict, words)


def results_disk(workspace):
    for _ in workspace.times(40, 3):
        size = workspace.random.randrange(4, 460, 4)
        remove(workspace.path("tried"))
        with small_disk(workspace.path("tried"), f"size={size}k"):
            first = workspace.answer(*RUN)
            enlarge(workspace.path("tried"))
            then_with_room(workspace, "results, few bytes", first)
    for _ in workspace.times(16, 1):
        remove(workspace.path("tried"))
        with small_disk(workspace.path("tried"), f"nr_inodes={workspace.random.randrange(2, 24)}"):
            first = workspace.answer(*RUN)
            enlarge(workspace.path("tried"))
            then_with_room(workspace, "results, few files", first)


def cache_disk(workspace):
    for _ in workspace.times(16, 1):
        remove(workspace.path("tried"))
        size = workspace.random.randrange(4, 400, 4)
        with small_disk(workspace.path("cache"), f"size={size}k"):
            first = workspace.answer(*RUN)
            enlarge(workspace.path("cache"))
            then_with_room(workspace, "cache, few bytes", first)


def file_limit(workspace):
    """ulimit -f, with the signal that comes with it and without."""
    for turn in workspace.times(24, 2):
        remove(workspace.path("tried"))
        size = workspace.random.randrange(0, 90_000)

        def limit(size=size, ignored=turn % 2):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)

        first = workspace.answer(*RUN, before=limit)
        then_with_room(workspace, "a limit on the size of files", first)


def attack(workspace):
    if os.environ.get("MNEME_ATTACK_MOUNTS"):
        results_disk(workspace)
        cache_disk(workspace)
    else:
        print("small disks are left out: they need the right to mount")
    file_limit(workspace)
