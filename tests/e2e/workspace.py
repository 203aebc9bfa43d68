# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder share: cases, a folder for each, and the real programs."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

BIN, PLUGINS, ZOO, SOURCE = (os.path.abspath(p) for p in sys.argv[1:5])
MNEME, WORKER = os.path.join(BIN, "mneme"), os.path.join(BIN, "mneme-worker")
CASES = []

BENCHMARK = """
[stream]
kind = "synthetic"
tasks = {tasks}
train_examples = {examples}
test_examples = 60
classes_per_task = 3
features = 16
separation = 4.0
[scenario]
kind = "{scenario}"
[network]
kind = "mlp"
hidden = [12]
[train]
lr = 0.1
momentum = 0.0
batch_size = 10
"""


class Skip(Exception):
    pass


def case(function):
    CASES.append(function)
    return function


class Workspace:
    """A folder of its own. Its home holds no plugins, no data, no caches of the user."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            **os.environ,
            "XDG_DATA_HOME": self.path("share"),
            "XDG_CACHE_HOME": self.path("cache"),
            "OMP_NUM_THREADS": "1",
            "NO_COLOR": "1",
        }
        self.environment.pop("MNEME_DATA", None)
        self.benchmark("toy")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def benchmark(self, name, tasks=3, examples=120, scenario="domain"):
        self.write(
            name + ".toml", BENCHMARK.format(tasks=tasks, examples=examples, scenario=scenario)
        )

    def suite(self, *methods, benchmark="toy", seeds="2", head="", name="suite.toml"):
        text = f'benchmarks = ["{benchmark}.toml"]\nseeds = {seeds}\n{head}\n'
        for method in methods:
            text += "[[method]]\n" + (
                f'plugin = "{method}"\n' if "=" not in method else method + "\n"
            )
        return self.write(name, text)

    def command(self, arguments, plugins=PLUGINS):
        takes_plugins = arguments[0] in ("run", "plan", "list", "describe")
        return [MNEME, *arguments, *(["--plugins", plugins] if takes_plugins else [])]

    def start(self, *arguments, plugins=PLUGINS, **more):
        """A command that goes on while the case does; `more` is Popen's."""
        return subprocess.Popen(
            self.command(arguments, plugins),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def mneme(self, *arguments, want=None, plugins=PLUGINS, seconds=300):
        done = subprocess.run(
            self.command(arguments, plugins),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=seconds,
        )
        if want is not None and done.returncode != want:
            raise AssertionError(
                f"mneme {' '.join(arguments)} ended with {done.returncode} and not"
                f" {want}:\n{done.stdout}\n{done.stderr}"
            )
        return done

    def board(self, folder, benchmark="toy"):
        return json.loads(self.mneme("leaderboard", folder, "--json", want=0).stdout)


def workers(folder):
    """Workers that train for this folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = open(f"/proc/{pid}/cmdline", "rb").read().decode().split("\0")
        except OSError:
            continue
        if (
            line
            and line[0].endswith("mneme-worker")
            and "run" in line
            and any(folder in part for part in line)
        ):
            found.append(int(pid))
    return found


def wait_for(condition, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("waited in vain")


# Arrays that may differ between two runs of one request: clocks, memory, provenance.
UNEQUAL = (
    "method_index",
    "timing",
    "cost/peak",
    "provenance",
    "value",
    "shared_by_replicas",
    "run/restart_count",
    "run/job_id",
    "run/host",
)


def facts(path, labels=None):
    """Every array of a results file that must not depend on when, where and how bundled a run was
    made: {name: bytes}."""
    import h5py
    import numpy

    found = {}

    def visit(name, thing):
        inner = name.split("/", 1)[1] if "/" in name else ""
        if isinstance(thing, h5py.Dataset) and inner and not inner.startswith(UNEQUAL):
            value = thing[()]
            if (
                len(thing.shape)
                and any(scale.name.endswith("/method") for scale in thing.dims[0].values())
                or name.endswith("/method")
            ):
                value = value[
                    order[name.split("/")[0]]
                ]  # a collected file has its methods in another order
            found[name] = (
                value.tobytes()
                if isinstance(value, numpy.ndarray) and value.dtype != object
                else repr(value if not isinstance(value, numpy.ndarray) else value.tolist())
            )

    with h5py.File(path, "r") as file:
        order = {
            name: numpy.argsort([label for label in group["method"].asstr()[()]])
            for name, group in file.items()
            if "method" in group
        }
        file.visititems(visit)
    return found


def same(a, b):
    a, b = facts(a), facts(b)
    assert a.keys() == b.keys() and len(a) > 20, sorted(a.keys() ^ b.keys())
    different = [name for name in a if a[name] != b[name]]
    assert not different, f"differ: {different}"


def main():
    failed = False
    for function in CASES:
        name = function.__name__.replace("_", " ")
        folder = tempfile.mkdtemp(prefix="mneme-e2e-")
        try:
            function(Workspace(folder))
            print(f"ok {name}", flush=True)
        except (Skip, ImportError) as why:
            print(f"skip {name}: {why}", flush=True)
        except Exception as error:  # noqa: BLE001 - every failure is a line
            failed = True
            traceback.print_exc()
            print(f"not ok {name}: {str(error)[:2000]}".replace("\n", " | "), flush=True)
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(failed)
