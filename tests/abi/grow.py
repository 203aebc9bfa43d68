#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Headers of a release to come: grow.py SDK_INCLUDE OUT copies them, and every struct that may grow
has got two members more at its end."""

import os
import re
import shutil
import sys

SOURCE, OUT = sys.argv[1:3]
FIXED = ("mneme_value", "mneme_status")

shutil.rmtree(OUT, ignore_errors=True)
shutil.copytree(SOURCE, OUT)
pages = ["mneme/abi.h"] + ["mneme/abi/" + name for name in os.listdir(OUT + "/mneme/abi")]
structs = minors = 0
for page in pages:
    path = os.path.join(OUT, page)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text, grown = re.subn(
        r"\n\} (\w+);",
        lambda m: (
            m.group()
            if m.group(1) in FIXED
            else "\n    void (*novel)(void);\n    int64_t more;" + m.group()
        ),
        text,
    )
    text, renumbered = re.subn(r"MNEME_SDK_MINOR = \d+", "MNEME_SDK_MINOR = 9", text)
    structs, minors = structs + grown, minors + renumbered
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
if structs < 30 or minors != 1:
    sys.exit("grow.py: abi.h is not written as it was: %d structs, %d minors" % (structs, minors))
