#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges the plugin files: files.py SOURCES BUILT. A line `ok X` or `not ok X: why` for each
plugin and rule."""

import os
import re
import subprocess
import sys

SOURCES, BUILT = sys.argv[1:3]
RUNTIME = re.compile(r"^(libstdc\+\+|libm|libgcc_s|libc)\.so\.\d+$")
SANITIZER = re.compile(r"^lib(asan|ubsan)\.so\.\d+$")
LINES = 120


def output(*command):
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
    ).stdout


def judge(name, why):
    print("not ok %s: %s" % (name, why) if why else "ok %s" % name, flush=True)


def exported(library):
    """One symbol, and it is the entry."""
    names = [
        line.split()[-1] for line in output("nm", "-D", "--defined-only", library).splitlines()
    ]
    return (
        ""
        if names == ["mneme_plugin_v1"]
        else "exports %s; export mneme_plugin_v1 alone" % ", ".join(names or ["nothing"])
    )


def needed(library):
    found = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-d", "-W", library))
    foreign = [name for name in found if not RUNTIME.match(name) and not SANITIZER.match(name)]
    return (
        "needs %s; link the C and C++ runtime alone" % ", ".join(foreign)
        if foreign
        else "" if found else "needs no library at all: not read right"
    )


def short(lines):
    count = sum(1 for line in lines if line.strip())
    return "" if count <= LINES else "%d lines that are not blank; use at most %d" % (count, LINES)


def headed(lines):
    """The first comment says what the method is: an equation or a paper."""
    comment = []
    for line in lines:
        if not line.startswith("//"):
            break
        comment.append(line)
    text = "\n".join(comment[1:])
    if not comment or "SPDX-License-Identifier" not in comment[0]:
        return "does not begin with its licence"
    equation = re.search(r"(<-|=|~|\bsum\b).*(theta|g\b|L\()|theta.*(<-|=)", text)
    paper = re.search(r"arXiv:\d{4}\.\d{4,5}", text)
    return (
        ""
        if len(comment) > 2 and (equation or paper)
        else "its first comment holds neither an equation nor a paper"
    )


def main():
    sources = sorted(name for name in os.listdir(SOURCES) if name.endswith(".cpp"))
    shipped = {
        "agem",
        "derpp",
        "er",
        "er_ace",
        "ewc",
        "ewc_online",
        "exssnet",
        "finetune",
        "gdumb",
        "gem",
        "gpm",
        "hat",
        "icarl",
        "importance",
        "joint",
        "lwf",
        "mas",
        "mcsgd",
        "mir",
        "ncm",
        "ogd",
        "owm",
        "packnet",
        "rebasin",
        "replay_pass",
        "si",
        "single",
        "slda",
        "supsup",
        "task_arithmetic",
        "ties",
        "weight_aligning",
        "weight_averaging",
    }
    found = {name[:-4] for name in sources}
    judge(
        "the methods are all here",
        "" if shipped <= found else "missing: %s" % ", ".join(sorted(shipped - found)),
    )
    for source in sources:
        name = source[:-4]
        library = os.path.join(BUILT, name + ".so")
        with open(os.path.join(SOURCES, source), encoding="utf-8") as file:
            lines = file.read().splitlines()
        judge(name + " is short", short(lines))
        judge(name + " is headed by an equation or a paper", headed(lines))
        if not os.path.exists(library):
            judge(name + " is built", library + " is not there; build the plugins first")
            continue
        judge(name + " exports one symbol", exported(library))
        judge(name + " needs the C and C++ runtime alone", needed(library))
    # The rules can fail: each is tried on what breaks it.
    long = ["x"] * (LINES + 1)
    judge(
        "the rules see what breaks them",
        (
            ""
            if short(long)
            and headed(["// SPDX-License-Identifier: Apache-2.0", "// A method.", "", "x"])
            and exported(os.path.realpath("/proc/self/exe"))
            else "a rule passed what is wrong"
        ),
    )


main()
