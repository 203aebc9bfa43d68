# SPDX-License-Identifier: Apache-2.0
"""Killed workers, stopped runs, exact resume; and the zoo of bad plugins through the real
program."""

import json
import os
import signal
import subprocess

from workspace import (
    PLUGINS,
    WORKER,
    ZOO,
    case,
    main,
    same,
    wait_for,
    workers,
)

KEPT = 'weights = "task_ends"\nevaluations = 7\nevaluate_examples = 30\npredictions = true'


@case
def a_worker_killed_with_signal_9_is_an_outcome_and_the_next_run_completes_it(workspace):
    workspace.benchmark("toy", tasks=4, examples=30000)
    suite = workspace.suite("finetune", "er", seeds="1")
    run = workspace.start("run", suite, "-o", "r", "--jobs", "1")
    pid = wait_for(lambda: workers(workspace.folder))[-1]
    wait_for(
        lambda: os.path.isdir(workspace.path("r/checkpoints"))
        and os.listdir(workspace.path("r/checkpoints"))
    )
    os.kill(pid, signal.SIGKILL)
    out, err = run.communicate(timeout=200)
    assert run.returncode == 1, (run.returncode, out, err)
    assert "signal 9 (killed" in err, err
    workspace.mneme("run", suite, "-o", "r", want=0)
    workspace.mneme("run", suite, "-o", "whole", want=0)
    same(workspace.path("r/results.h5"), workspace.path("whole/results.h5"))
    assert not workers(workspace.folder)


@case
def the_record_of_a_killed_worker_says_how_often_the_run_went_on(workspace):
    import h5py

    workspace.benchmark("toy", tasks=6, examples=60000)  # longer than a slow machine can sleep
    suite = workspace.suite("er", seeds="1")
    workspace.mneme("plan", suite, "-o", "r", want=0)
    run = json.load(open(workspace.path("r/plan.json")))["cells"][0]["runs"][0]["digest"]
    kept, record = workspace.path("r/checkpoints", run), workspace.path("r/runs", run + ".h5")
    command = workspace.command(["cell", "--plan", "r/plan.json", "--index", "0"])

    def start():
        before = os.stat(kept).st_mtime_ns if os.path.exists(kept) else 0
        cell = subprocess.Popen(
            command,
            cwd=workspace.folder,
            env=workspace.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: os.path.exists(kept) and os.stat(kept).st_mtime_ns != before, 200)
        return cell

    cell = start()
    cell.send_signal(signal.SIGUSR1)
    assert cell.wait(timeout=60) == 75
    cell = start()
    os.kill(workers(workspace.folder)[-1], signal.SIGKILL)
    assert cell.wait(timeout=60) == 70
    with h5py.File(record) as file:
        assert file["toy/outcome"].asstr()[0, 0] == "failed"
        assert file["toy/run/restart_count"][0, 0] == 1


