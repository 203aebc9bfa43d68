# SPDX-License-Identifier: Apache-2.0
"""A worker that does not serve, so that each cell's worker is executed and none is forked."""

import os


def program(folder, worker):
    """For $MNEME_WORKER, in the folder."""
    path = os.path.join(folder, "executes")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\n[ "$1" = serve ] && exit 1\nexec {worker} "$@"\n')
    os.chmod(path, 0o755)
    return path
