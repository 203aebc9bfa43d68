# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder share: a case is a function; it passes unless it raises; a fresh
folder and the fake worker are given."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

from toy_benchmark import BENCHMARK

HERE = os.path.dirname(os.path.abspath(__file__))
MNEME, WRITER, PLUGINS = sys.argv[1:4]
CASES = []

SUITE = """benchmarks = ["toy.toml"]
seeds = 2
{head}
[[method]]
plugin = "finetune"
[[method]]
plugin = "er"
"""


class Skip(Exception):
    """What a case needs is not on this machine."""


def case(function):
    CASES.append(function)
    return function


class Workspace:
    """A folder of its own with a benchmark and a suite."""

    def __init__(self, folder):
        self.folder = folder
        self.trace = self.path("trace")
        self.write("toy.toml", BENCHMARK)
        self.suite()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def suite(self, head="", text=None):
        self.write("suite.toml", text or SUITE.format(head=head))

    def environment(self, fake=None, **more):
        env = {
            **os.environ,
            "MNEME_WORKER": os.path.join(HERE, "fake_worker.py"),
            "MNEME_FAKE_WRITER": WRITER,
            "MNEME_FAKE": json.dumps(fake or {}),
            "MNEME_FAKE_TRACE": self.trace,
            "XDG_CACHE_HOME": self.path("cache"),
            "XDG_DATA_HOME": self.path("data"),
            "HOME": self.folder,
        }
        for name in ("MNEME_TORCH", "MNEME_DATA", "NO_COLOR"):
            env.pop(name, None)
        return {**env, **more}

    def start(self, *arguments, fake=None, **more):
        return subprocess.Popen(
            [MNEME, *arguments],
            cwd=self.folder,
            env=self.environment(fake, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def mneme(self, *arguments, fake=None, expect=0, **more):
        process = self.start(*arguments, fake=fake, **more)
        out, err = process.communicate(timeout=120)
        assert process.returncode == expect, (
            f"mneme {' '.join(arguments)} ended with {process.returncode}, not"
            f" {expect}:\n{out}\n{err}"
        )
        return out, err

    def run(self, *arguments, fake=None, expect=0, **more):
        return self.mneme(
            "run",
            "suite.toml",
            "-o",
            "out",
            "--plugins",
            PLUGINS,
            "--jobs",
            "2",
            *arguments,
            fake=fake,
            expect=expect,
            **more,
        )

    def outcomes(self, folder="out"):
        out, _ = self.mneme("status", folder, "--json")
        return {
            (run["method"], run["seed"]): (run["outcome"], run["message"])
            for run in json.loads(out)["runs"]
        }

    def started(self):
        if not os.path.exists(self.trace):
            return []
        with open(self.trace, encoding="utf-8") as file:
            return [line.split()[0] for line in file if not line.startswith("sleep")]

    def workers(self):
        """Process ids that the fake worker wrote down and that still live."""
        if not os.path.exists(self.trace):
            return []
        with open(self.trace, encoding="utf-8") as file:
            return [pid for pid in (int(line.rsplit(" ", 3)[1]) for line in file) if alive(pid)]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def read_terminal(leader):
    """What was written to it, until nobody has it open any more. Closes it."""
    text = b""
    while True:
        try:
            text += os.read(leader, 65536)
        except OSError:
            break
    os.close(leader)
    return text.decode()


def wait_for(condition, seconds=20, what="the condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {seconds} s")


def equal(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in:\n{text}"


def main():
    failed = False
    for function in CASES:
        folder = tempfile.mkdtemp(prefix="mneme-cli-")
        name = function.__name__.replace("_", " ")
        try:
            function(Workspace(folder))
            print(f"ok {name}", flush=True)
        except Skip as why:
            print(f"skip {name}: {why}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed = True
            traceback.print_exc()
            print(
                f"not ok {name}:"
                f" {str(error).splitlines()[0] if str(error) else type(error).__name__}",
                flush=True,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0
