# SPDX-License-Identifier: Apache-2.0
"""What the parts of the attack share: the counts, a suite and what it gives when nobody disturbs
it, and programs that may be killed, may hang and may answer wrongly."""

import collections
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from workspace import MNEME, WORKER, Workspace, facts

VERDICTS = ("refused", "repeated", "identical", "WRONG")
RAW = re.compile(r"terminate called|\[json\.exception|filesystem error|Assertion|basic_string::")
PATIENCE = 60  # seconds that a command on these small files may take before it counts as hanging
TRAINING = 600  # and one that trains, on a machine that has other work
CODES = (0, 1, 64, 65, 69, 75, 130)  # those that docs/operations.md names, but 70: a fault of ours


class VerdictCounts:
    """Counts of states by part, kind and verdict; what was wrong is kept in words."""

    def __init__(self):
        self.part = ""
        self.counts = collections.defaultdict(collections.Counter)
        self.wrong = []

    def add(self, kind, verdict, words=""):
        assert verdict in VERDICTS, verdict
        part = self.part
        self.counts[part, kind][verdict] += 1
        if verdict == "WRONG":
            self.wrong.append(f"{part}, {kind}: {words}")
            print(f"WRONG {part}, {kind}: {words}", flush=True)

    def table(self):
        head = ("part", "kind", "states") + VERDICTS
        rows = [
            (part, kind, sum(count.values()), *(count[verdict] for verdict in VERDICTS))
            for (part, kind), count in self.counts.items()
        ]
        rows.append(("all", "", *(sum(row[i] for row in rows) for i in range(2, len(head)))))
        texts = [head] + [tuple(map(str, row)) for row in rows]
        widths = [max(len(row[i]) for row in texts) for i in range(len(head))]
        return "\n".join(
            "  ".join(
                cell.ljust(widths[i]) if i < 2 else cell.rjust(widths[i])
                for i, cell in enumerate(row)
            ).rstrip()
            for row in texts
        )

    def as_json(self, of):
        return [
            {"kind": kind, **{verdict: count[verdict] for verdict in VERDICTS}}
            for (part, kind), count in self.counts.items()
            if part == of
        ]


def patience(arguments):
    return TRAINING if arguments[0] in ("run", "cell", "plan") else PATIENCE


class Answer:
    """How a command ended. `fault` says what no state of the disk may bring about."""

    def __init__(self, arguments, code, out, err, hung=False):
        self.arguments, self.code, self.out, self.err, self.hung = arguments, code, out, err, hung

    def fault(self, killed=False):
        said = " ".join(self.err.split())[-300:]
        if self.hung:
            return f"{self} did not end in {patience(self.arguments)} s"
        if self.code not in CODES and not (killed and self.code < 0):
            return f"{self} ended with {self.code}: {said}"
        if RAW.search(self.err):
            return f"{self} shows a raw text of a library: {said}"
        if self.code not in (0, 1) and not killed and not said:
            return f"{self} ended with {self.code} without a word"
        return ""

    def __str__(self):
        return "mneme " + " ".join(self.arguments)


class AttackWorkspace(Workspace):
    """A folder with a suite of four short runs, and what they give undisturbed, in `good`."""

    def __init__(self, folder, seed, quick, share):
        super().__init__(folder)
        self.random = random.Random(seed)
        self.quick, self.share = quick, share
        self.verdicts = VerdictCounts()
        said = subprocess.run([MNEME, "--help"], capture_output=True, text=True, check=True).stdout
        self.commands = set(re.findall(r"^  (\w[\w-]+) ", said, re.M))
        self.benchmark("toy", tasks=3, examples=200)
        self.suite("finetune", "er", seeds="2")
        self.answer("run", "suite.toml", "-o", "good", "--jobs", "2").require(0)
        self.good = facts(self.path("good", "results.h5"))
        assert len(self.good) > 20
        self.runs = sorted(
            os.path.basename(path) for path in glob.glob(self.path("good", "runs", "*.h5"))
        )
        assert len(self.runs) == 4

    def has(self, arguments):
        """Whether these programs have the command: those of an older version may be attacked."""
        return arguments[0] in self.commands

    def times(self, whole, quick):
        return range(quick if self.quick else max(1, round(whole * self.share)))

    def start(self, *arguments, before=None, restore_signals=True):
        return super().start(
            *arguments, errors="replace", preexec_fn=before, restore_signals=restore_signals
        )

    def finish(self, process, arguments):
        try:
            out, err = process.communicate(timeout=patience(arguments))
            return Required(arguments, process.returncode, out, err)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return Required(arguments, process.returncode, out, err, hung=True)

    def answer(self, *arguments, **how):
        return self.finish(self.start(*arguments, **how), arguments)

    def copy(self, name="tried", of="good"):
        """A fresh copy of a results folder, times kept; pipes and links of before are gone."""
        remove(self.path(name))
        shutil.copytree(self.path(of), self.path(name), symlinks=True)
        return self.path(name)

    def judge_run(self, answer, folder="tried"):
        """(verdict, words) of `mneme run` on a folder that is not as it should be."""
        words = answer.fault()
        if words:
            return "WRONG", words
        if answer.code != 0:
            return "refused", ""
        words = self.differences(self.path(folder, "results.h5"))
        if words:
            return "WRONG", f"{answer}: {words}"
        due = re.search(r"(\d+) of \d+ runs? to do", answer.err)
        return ("repeated" if due and due.group(1) != "0" else "identical"), ""

    def differences(self, results):
        """In words, between a results file and what the suite gives undisturbed."""
        try:
            found = facts(results)
        except OSError as error:
            return f"{results} cannot be read: {error}"
        if found.keys() != self.good.keys():
            return f"other arrays: {sorted(found.keys() ^ self.good.keys())}"
        names = [name for name in found if found[name] != self.good[name]]
        return f"other numbers: {names}" if names else ""

    def leftovers(self, folder):
        return [
            os.path.join(base, name)
            for base, _, names in os.walk(self.path(folder))
            for name in names
            if ".tmp." in name
        ]


class Required(Answer):
    def require(self, code):
        if self.code != code:
            raise AssertionError(f"{self} ended with {self.code}, not {code}: {self.err}")
        return self


def remove(path):
    if os.path.islink(path) or not os.path.isdir(path):
        if os.path.lexists(path):
            os.remove(path)
    else:
        shutil.rmtree(path)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    """With the times that the file had: nobody may tell by them that it was changed."""
    times = os.stat(path)
    with open(path, "wb") as file:
        file.write(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def wait_until(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.001)
    return False


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
