#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `mneme doctor` says of the folder that plugins are loaded from."""

import json
import os
import shutil
import subprocess
import sys

from workspace import MNEME, case, contains, equal, main


def cache(workspace, before=""):
    """The finding on the cache folder, in a mount namespace where `before` was run."""
    words = ["sh", "-c", f'{before}\nexec "$0" doctor --json', MNEME]
    if before:
        words = ["unshare", "--mount", *words]
    done = subprocess.run(
        words,
        cwd=workspace.folder,
        env=workspace.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    (finding,) = [f for f in json.loads(done.stdout)["findings"] if f["what"] == "cache"]
    return finding["state"], finding["finding"], done.returncode


@case
def a_cache_on_any_disk_is_fine(workspace):
    equal(cache(workspace)[:2], ("ok", workspace.path("cache", "mneme")))


if os.geteuid() == 0 and shutil.which("unshare"):
    probe = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt && umount /mnt"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:

        @case
        def a_cache_on_a_disk_that_executes_nothing_is_a_fault(workspace):
            os.mkdir(workspace.path("cache"))
            mount = f"mount -t tmpfs -o noexec tmpfs '{workspace.path('cache')}'"
            state, finding, code = cache(workspace, mount)
            equal((state, code), ("fault", 1))
            contains(finding, "(noexec), so that no plugin can be loaded; set XDG_CACHE_HOME to ")

    else:
        print("skip a cache on a disk that executes nothing: needs the right to mount")
else:
    print("skip a cache on a disk that executes nothing: needs the right to mount")

sys.exit(main())
