# SPDX-License-Identifier: Apache-2.0
"""The leaderboard, by `mneme` itself: there is one implementation of the statistics."""

import json
import subprocess

from .read import ResultsError


def leaderboard(*paths, metric="average_accuracy", program="mneme"):
    """What `mneme leaderboard --json` prints, as Python's lists and dictionaries.

    Needs the program `mneme` (on the path, or named by `program`). Throws ResultsError with its
    message where it refuses.
    """
    command = [program, "leaderboard", "--json", "--metric", metric, *map(str, paths)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise ResultsError(f"{program}: not found; build Mneme, or give program=PATH") from None
    if done.returncode != 0:
        raise ResultsError(done.stderr.strip())
    return json.loads(done.stdout)
