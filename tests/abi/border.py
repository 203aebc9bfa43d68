#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The border is as its baseline says: border.py CC INCLUDE. abidiff, without suppressions, compares
border.xml with border.c built anew; then it is
tried on headers that differ. After a change that is meant to be: tests/abi/renew border."""

import os
import shutil
import subprocess
import sys
import tempfile

from headers import edits, put, whole

CC, INCLUDE = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))


def difference(header):
    """What abidiff reports between the baseline and this header; nothing when they are one."""
    with tempfile.TemporaryDirectory() as work:
        put(header, work)
        library = os.path.join(work, "border.so")
        subprocess.run(
            [
                CC,
                "-std=c11",
                "-g",
                "-fPIC",
                "-shared",
                "-I",
                work,
                "-o",
                library,
                os.path.join(HERE, "border.c"),
            ],
            check=True,
        )
        done = subprocess.run(
            ["abidiff", "--no-default-suppression", os.path.join(HERE, "border.xml"), library],
            capture_output=True,
            text=True,
        )
        return (
            (done.stdout + done.stderr).strip() or "abidiff ended with %d" % done.returncode
            if done.returncode
            else ""
        )


def main():
    if not shutil.which("abidiff"):
        print("skip the border against its baseline: there is no abidiff (Debian: abigail-tools)")
        return
    header = whole(INCLUDE)
    found = difference(header)
    print(
        (
            "not ok the border is as border.xml has it; if it is meant to be: tests/abi/renew"
            " border: %s"
            % " | ".join(found.split("\n"))[:1500]
            if found
            else "ok the border is as border.xml has it"
        ),
        flush=True,
    )
    for edit, edited in zip(
        ("two slots swapped", "a slot put into the middle", "a slot at the end"), edits(header)
    ):
        print(
            (
                "ok found: " + edit
                if edited != header and "mneme_net_api" in difference(edited)
                else "not ok found: %s: abidiff says nothing of it" % edit
            ),
            flush=True,
        )


main()
