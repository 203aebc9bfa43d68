#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plugin built with AddressSanitizer is examined as docs/debugging.md says: sanitized.py MNEME
LIBASAN UNSOUND.so SOUND.so"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

MNEME, LIBASAN, UNSOUND, SOUND = sys.argv[1:5]


def examined(plugin):
    """Verdicts by check, and the sanitizer's report."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "asan"
        done = subprocess.run(
            [MNEME, "check", plugin, "--only", "learns", "--json"],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "LD_PRELOAD": LIBASAN,
                "ASAN_OPTIONS": "detect_leaks=0:log_path=%s" % log,
            },
        )
        reports = "".join(path.read_text() for path in sorted(log.parent.glob("asan.*")))
    checks = json.loads(done.stdout)["checks"]
    return {one["check"]: one["verdict"] for one in checks}, reports


def refused(plugin):
    """Exit status and message for a file that is not there."""
    done = subprocess.run(
        [MNEME, "check", plugin],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LD_PRELOAD": LIBASAN, "ASAN_OPTIONS": "detect_leaks=0"},
    )
    return done.returncode, done.stderr


def say(name, held, shown):
    print("ok %s" % name if held else "not ok %s: %s" % (name, shown))
    return held


def main():
    if not os.path.isabs(LIBASAN):
        print("skip sanitized: the compiler has no libasan")
        return 0
    verdicts, reports = examined(SOUND)
    held = say(
        "a sound plugin passes, but for the library that it needs",
        verdicts == {"note": "pass", "symbol": "pass", "libraries": "fail", "learns": "pass"}
        and not reports,
        (verdicts, reports[:2000]),
    )
    verdicts, reports = examined(UNSOUND)
    held &= say(
        "a write behind the end is reported with the plugin's own line",
        verdicts["learns"] == "fail"
        and "heap-buffer-overflow" in reports
        and "in observe" in reports
        and "writes_past.cpp:" in reports,
        (verdicts, reports[:2000]),
    )
    found = refused("/nowhere.so")
    held &= say(
        "a missing plugin is a sentence and an end",
        found[0] == 69 and found[1].startswith("/nowhere.so: cannot be read"),
        found,
    )
    return 0 if held else 1


sys.exit(main())
