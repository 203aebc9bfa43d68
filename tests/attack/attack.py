#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks the programs that were built, and counts what came of it.

    attack.py BIN PLUGINS ZOO SOURCE [--quick] [--share X] [--seed N] [--only PART ...]
        [--record FILE.json]

Every state that is tried ends in one of four verdicts: what was asked is refused with a sentence;
it is done again, with the same bits; it says the same as before; or WRONG: other numbers, a crash,
a hang, a raw text of a library, a half-written file. WRONG must be 0. --quick takes two minutes.
As root, small disks are mounted in a mount namespace of this process; else those are left out."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

import damage
import disks
import inputs
import kills
import places
import shipped
from attack_workspace import MNEME, PATIENCE, AttackWorkspace

PARTS = {
    "damage": damage.attack,
    "inputs": inputs.attack,
    "places": places.attack,
    "kills": kills.attack,
    "disks": disks.attack,
    "plugins": shipped.attack,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("bin", "plugins", "zoo", "source"):
        parser.add_argument(name)
    parser.add_argument("--quick", action="store_true", help="two minutes")
    parser.add_argument("--share", type=float, default=1, help="of the states that are drawn")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--record", help="JSON of the counts; those of other parts stay in it")
    return parser.parse_args()


def with_mounts_of_our_own():
    """Starts this program again in a mount namespace, where that is allowed."""
    if os.environ.get("MNEME_ATTACK_MOUNTS") or os.geteuid() != 0 or not shutil.which("unshare"):
        return
    probe = "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d && rmdir $d"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", probe], capture_output=True)
    if done.returncode == 0:
        os.environ["MNEME_ATTACK_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])


def record(path, workspace, asked, seconds):
    done = subprocess.run([MNEME, "--version"], capture_output=True, text=True, check=True)
    page = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            page = json.load(file)
    for part in seconds:  # those that are done: the rest may be cut off
        page[part] = {
            "program": done.stdout.strip(),
            "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "seed": asked.seed,
            "quick": asked.quick,
            "share": asked.share,
            "patience_seconds": PATIENCE,
            "seconds": round(seconds[part]),
            "states": workspace.verdicts.as_json(part),
        }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(page, file, indent=1)
        file.write("\n")


def main():
    asked = arguments()
    with_mounts_of_our_own()
    folder = tempfile.mkdtemp(prefix="mneme-attack-")
    seconds = {}
    try:
        workspace = AttackWorkspace(folder, asked.seed, asked.quick, asked.share)
        for part in asked.only:
            begun = time.monotonic()
            workspace.verdicts.part = part
            PARTS[part](workspace)
            seconds[part] = time.monotonic() - begun
            print(f"{part}: done after {seconds[part]:.0f} s", flush=True)
            if asked.record:
                record(asked.record, workspace, asked, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(workspace.verdicts.table())
    wrong = len(workspace.verdicts.wrong)
    print(f"not ok attack: {wrong} states WRONG" if wrong else "ok attack: no state is WRONG")
    return 1 if wrong else 0


sys.exit(main())