@case
def killed_again_and_again_a_run_ends_with_the_same_bits(workspace):
    workspace.benchmark("toy", tasks=3, examples=20000)
    for method in (
        (
            'plugin = "er"\npolicy = "reservoir"\nmemory = 50\ntrain = { dropout = 0.3, momentum ='
            " 0.9 }"
        ),
        "agem",
        'plugin = "ewc_online"\nconsolidate = "running"',
    ):
        suite = workspace.suite(method, seeds="1", head=KEPT)
        workspace.mneme("plan", suite, "-o", "cut", want=0)
        plan = json.load(open(workspace.path("cut/plan.json")))
        cell = plan["cells"][0]
        cell["output"] = workspace.path("cut")
        request = workspace.write("cell.json", json.dumps(cell))
        digest = cell["runs"][0]["digest"]
        kills = 0
        for attempt in range(40):
            worker = subprocess.Popen(
                [WORKER, "--checkpoint-every", "0.05", "run", request],
                env=workspace.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            kept = workspace.path("cut/checkpoints", digest)
            before = os.stat(kept).st_mtime_ns if os.path.exists(kept) else 0
            try:  # let it get a little further each time, then kill it in the middle of a step
                wait_for(
                    lambda: worker.poll() is not None
                    or (os.path.exists(kept) and os.stat(kept).st_mtime_ns != before),
                    60,
                )
                worker.wait(timeout=0.03 * (attempt + 1))
            except subprocess.TimeoutExpired:
                worker.send_signal(signal.SIGKILL if attempt % 2 else signal.SIGTERM)
                worker.wait(timeout=60)
                kills += 1
                continue
            break
        assert worker.returncode == 0 and kills >= 2, (worker.returncode, kills)
        assert not os.path.exists(kept)
        workspace.mneme("collect", "cut", "-o", "cut-all.h5", want=0)
        workspace.mneme("run", suite, "-o", "whole", want=0)
        same(workspace.path("cut-all.h5"), workspace.path("whole/results.h5"))
        for folder in ("cut", "cut-all.h5", "whole"):
            subprocess.run(["rm", "-rf", workspace.path(folder)], check=True)


def zoo(workspace, name, want, head=""):
    """good_c, the bad one, good_c's twin: what the bad one does must not touch the others."""
    suite = workspace.suite(name, "finetune", seeds="1", head=head)
    os.makedirs(workspace.path("plugins"), exist_ok=True)
    for file, folder in ((name, ZOO), ("finetune", PLUGINS)):
        subprocess.run(
            ["cp", os.path.join(folder, file + ".so"), workspace.path("plugins")], check=True
        )
    return workspace.mneme(
        "run", suite, "-o", "out-" + name, plugins=workspace.path("plugins"), want=want
    )


BAD = {  # plugin: exit code of run, outcome, words of the message
    "fails": (1, "failed", ""),
    "throws_int": (1, "failed", ""),
    "throws_across": (1, "failed", ""),
    "aborts": (1, "failed", "signal 6 (aborted)"),
    "segfaults": (1, "failed", "signal 11 (segmentation fault)"),
    "meddles_crash": (
        1,
        "failed",
        "task 1, phase train, step 7: signal 11 (segmentation fault)",
    ),
    "wrong_shape": (1, "failed", "logits must be floats of"),
    "returns_nan": (0, "diverged", "a weight is not finite"),
    "spins": (1, "timeout", ""),
    "eats_memory": (1, "failed", ""),
    "writes_stdout": (0, "complete", ""),
    "changes_threads": (0, "complete", ""),
    "leaks": (0, "complete", ""),
    "good_c": (0, "complete", ""),
}


def bad_plugin(name):
    def check(workspace):
        want, outcome, words = BAD[name]
        head = {"spins": "stall_limit_s = 3", "eats_memory": "memory_limit_mib = 1500"}.get(
            name, ""
        )
        done = zoo(workspace, name, want, head)
        import h5py

        with h5py.File(workspace.path("out-" + name, "results.h5")) as file:
            group = file["toy"]
            found = {
                label.decode(): (o.decode(), m.decode())
                for label, o, m in zip(
                    group["method"][()], group["outcome"][:, 0], group["outcome_message"][:, 0]
                )
            }
        assert found["finetune"][0] == "complete", found
        assert found[name][0] == outcome and words in found[name][1], found
        workspace.mneme("validate", workspace.path("out-" + name, "results.h5"), want=0)
        assert not workers(workspace.folder)
        left = [
            os.path.join(top, f)
            for top, _, files in os.walk(workspace.path("out-" + name))
            for f in files
            if ".tmp" in f
        ]
        assert not left, left
        if outcome == "complete":  # a plugin that writes to stdout does not reach ours
            assert "good" in name or done.stdout.lstrip().startswith("toy"), done.stdout

    check.__name__ = "the_plugin_that_" + name + "_is_recorded_and_its_sibling_completes"
    return check


for plugin in BAD:
    case(bad_plugin(plugin))

REFUSED = (
    "no_note",
    "no_entry",
    "wrong_major",
    "newer_target",
    "size_zero",
    "null_slots",
    "missing_operator",
    "missing_interface",
    "throws_in_create",
    "segfaults_in_create",
    "needs_libtorch",
    "not_elf",
    "truncated",
)


def refused_plugin(name):
    def check(workspace):
        os.makedirs(workspace.path("plugins"))
        subprocess.run(
            ["cp", os.path.join(ZOO, name + ".so"), workspace.path("plugins")], check=True
        )
        done = workspace.mneme(
            "run",
            workspace.suite(name, seeds="1"),
            "-o",
            "r",
            plugins=workspace.path("plugins"),
            want=69,
        )
        assert name + ".so" in done.stderr, done.stderr
        assert not os.path.exists(workspace.path("r/results.h5"))

    check.__name__ = "the_plugin_" + name + "_is_refused_by_name"
    return check


for plugin in REFUSED:
    case(refused_plugin(plugin))

if __name__ == "__main__":
    main()
