#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The script run.sh, judged by planted programs: run_script_test.py TESTS PROGRAMS CTEST."""

import os
import shutil
import subprocess
import sys
import tempfile

TESTS, PROGRAMS, CTEST = sys.argv[1:4]


class Run:
    """One run of tests/run.sh over a folder with the tests named; each is (name, label,
    command)."""

    def __init__(self, tests, *labels, seed="7"):
        with tempfile.TemporaryDirectory() as build:
            names = ";".join(name for name, _, _ in tests)
            with open(os.path.join(build, "CTestTestfile.cmake"), "w", encoding="utf-8") as file:
                for name, label, command in tests:
                    file.write(
                        "add_test(%s %s)\n" % (name, " ".join('"%s"' % word for word in command))
                    )
                    file.write(
                        "set_tests_properties(%s PROPERTIES LABELS %s ENVIRONMENT"
                        ' "MNEME_TEST_NAME=%s" TIMEOUT %d)\n'
                        % (name, label, name, 3 if name == "hang" else 60)
                    )
                file.write(
                    'set(MNEME_TEST_NAMES "%s")\ninclude("%s/order/order.cmake")\n' % (names, TESTS)
                )
            environment = {
                key: value for key, value in os.environ.items() if not key.startswith("MNEME_TEST")
            }
            environment["PATH"] = os.path.dirname(CTEST) + ":" + environment["PATH"]
            environment["MNEME_TEST_SEED"] = seed
            done = subprocess.run(
                [TESTS + "/run.sh", build, *labels],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        self.status, self.output, self.errors = done.returncode, done.stdout, done.stderr
        self.last = done.stdout.rstrip("\n").rpartition("\n")[2]

    def order(self):
        return [
            line.split()[-1]
            for line in self.output.splitlines()
            if line.lstrip().startswith("Start ")
        ]


def planted(*names, label="unit"):
    return [(name, label, [os.path.join(PROGRAMS, "mneme_planted_" + name)]) for name in names]


def script(name, text, label="unit"):
    return [
        (name, label, [sys.executable, TESTS + "/count_cases.py", "script", name, "sh", "-c", text])
    ]


FAILURES = 0


def check(name, run, status, last, *wanted):
    global FAILURES
    missing = [text for text in wanted if text not in run.output + run.errors]
    if run.status == status and (last is None or run.last == last) and not missing:
        print("ok %s" % name)
        return
    FAILURES += 1
    print(
        "not ok %s: status %d (wanted %d), last line '%s' (wanted '%s'), missing %s"
        % (name, run.status, status, run.last, last, missing)
    )
    print(run.output + run.errors)


def main():
    global FAILURES
    good = planted("good")
    check(
        "passes and skips are counted in cases, with the reason of the skip",
        Run(good),
        0,
        "2 passed, 0 failed, 1 skipped",
        "skipped good: the moon is looked at: no telescope",
        "seed 7",
        "labels left out: claims scale browser fuzz speed",
    )
    check(
        "a failing case fails the run",
        Run(good + planted("failing")),
        1,
        "3 passed, 2 failed, 1 skipped",
        "FAILED  failing: one is two",
        "FAILED  failing: a failed check is not undone by a skip",
    )
    check(
        "a case without an assertion fails",
        Run(planted("bare")),
        1,
        "0 passed, 1 failed, 0 skipped",
        "FAILED  bare: nothing is asserted",
    )
    check(
        "a program without a case fails",
        Run(planted("empty")),
        1,
        "0 passed, 1 failed, 0 skipped",
        "FAILED  empty: ",
    )
    check(
        "a killed program is one failed case",
        Run(good + planted("crash")),
        1,
        "2 passed, 1 failed, 1 skipped",
        "FAILED  crash: died or was stopped before its end",
    )
    check(
        "a segmentation fault is one failed case",
        Run(planted("segfault")),
        1,
        "0 passed, 1 failed, 0 skipped",
        "FAILED  segfault: the ground gives way loudly",
    )
    check(
        "a program that leaves early with status 0 fails",
        Run(planted("exit")),
        1,
        "0 passed, 1 failed, 0 skipped",
        "FAILED  exit: died or was stopped before its end",
    )
    check(
        "a program that is not there fails",
        Run([("gone", "unit", ["/nowhere/gone"])]),
        1,
        "0 passed, 1 failed, 0 skipped",
        "FAILED  gone: did not start",
    )
    check(
        "a script that hangs fails",
        Run(script("hang", "echo ok before; sleep 60")),
        1,
        "1 passed, 1 failed, 0 skipped",
        "FAILED  hang: died or was stopped",
    )
    check(
        "a script's lines are its cases",
        Run(script("lines", "echo ok a; echo skip b: no c; echo okay")),
        0,
        "1 passed, 0 failed, 1 skipped",
        "skipped lines: b: no c",
    )
    check(
        "a script's failed line fails though it ends with 0",
        Run(script("lines", "echo ok a; echo not ok b: c")),
        1,
        "1 passed, 1 failed, 0 skipped",
        "FAILED  lines: b: c",
    )
    check(
        "a silent script fails",
        Run(script("silent", "true")),
        1,
        "0 passed, 1 failed, 0 skipped",
        "FAILED  silent: silent: ran no test case",
    )
    check(
        "a script's bad status fails",
        Run(script("status", "echo ok a; exit 3")),
        1,
        "1 passed, 1 failed, 0 skipped",
        "ended with status 3",
    )
    check("a run without tests fails", Run([]), 1, "0 passed, 1 failed, 0 skipped")

    slow = good + planted("failing", label="speed")
    check("speed is left out by default", Run(slow), 0, "2 passed, 0 failed, 1 skipped")
    check("a label runs what bears it", Run(slow, "speed"), 1, "1 passed, 2 failed, 0 skipped")
    check("all runs everything", Run(slow, "all"), 1, "3 passed, 2 failed, 1 skipped")
    check(
        "an unknown label is refused with the known ones",
        Run(slow, "sped"),
        64,
        None,
        "no test has the label 'sped'; there are: speed unit",
    )

    many = [test for i in range(8) for test in script("s%d" % i, "echo ok x")]
    first, again, other = Run(many).order(), Run(many).order(), Run(many, seed="8").order()
    check(
        "a seed repeats the order of the programs, another one changes it",
        Run(many),
        0,
        "8 passed, 0 failed, 0 skipped",
    )
    for name, holds in (
        ("same seed, same order", first == again and len(first) == 8),
        ("other seed, other order", sorted(other) == sorted(first) != other),
    ):
        FAILURES += 0 if holds else 1
        print("%s %s" % ("ok" if holds else "not ok", name))
    return 1 if FAILURES else 0


if __name__ == "__main__":
    if not shutil.which("bash"):
        sys.exit("bash is missing")
    sys.exit(main())
