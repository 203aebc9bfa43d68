# SPDX-License-Identifier: Apache-2.0
"""Cells whose workers a worker server forks: the bits are those of workers that are executed, a
crash is one cell's, and a server that is killed costs nothing."""

import json
import os
import shutil
import signal

import bars
import executed_workers
from workspace import PLUGINS, WORKER, ZOO, case, main, same, wait_for, workers

METHODS = (
    'plugin = "er"\npolicy = "reservoir"\nmemory = 50\ntrain = { dropout = 0.3, momentum = 0.9 }',
    "agem",
    "ewc_online",
    "si",
)


def executing(workspace):
    return {
        **workspace.environment,
        "MNEME_WORKER": executed_workers.program(workspace.folder, WORKER),
    }


def start(workspace, suite, output, plugins=PLUGINS, jobs=2):
    return workspace.start("run", suite, "-o", output, "--jobs", str(jobs), plugins=plugins)


def field(pid, name):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(line.split()[1] for line in file if line.startswith(name + ":"))


def server(mneme):
    """Its process id: the child of this mneme that serves."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                serves = file.read().split(b"\0")[1:2] == [b"serve"]
            if serves and int(field(pid, "PPid")) == mneme:
                return int(pid)
        except OSError:
            pass
    return None


def forked(folder):
    """Workers with a command line that is shorter than the room for it."""
    found = []
    for pid in workers(folder):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if file.read().endswith(b"\0\0"):
                found.append(pid)
    return found


def outcomes(workspace, folder):
    done = json.loads(workspace.mneme("status", folder, "--json", want=0).stdout)
    return {(run["method"], run["seed"]): run["outcome"] for run in done["runs"]}


@case
def a_forked_worker_leaves_the_bits_of_an_executed_one(workspace):
    workspace.benchmark("toy", tasks=3, examples=2000)
    suite = workspace.suite(*METHODS, head='weights = "task_ends"\npredictions = true')
    workspace.mneme("run", suite, "-o", "forked", want=0)
    workspace.environment = executing(workspace)
    workspace.mneme("run", suite, "-o", "executed", want=0)
    same(workspace.path("forked/results.h5"), workspace.path("executed/results.h5"))


@case
def a_forked_worker_is_a_child_of_mneme_with_nothing_of_others(workspace):
    workspace.benchmark("toy", tasks=4, examples=60000)
    run = start(workspace, workspace.suite("er"), "r")
    both = wait_for(lambda: len(workers(workspace.folder)) == 2 and workers(workspace.folder))
    parent = server(run.pid)
    assert parent and os.getpgid(parent) == parent
    assert field(parent, "Threads") == "1"
    kept = [
        os.readlink(f"/proc/{parent}/fd/{number}") for number in os.listdir(f"/proc/{parent}/fd")
    ]
    assert all(name.startswith(("socket:", "/dev/null")) for name in kept), kept
    marks = set()
    for pid in both:
        assert int(field(pid, "PPid")) == run.pid and os.getpgid(pid) == pid
        assert field(pid, "NoNewPrivs") == "1"
        assert not any(
            os.readlink(f"/proc/{pid}/fd/{number}").startswith("socket:")
            for number in os.listdir(f"/proc/{pid}/fd")
        )
        with open(f"/proc/{pid}/environ", "rb") as file:
            marks.update(v for v in file.read().split(b"\0") if v.startswith(b"MNEME_WORKER_MARK="))
    assert len(marks) == 2, marks
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert not workers(workspace.folder) and not os.path.exists(f"/proc/{parent}")


@case
def a_server_that_is_killed_and_a_worker_that_crashes_cost_no_other_run(workspace):
    workspace.benchmark("toy", tasks=4, examples=20000)
    os.makedirs(workspace.path("plugins"))
    for folder, name in ((ZOO, "segfaults"), (PLUGINS, "er"), (PLUGINS, "finetune")):
        shutil.copy(os.path.join(folder, name + ".so"), workspace.path("plugins"))
    suite = workspace.suite("er", "segfaults", "finetune", seeds="3")
    run = start(workspace, suite, "r", workspace.path("plugins"))
    os.kill(wait_for(lambda: workers(workspace.folder) and server(run.pid)), signal.SIGKILL)
    _, err = run.communicate(timeout=200)
    assert run.returncode == 1 and "signal 11" in err, err
    found = outcomes(workspace, "r")
    for seed in (1, 2, 3):
        assert [found[name, seed] for name in ("er", "segfaults", "finetune")] == [
            "complete",
            "failed",
            "complete",
        ], found
    with open(workspace.path("r/log.jsonl"), encoding="utf-8") as file:
        events = [json.loads(line)["event"] for line in file]
    assert events.count("cell_started") == events.count("run_ended") == 9, events
    assert not workers(workspace.folder)


def own_data(workspace, epochs):
    bars.fill(workspace, "mine")
    workspace.environment["MNEME_DATA"] = workspace.path("mine")
    workspace.write("bars.toml", bars.BENCHMARK.replace("epochs = 2", f"epochs = {epochs}"))
    return workspace.suite("finetune", benchmark="bars", seeds="3", head=bars.HEAD)


@case
def data_that_the_server_has_read_are_those_of_the_plan(workspace):
    suite = own_data(workspace, epochs=2)
    workspace.mneme("run", suite, "-o", "forked", want=0)
    given = workspace.environment
    workspace.environment = executing(workspace)
    workspace.mneme("run", suite, "-o", "executed", want=0)
    same(workspace.path("forked/results.h5"), workspace.path("executed/results.h5"))
    workspace.environment = given
    workspace.mneme("plan", suite, "-o", "others", want=0)
    bars.fill(workspace, "mine", seed=7)
    done = workspace.mneme("cell", "--plan", "others/plan.json", "--index", "0-2", want=65)
    assert "those that it was planned with" in done.stderr, done.stderr
    assert set(outcomes(workspace, "others").values()) == {"refused"}


@case
def cells_of_one_data_set_need_its_files_once(workspace):
    run = start(workspace, own_data(workspace, epochs=1000), "r", jobs=1)
    wait_for(lambda: forked(workspace.folder))
    shutil.rmtree(workspace.path("mine"))
    _, err = run.communicate(timeout=200)
    assert run.returncode == 0, err
    assert set(outcomes(workspace, "r").values()) == {"complete"}


@case
def a_killed_mneme_takes_the_server_and_its_workers_with_it(workspace):
    workspace.benchmark("toy", tasks=4, examples=60000)
    run = start(workspace, workspace.suite("er"), "r")
    parent = wait_for(lambda: workers(workspace.folder) and server(run.pid))
    run.kill()
    run.communicate()
    wait_for(lambda: not workers(workspace.folder) and not os.path.exists(f"/proc/{parent}"))


if __name__ == "__main__":
    main()
