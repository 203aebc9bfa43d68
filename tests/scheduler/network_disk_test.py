#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Results on file systems whose locks fail or lie, and in the folder of a group."""

import json
import os
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import MNEME, PLUGINS, WRITER, Skip, case, equal, main

DISK = sys.argv[4]


def files(folder):
    return [name for _, _, names in os.walk(folder) for name in names]


def board(workspace, folder):
    return json.loads(workspace.mneme("leaderboard", folder, "--json")[0])["leaderboards"]


def everything_at_once(workspace, folder, disk):
    """Each cell by two processes, a third that trains all, and collecting meanwhile."""
    workspace.mneme("plan", "suite.toml", "-o", folder, "--plugins", PLUGINS, **disk)
    cell = ["cell", "--plan", folder + "/plan.json", "--index"]
    started = [
        workspace.start(*cell, index, MNEME_FAKE_SECONDS="0.2", **disk)
        for index in ("0-3", "0", "1", "2", "3")
    ]
    started.append(workspace.start("run", "suite.toml", "-o", folder, "--plugins", PLUGINS, **disk))
    for process in started:
        _, err = process.communicate(timeout=120)
        equal((process.returncode, err if process.returncode else ""), (0, ""))
    workspace.mneme("collect", folder, **disk)


@case
def results_are_right_where_locks_fail_or_lie(workspace):
    workspace.run()
    whole = board(workspace, "out")
    for locks in ("fail", "lie"):
        disk = {"LD_PRELOAD": DISK, "MNEME_LOCKS": locks}
        everything_at_once(workspace, locks, disk)
        equal(board(workspace, locks), whole)
        equal([name for name in files(workspace.path(locks)) if ".tmp." in name], [])
        with open(workspace.path(locks, "log.jsonl"), encoding="utf-8") as file:
            for line in file:
                json.loads(line)


@case
def collect_killed_anywhere_leaves_whole_files_alone(workspace):
    """With files without a name, and where there are none: there the next one removes what is
    left."""
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", PLUGINS, "--seeds", "100")
    subprocess.run([WRITER, "out/plan.json", "out"], cwd=workspace.folder, check=True)
    results = workspace.path("out", "results.h5")
    begun = time.monotonic()
    workspace.mneme("collect", "out")
    seconds = time.monotonic() - begun
    whole = board(workspace, "out")
    kills = 12
    for disk in ({}, {"LD_PRELOAD": DISK, "MNEME_LOCKS": "fail"}):
        ended_early = 0
        for number in range(kills):
            if number % 2:  # in place of one that is there, or of none
                os.remove(results)
            process = workspace.start("collect", "out", **disk)
            time.sleep(seconds * (number + 0.5) / kills)
            process.send_signal((signal.SIGKILL, signal.SIGTERM)[number // 2 % 2])
            process.communicate(timeout=120)
            ended_early += process.returncode != 0
            left = [name for name in files(workspace.path("out")) if ".tmp." in name]
            assert disk or not left, left
            if os.path.exists(results):
                workspace.mneme("validate", "out/results.h5")
            workspace.mneme("collect", "out", **disk)
            equal([name for name in files(workspace.path("out")) if ".tmp." in name], [])
            equal(board(workspace, "out"), whole)
        assert ended_early > 2, "it was never killed"


@case
def the_preloaded_library_does_what_it_says(workspace):
    """Else the case above would show nothing."""
    script = (
        "import fcntl, os\n"
        "try: fcntl.flock(os.open('/', os.O_RDONLY), fcntl.LOCK_EX); print('locked')\n"
        "except OSError as error: print(error.errno == 37)\n"
        "try: os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o600); print('made')\n"
        "except OSError as error: print(error.errno == 95)\n"
    )
    for locks, said in (("fail", "True\nTrue\n"), ("lie", "locked\nTrue\n")):
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=workspace.folder,
            env={**os.environ, "LD_PRELOAD": DISK, "MNEME_LOCKS": locks},
            capture_output=True,
            text=True,
            check=True,
        )
        equal(done.stdout, said)


@case
def two_users_of_a_group_share_a_folder(workspace):
    if os.geteuid() != 0:
        raise Skip("only root can be two users")
    os.chown(workspace.folder, -1, 54321)
    os.chmod(workspace.folder, 0o2777)  # what is made in it is the group's
    users = [{"user": user, "group": 54321, "umask": 0o002} for user in (54321, 54322)]

    def mneme(user, *arguments):
        done = subprocess.run(
            [MNEME, *arguments],
            cwd=workspace.folder,
            env=workspace.environment(),
            capture_output=True,
            text=True,
            extra_groups=[],
            **user,
        )
        equal((done.returncode, done.stderr if done.returncode else ""), (0, ""))

    try:
        mneme(users[0], "version")
    except (AssertionError, PermissionError) as why:
        raise Skip("another user cannot reach the build folder") from why
    mneme(users[0], "plan", "suite.toml", "-o", "shared/out", "--plugins", PLUGINS)
    for index in range(4):
        cell = ["cell", "--plan", "shared/out/plan.json", "--index", str(index)]
        mneme(users[index % 2], *cell)
    mneme(users[1], "run", "suite.toml", "-o", "shared/out", "--plugins", PLUGINS, "--force")
    mneme(users[0], "collect", "shared/out")
    for folder, _, names in os.walk(workspace.path("shared")):
        for path in [folder, *(os.path.join(folder, name) for name in names)]:
            info = os.stat(path)
            equal((path, info.st_gid), (path, 54321))
            wanted = 0o775 if stat.S_ISDIR(info.st_mode) else 0o664
            equal((path, oct(info.st_mode & 0o777)), (path, oct(wanted)))
    owners = {
        os.stat(workspace.path("shared/out/runs", name)).st_uid
        for name in os.listdir(workspace.path("shared/out/runs"))
    }
    equal(owners, {54322})


if __name__ == "__main__":
    sys.exit(main())
