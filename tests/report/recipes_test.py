#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the recipes of docs/analyse.md: recipes_test.py MNEME MAKE_SAMPLE PAGE. Each loads the same
flat table and prints the same number, which is computed here from the table as well."""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile

MNEME, MAKE_SAMPLE, PAGE = sys.argv[1:4]
TOOLS = {  # language of the block: command, the picture that it leaves
    "python": (["/usr/bin/python3", "-"], "matrix-python.png"),
    "r": (["Rscript", "-"], "matrix-r.pdf"),
    "octave": (["octave-cli", "--quiet", "--no-init-file", "recipe.m"], "matrix-octave.png"),
    "sql": (["sqlite3"], None),
}


def blocks():
    with open(PAGE, encoding="utf-8") as file:
        return dict(re.findall(r"^```([a-z]+)\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL))


def expected(folder):
    with open(os.path.join(folder, "accuracy.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    mine = [r for r in rows if all(r[k] == rows[0][k] for k in ("benchmark", "method"))]
    last = max(int(r["trained_task"]) for r in mine)
    values = [float(r["accuracy"]) for r in mine if int(r["trained_task"]) == last]
    return "%.4f" % (sum(values) / len(values))


def missing(language):
    command = TOOLS[language][0][0]
    if not shutil.which(command):
        return "%s is not installed" % command
    if language == "python":
        probe = subprocess.run([command, "-c", "import matplotlib"], capture_output=True)
        return "python3-matplotlib is not installed" if probe.returncode else ""
    return ""


def run(language, code, folder, wanted):
    command, picture = TOOLS[language]
    with open(os.path.join(folder, "recipe.m"), "w", encoding="utf-8") as file:
        file.write(code)
    done = subprocess.run(
        command,
        input=code,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "MPLCONFIGDIR": folder, "HOME": folder},
    )
    printed = done.stdout.split()
    if done.returncode or printed[-1:] != [wanted]:
        return "printed %r, expected %s; %s" % (done.stdout[-200:], wanted, done.stderr[-300:])
    if picture and not os.path.getsize(os.path.join(folder, picture)) > 200:
        return "%s is not a picture" % picture
    return ""


def main():
    with tempfile.TemporaryDirectory() as folder:
        sample = os.path.join(folder, "results.h5")
        subprocess.run([MAKE_SAMPLE, sample], check=True)
        with open(os.path.join(folder, "accuracy.csv"), "wb") as file:
            subprocess.run([MNEME, "export", sample], stdout=file, check=True)
        wanted = expected(folder)
        recipes = blocks()
        for language in TOOLS:
            why = missing(language)
            if language not in recipes:
                print("not ok recipe in %s: docs/analyse.md has none" % language)
            elif why:
                print("skip recipe in %s: %s" % (language, why))
            else:
                fault = run(language, recipes[language], folder, wanted)
                print(
                    "not ok recipe in %s: %s" % (language, fault)
                    if fault
                    else "ok recipe in %s" % language
                )


main()
