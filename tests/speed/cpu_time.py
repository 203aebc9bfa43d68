# SPDX-License-Identifier: Apache-2.0
"""Time and memory of whole commands, for the programs of this folder and of peers."""

import os
import subprocess
import sys
import time
from typing import NamedTuple


class Used(NamedTuple):
    """By a command and all that it started and waited for."""

    clock: float  # seconds
    processor: float  # seconds
    mebibytes: float  # of the largest process


def used(command, **settings):
    """Ends this program where the command fails."""
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **settings,
    )
    error = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}: {error}")
    return Used(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def cpu_seconds(command, **settings):
    return used(command, **settings).processor
