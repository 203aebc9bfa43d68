#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do the tests notice bugs? Puts those of mutants.toml in one at a time, and says which lived.

    mutants.py SOURCE TORCH WORK [--record FILE.json] [--only NAME ...] [--again]
    mutants.py --fit SOURCE      whether each still fits its source, without building anything

WORK/source is a copy of the sources, WORK/build its build: nothing is changed elsewhere. What a
record holds is not tried again unless the substitution has changed, or --again is given. Of a
hundred at most five may live, each with a `defence` in mutants.toml."""

import argparse
import filecmp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib

MOST_ALIVE = 0.05
PATIENCE = 600  # seconds of the tests of one mutant; one that hangs is noticed, too
NEEDS_PLUGINS = ("host", "plugins", "run", "worker")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("source", "torch", "work"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("--record", type=os.path.abspath, help="verdicts as JSON, read and written")
    parser.add_argument("--only", nargs="+", help="names of mutants")
    parser.add_argument("--again", action="store_true", help="also what the record holds")
    return parser.parse_args()


def mirror(source, to):
    """Files that are the same keep their times, so that nothing is built twice."""
    os.makedirs(to, exist_ok=True)
    names = {name for name in os.listdir(source) if name != ".git" and name[:5] != "build"}
    for name in set(os.listdir(to)) - names:
        path = os.path.join(to, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
    for name in names:
        a, b = os.path.join(source, name), os.path.join(to, name)
        if os.path.isdir(a):
            mirror(a, b)
        elif not os.path.exists(b) or not filecmp.cmp(a, b, shallow=False):
            shutil.copy(a, b)


class Copy:
    """The sources and the build that mutants are tried in."""

    def __init__(self, source, torch, work):
        self.source, self.build = os.path.join(work, "source"), os.path.join(work, "build")
        mirror(source, self.source)
        words = ["cmake", "--preset", "release", "-B", self.build, "--log-level=WARNING"]
        more = ["-DMNEME_TORCH=" + torch, "-DMNEME_TESTS=ON"]
        subprocess.run([*words, *more], cwd=self.source, check=True, stdout=subprocess.DEVNULL)

    def compile(self, tests):
        targets = ["mneme_test_" + test for test in tests]
        if any(test in NEEDS_PLUGINS for test in tests):
            targets += ["plugins/all", "mneme_fixtures"]
        words = ["cmake", "--build", self.build, "-j", "1", "--target", *targets]
        done = subprocess.run(words, capture_output=True, text=True, errors="replace")
        return "" if done.returncode == 0 else (done.stdout + done.stderr)[-3000:]

    def failing(self, tests):
        """The names of the tests that fail."""
        words = ["ctest", "--test-dir", self.build, "-R", f"^({'|'.join(tests)})$"]
        try:
            done = subprocess.run(
                [*words, "--timeout", str(PATIENCE), "--stop-on-failure"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE * len(tests),
            )
        except subprocess.TimeoutExpired:
            return ["(no end)"]
        if "No tests were found" in done.stderr + done.stdout:
            raise AssertionError(f"no such tests: {tests}")
        lines = [line.split() for line in done.stdout.splitlines()]
        failed = [w[w.index("-") + 1] for w in lines if "-" in w and "(" in w[-1] + w[-2]]
        return failed or (["(unknown)"] if done.returncode else [])

    def put(self, file, text):
        with open(os.path.join(self.source, file), "w", encoding="utf-8") as to:
            to.write(text)

    def get(self, file):
        with open(os.path.join(self.source, file), encoding="utf-8") as content:
            return content.read()


def key_of(mutant):
    parts = [mutant["file"], mutant["old"], mutant["new"], *mutant["tests"]]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def verdict(copy, mutant, sound):
    text = copy.get(mutant["file"])
    if text.count(mutant["old"]) != 1:
        return {"verdict": "does not apply"}
    tests = [test for test in mutant["tests"] if sound[test]]
    if not tests:
        return {"verdict": "no sound test"}
    copy.put(mutant["file"], text.replace(mutant["old"], mutant["new"]))
    try:
        fault = copy.compile(tests)
        if fault:
            return {"verdict": "does not compile", "why": fault.splitlines()[-1]}
        failed = copy.failing(tests)
    finally:
        copy.put(mutant["file"], text)
    return {"verdict": "killed", "by": failed[0]} if failed else {"verdict": "alive"}


def read_record(path):
    if path and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    return {}


def write_record(path, record):
    if not path:
        return
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)


def read_mutants():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "mutants.toml"), "rb") as file:
        return tomllib.load(file)["mutant"]


def fit(source):
    faults = []
    for mutant in read_mutants():
        with open(os.path.join(source, mutant["file"]), encoding="utf-8") as file:
            found = file.read().count(mutant["old"])
        if found != 1:
            faults.append(f"{mutant['name']} fits {mutant['file']} {found} times")
    name = "every mutant fits its source once"
    print(f"not ok {name}: {'; '.join(faults)}" if faults else f"ok {name}")
    return 1 if faults else 0


def main():
    if sys.argv[1:2] == ["--fit"]:
        return fit(*sys.argv[2:])
    asked = arguments()
    mutants = read_mutants()
    record = read_record(asked.record)
    names = {mutant["name"] for mutant in mutants}
    record = {name: entry for name, entry in record.items() if name in names}
    due = [
        mutant
        for mutant in mutants
        if (not asked.only or mutant["name"] in asked.only)
        and (asked.again or record.get(mutant["name"], {}).get("key") != key_of(mutant))
    ]
    if due:
        copy = Copy(asked.source, asked.torch, asked.work)
    sound = {}
    for mutant in due:
        for test in mutant["tests"]:
            if test not in sound:  # a test that fails by itself notices nothing
                fault = copy.compile([test])
                sound[test] = not fault and not copy.failing([test])
                if not sound[test]:
                    print(f"{test} fails without any mutant: {fault}", flush=True)
        begun = time.monotonic()
        entry = {"key": key_of(mutant), "what": mutant["what"], "file": mutant["file"]}
        entry.update(verdict(copy, mutant, sound))
        entry["seconds"] = round(time.monotonic() - begun)
        if entry["verdict"] != "no sound test":
            record[mutant["name"]] = entry
        print(f"{entry['verdict']}: {mutant['name']} ({entry['seconds']} s)", flush=True)
        write_record(asked.record, record)
    return judge(mutants, record)


def judge(mutants, record):
    count = {}
    for entry in record.values():
        count[entry["verdict"]] = count.get(entry["verdict"], 0) + 1
    alive = [m for m in mutants if record.get(m["name"], {}).get("verdict") == "alive"]
    for mutant in alive:
        print(f"alive: {mutant['name']}: {mutant['what']}; {mutant.get('defence', 'no defence')}")
    print(", ".join(f"{number} {verdict}" for verdict, number in sorted(count.items())))
    tried = count.get("killed", 0) + len(alive)
    useless = [v for v in count if v not in ("killed", "alive")]
    good = (
        not useless
        and len(alive) <= MOST_ALIVE * tried
        and all("defence" in mutant for mutant in alive)
    )
    print(f"{'ok' if good else 'not ok'} mutants: {len(alive)} of {tried} live")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
