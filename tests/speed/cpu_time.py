# SPDX-License-Identifier: Apache-2.0
"""Processor time of whole commands, for the programs of this folder and of peers."""

import resource
import subprocess
import sys


def cpu_seconds(command, **settings):
    """What a command and all that it starts take; ends this program where it fails."""

    def used():
        of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return of_children.ru_utime + of_children.ru_stime

    before = used()
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr}")
    return used() - before
