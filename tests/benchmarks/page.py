#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of docs/benchmarks.md is what the program prints of the shipped files: page.py MNEME PAGE [--write]"""

import os
import re
import subprocess
import sys
import tempfile

MARK = "<!-- table -->"


def main():
    program, page = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as empty:
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": empty,
            "XDG_DATA_HOME": empty,
            "MNEME_DATA": "",
        }
        table = subprocess.run(
            [program, "list", "benchmarks", "--long", "--format", "markdown"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    with open(page, encoding="utf-8") as file:
        text = file.read()
    wanted = re.sub(
        re.escape(MARK) + r"\n(\|.*\n)*", lambda _: MARK + "\n" + table.strip() + "\n", text
    )
    if "--write" in sys.argv:
        with open(page, "w", encoding="utf-8") as file:
            file.write(wanted)
    same = text == wanted and table.count("\n") > 15
    print(
        "ok the page of benchmarks is up to date"
        if same or "--write" in sys.argv
        else "not ok the page of benchmarks: run %s with --write" % sys.argv[0]
    )
    return 0 if same or "--write" in sys.argv else 1


sys.exit(main())
