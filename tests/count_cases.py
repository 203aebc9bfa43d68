#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts test cases over all programs of a test run. Two uses:

  count_cases.py script NAME COMMAND...    runs a test script whose lines `ok X`, `not ok X: why`,
                                           `skip X: why` are its test cases
  count_cases.py count COUNTS JUNIT        prints failures, skips and the last line `N passed,
                                           N failed, N skipped`

A record is a line `program <tab> start|pass|fail|skip|end <tab> case <tab> why` in the file named
by MNEME_TEST_COUNTS. A program that started and did not end, that never started, or that ended with
a status its cases do not explain, is one failed case more.
"""

import collections
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

LINE = re.compile(r"^(ok|not ok|skip)\s+(.*\S)")
KIND = {"ok": "pass", "not ok": "fail", "skip": "skip"}


def record(program, kind, name="", why=""):
    path = os.environ.get("MNEME_TEST_COUNTS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(
                "\t".join([program, kind, name.replace("\t", " "), why.replace("\t", " ")]) + "\n"
            )


def run_script(program, command):
    record(program, "start")
    seen = collections.Counter()
    environment = {
        key: value for key, value in os.environ.items() if key != "MNEME_TEST_COUNTS"
    }  # its children count for nobody
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    for line in process.stdout:
        print(line, end="", flush=True)
        match = LINE.match(line)
        if match:
            kind = KIND[match.group(1)]
            name, _, why = match.group(2).partition(": ")
            seen[kind] += 1
            record(program, kind, name, why)
    status = process.wait()
    faults = []
    if not seen:
        faults.append("ran no test case")
    if status and not seen["fail"]:
        faults.append("ended with status %d and no failed case" % status)
    for fault in faults:
        print("not ok %s: %s" % (program, fault))
        record(program, "fail", program, fault)
    record(program, "end")
    return 1 if faults or seen["fail"] else 0


def read_counts(path):
    programs = collections.defaultdict(list)
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                program, kind, name, why = (line.rstrip("\n").split("\t") + ["", "", "", ""])[:4]
                programs[program].append((kind, name, why))
    return programs


def judge(programs, junit):
    """Adds what the programs could not say of themselves: [(program, fault)]."""
    faults = []
    ran = 0
    for case in junit.iter("testcase"):
        ran += 1
        name, status = case.get("name"), case.get("status")
        kinds = [kind for kind, _, _ in programs.get(name, [])]
        if not kinds:
            faults.append((name, "did not start or has no test case (%s)" % status))
        elif kinds.count("start") != kinds.count("end"):
            faults.append((name, "died or was stopped before its end"))
        elif status != "run" and "fail" not in kinds:
            faults.append((name, "ended with a fault though no case failed"))
        elif not {"pass", "fail", "skip"} & set(kinds):
            faults.append((name, "ran no test case"))
    if not ran:
        faults.append(("all", "no test program was run"))
    return faults


def count(counts, junit):
    programs = read_counts(counts)
    try:
        faults = judge(programs, xml.parse(junit).getroot())
    except (OSError, xml.ParseError) as error:
        faults = [("all", "the test run left no report: %s" % error)]
    cases = [
        (kind, program, name, why)
        for program, lines in sorted(programs.items())
        for kind, name, why in lines
    ]
    for kind, program, name, why in cases:
        if kind in ("fail", "skip"):
            print(
                "%-7s %s: %s%s"
                % (
                    {"fail": "FAILED", "skip": "skipped"}[kind],
                    program,
                    name,
                    ": " + why if why else "",
                )
            )
    for program, fault in faults:
        print("FAILED  %s: %s" % (program, fault))
    totals = collections.Counter(kind for kind, _, _, _ in cases)
    failed = totals["fail"] + len(faults)
    print("%d passed, %d failed, %d skipped" % (totals["pass"], failed, totals["skip"]))
    return 1 if failed else 0


def main(arguments):
    if len(arguments) >= 3 and arguments[0] == "script":
        return run_script(arguments[1], arguments[2:])
    if len(arguments) == 3 and arguments[0] == "count":
        return count(*arguments[1:])
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
