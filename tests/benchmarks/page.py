#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables of pages below `<!-- mneme ARGUMENTS -->` are what the program prints: page.py MNEME PAGE
[--write]"""

import os
import re
import subprocess
import sys
import tempfile

MARKED_TABLE = re.compile(r"<!-- mneme (.*) -->\n(?:\|.*\n)*")


def printed(program, arguments):
    with tempfile.TemporaryDirectory() as empty:
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": empty,
            "XDG_DATA_HOME": empty,
            "MNEME_DATA": "",
        }
        return subprocess.run(
            [program, *arguments.split(), "--format", "markdown"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()


def main():
    program, page = sys.argv[1:3]
    with open(page, encoding="utf-8") as file:
        text = file.read()
    rows = []

    def renewed(match):
        table = printed(program, match[1])
        rows.append(table.count("\n"))
        return "<!-- mneme %s -->\n%s\n" % (match[1], table)

    wanted = MARKED_TABLE.sub(renewed, text)
    if "--write" in sys.argv:
        with open(page, "w", encoding="utf-8") as file:
            file.write(wanted)
    same = text == wanted and rows and min(rows) > 10
    name = os.path.basename(page)
    print(
        "ok the tables of %s are up to date" % name
        if same or "--write" in sys.argv
        else "not ok %s: run %s with --write" % (name, sys.argv[0])
    )
    return 0 if same or "--write" in sys.argv else 1


sys.exit(main())
