#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `mneme submit` writes, run: the scripts as a shell takes them, the manifests as Kubernetes'
own documents ask for them, GNU parallel where it is installed. Slurm itself: tests/slurm."""

import os
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from workspace import PLUGINS, Skip, case, contains, equal, main, wait_for

ODD = 'it\'s $HOME; "here"'


def submit(workspace, *options, folder="out", expect=0, **more):
    return workspace.mneme(
        *["submit", "suite.toml", "-o", folder, "--plugins", PLUGINS, *options],
        expect=expect,
        **more,
    )


def program(workspace, name, text):
    """A program of ours that is found first on the path."""
    os.makedirs(workspace.path("bin"), exist_ok=True)
    workspace.write(os.path.join("bin", name), "#!/bin/bash\n" + text)
    os.chmod(workspace.path("bin", name), stat.S_IRWXU)
    return {"PATH": workspace.path("bin") + ":" + os.environ["PATH"]}


def bash(workspace, *arguments, expect=0, **more):
    done = subprocess.run(
        ["bash", *arguments],
        env=workspace.environment(**more),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    equal((done.returncode, done.stderr if done.returncode != expect else ""), (expect, ""))
    return done


@case
def one_target_and_only_its_options(workspace):
    for options in ([], ["--slurm", "--kubernetes"]):
        _, err = submit(workspace, *options, expect=64)
        contains(err, "submit: give one of --slurm, --parallel HOSTFILE and --kubernetes")
    _, err = submit(workspace, "--kubernetes", "--time", "60", expect=64)
    contains(err, "--time: is an option of --slurm; leave it out, or give --slurm")
    _, err = submit(workspace, "--slurm", "--image", "x", expect=64)
    contains(err, "--image: is an option of --kubernetes; leave it out, or give --kubernetes")
    assert not os.path.exists(workspace.path("out")), "a folder was made for a wrong command line"


@case
def an_array_for_slurm_is_sent_in_parts_that_the_site_takes(workspace):
    """sbatch and scontrol are ours: they write down what they were asked."""
    out, _ = submit(
        workspace,
        *["--slurm", "--seeds", "5", "--throttle", "2", "--partition", "p_q"],
        folder=ODD,
    )
    equal(out, workspace.path(ODD, "submit.sh") + "\n")
    script = workspace.path(ODD, "submit.sh")
    path = program(
        workspace,
        "sbatch",
        f"printf '%s|' \"$@\" >> '{workspace.path('sent')}'; echo >> '{workspace.path('sent')}'\n"
        f"wc -l < '{workspace.path('sent')}'\n",
    )
    program(workspace, "scontrol", "echo 'MaxArraySize            = 4'\n")
    done = bash(workspace, script, **path)
    equal(done.stdout, "submitted: 10 tasks as 1 2 3; collect and report as 4\n")
    with open(workspace.path("sent"), encoding="utf-8") as file:
        sent = [line.split("|") for line in file.read().splitlines()]
    arrays = [[word for word in words if word.startswith("--array")] for words in sent]
    equal(arrays, [["--array=0-3%2"], ["--array=0-3%2"], ["--array=0-1%2"], []])
    for words, after, role in zip(
        sent,
        (
            [],
            ["--dependency=afterany:1"],
            ["--dependency=afterany:2"],
            ["--dependency=afterany:1:2:3"],
        ),
        (["train", "0"], ["train", "4"], ["train", "8"], ["finish"]),
    ):
        equal([word for word in words if word.startswith("--dependency")], after)
        equal(words[words.index(script) + 1 : -1], role)
        assert "--partition=p_q" in words and "--chdir=" + workspace.path(ODD) in words, words


@case
def a_slurm_without_arrays_is_told(workspace):
    submit(workspace, "--slurm")
    path = program(workspace, "sbatch", "exit 1\n")
    program(workspace, "scontrol", "echo 'MaxArraySize            = 0'\n")
    done = bash(workspace, workspace.path("out", "submit.sh"), expect=65, **path)
    equal(
        done.stderr,
        "submit.sh: this Slurm takes no job arrays (MaxArraySize); use --parallel HOSTFILE\n",
    )


@case
def what_sbatch_refuses_is_not_called_submitted(workspace):
    submit(workspace, "--slurm", "--seeds", "5")
    script = workspace.path("out", "submit.sh")
    program(workspace, "scontrol", "echo 'MaxArraySize            = 4'\n")
    for taken, sentence in (
        (
            0,
            "submit.sh: sbatch has not taken task 0 and those after it, for the reason above; edit"
            " the options at the top, or wait\n",
        ),
        (
            2,
            "submit.sh: sbatch has not taken task 8 and those after it, for the reason above; edit"
            " the options at the top, or wait. It has taken 1 2\n",
        ),
        (
            3,
            "submit.sh: the tasks are submitted as 1 2 3, but not what follows them, for the reason"
            f" above. When they have ended: bash {script} finish\n",
        ),
    ):
        workspace.write("sent", "")
        path = program(
            workspace,
            "sbatch",
            f"(($(wc -l < '{workspace.path('sent')}') < {taken})) || {{ echo no >&2; exit 1; }}\n"
            f"echo >> '{workspace.path('sent')}'; wc -l < '{workspace.path('sent')}'\n",
        )
        done = bash(workspace, script, expect=75, **path)
        equal((done.stdout, done.stderr), ("", "no\n" + sentence))


@case
def a_task_of_an_array_trains_its_cells_and_asks_for_another_start_on_75(workspace):
    submit(workspace, "--slurm", "--pack", "3", folder=ODD)
    script = workspace.path(ODD, "submit.sh")
    path = program(workspace, "sbatch", "exit 1\n")
    program(workspace, "scontrol", f"echo \"$@\" >> '{workspace.path('asked')}'\n")
    task = {"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "0", **path}
    bash(workspace, script, "train", "0", **task)
    equal(sorted(workspace.started()), ["er", "finetune", "finetune"])
    last = {**task, "SLURM_ARRAY_TASK_ID": "1"}
    bash(workspace, script, "train", "0", expect=75, fake={"er": "temporary"}, **last)
    with open(workspace.path("asked"), encoding="utf-8") as file:
        equal(file.read(), "requeue 7_1\n")
    often = {**last, "SLURM_RESTART_COUNT": "20"}  # without a signal: whatever it is, it stays
    done = bash(workspace, script, "train", "0", expect=75, fake={"er": "temporary"}, **often)
    contains(
        done.stderr,
        "submit.sh: not requeued after 20 restarts, for the reason above; submit again when it is"
        " gone\n",
    )
    with open(workspace.path("asked"), encoding="utf-8") as file:
        equal(file.read(), "requeue 7_1\n")
    bash(workspace, script, "train", "0", expect=70, fake={"er": "segfault"}, **last)
    bash(workspace, script, "finish", **path)
    assert os.path.exists(workspace.path(ODD, "report.html"))
    equal(
        sorted(outcome for outcome, _ in workspace.outcomes(ODD).values()),
        ["complete"] * 3 + ["failed"],
    )


@case
def notice_of_the_limit_reaches_the_cell_and_its_code_is_the_jobs(workspace):
    submit(workspace, "--slurm", "--seeds", "1")
    path = program(workspace, "scontrol", f"echo \"$@\" >> '{workspace.path('asked')}'\n")
    program(workspace, "sbatch", "exit 1\n")
    environment = workspace.environment(
        {"er": "ends_group"},
        SLURM_ARRAY_JOB_ID="7",
        SLURM_ARRAY_TASK_ID="1",
        SLURM_RESTART_COUNT="99",  # by its limit, as often as it takes
        **path,
    )
    job = subprocess.Popen(
        ["bash", workspace.path("out", "submit.sh"), "train", "0"],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: "er" in workspace.started(), what="er starts")
    job.send_signal(10)
    equal(job.wait(timeout=60), 75)
    with open(workspace.path("asked"), encoding="utf-8") as file:
        equal(file.read(), "requeue 7_1\n")


@case
def notice_that_comes_before_mneme_listens_starts_the_task_again(workspace):
    """A program that is not mneme yet is ended by the signal, which must not end the task."""
    submit(workspace, "--slurm", "--seeds", "1")
    path = program(workspace, "scontrol", f"echo \"$@\" >> '{workspace.path('asked')}'\n")
    program(workspace, "sbatch", "exit 1\n")
    program(workspace, "deaf", "kill -USR1 $PPID; exec sleep 60\n")
    script = workspace.path("out", "submit.sh")
    with open(script, encoding="utf-8") as file:
        text = file.read()
    lines = [line if line[:6] != "mneme=" else "mneme=deaf" for line in text.split("\n")]
    workspace.write(os.path.join("out", "submit.sh"), "\n".join(lines))
    task = {"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "1", **path}
    done = subprocess.run(
        ["bash", script, "train", "0"], env=workspace.environment(**task), capture_output=True
    )
    equal(done.returncode, 75)
    with open(workspace.path("asked"), encoding="utf-8") as file:
        equal(file.read(), "requeue 7_1\n")


@case
def without_slurm_the_script_says_so(workspace):
    submit(workspace, "--slurm")
    if not shutil.which("sbatch"):
        done = bash(workspace, workspace.path("out", "submit.sh"), expect=65)
        contains(done.stderr, "there is no sbatch here; run it on a login node of the cluster")
    os.mkdir(workspace.path("bare"))  # no bash on the path; the fake worker needs Python
    os.symlink(sys.executable, workspace.path("bare", "python3"))
    _, err = submit(workspace, "--slurm", "--go", expect=65, PATH=workspace.path("bare"))
    contains(
        err, "out/submit.sh: bash cannot be started: No such file or directory; run it by hand"
    )


@case
def parallel_trains_everything_and_another_host_takes_over(workspace):
    if not shutil.which("parallel"):
        raise Skip("GNU parallel is not installed")
    workspace.write("hosts", "1/first\n1/second\n")
    path = program(  # the second host is dead, as ssh says it
        workspace,
        "ssh",
        "while [[ $1 == -* ]]; do shift; done\nhost=$1; shift; [[ $1 != -- ]] || shift\n"
        '[[ $host == first ]] || exit 255\nexec bash -c "$*"\n',
    )
    submit(workspace, "--parallel", "hosts", "--pack", "2", folder=ODD)
    # Without $SHELL, GNU parallel would quote for a shell that it guesses.
    bash(workspace, workspace.path(ODD, "submit.sh"), PARALLEL_SSH="ssh", SHELL="", **path)
    equal({outcome for outcome, _ in workspace.outcomes(ODD).values()}, {"complete"})
    assert os.path.exists(workspace.path(ODD, "report.html"))
    equal(len(workspace.started()), 4)


@case
def a_failed_run_is_not_repeated_by_parallel(workspace):
    if not shutil.which("parallel"):
        raise Skip("GNU parallel is not installed")
    workspace.write("hosts", ":\n")
    submit(workspace, "--parallel", "hosts", "--throttle", "1")
    bash(workspace, workspace.path("out", "submit.sh"), fake={"er": "segfault"})
    equal(sorted(workspace.started()), ["er", "er", "finetune", "finetune"])
    equal(
        sorted(outcome for outcome, _ in workspace.outcomes("out").values()),
        ["complete", "complete", "failed", "failed"],
    )


@case
def the_manifests_are_a_job_with_indexes_that_fail_alone(workspace):
    try:
        import yaml
    except ImportError as missing:
        raise Skip("PyYAML is not installed") from missing
    submit(
        workspace,
        *["--kubernetes", "--image", "mneme:0.1", "--claim", "results", "--throttle", "2"],
        folder=ODD,
    )
    with open(workspace.path(ODD, "cells.yaml"), encoding="utf-8") as file:
        job = yaml.safe_load(file)
    equal((job["apiVersion"], job["kind"]), ("batch/v1", "Job"))
    spec = job["spec"]
    equal((spec["completionMode"], spec["completions"], spec["parallelism"]), ("Indexed", 4, 2))
    # FailIndex asks for a limit per index, a policy for pods that are never restarted in place.
    equal((spec["backoffLimitPerIndex"], spec["template"]["spec"]["restartPolicy"]), (3, "Never"))
    rules = spec["podFailurePolicy"]["rules"]
    codes = {rule["action"]: rule["onExitCodes"]["values"] for rule in rules[:2]}
    equal(codes, {"Ignore": [75], "FailIndex": [64, 65, 69, 70]})
    for rule in rules:  # one of the two kinds of condition; 0 is not allowed; sorted, without twins
        equal(len({"onExitCodes", "onPodConditions"} & rule.keys()), 1)
    equal(rules[2]["onPodConditions"], [{"type": "DisruptionTarget", "status": "True"}])
    container = spec["template"]["spec"]["containers"][0]
    equal(container["command"], ["bash", workspace.path(ODD, "submit.sh"), "train"])
    equal(container["volumeMounts"], [{"name": "results", "mountPath": workspace.path(ODD)}])
    with open(workspace.path(ODD, "finish.yaml"), encoding="utf-8") as file:
        finish = yaml.safe_load(file)
    equal(finish["metadata"]["name"], job["metadata"]["name"] + "-finish")
    bash(workspace, *container["command"][1:], JOB_COMPLETION_INDEX="3")
    equal(workspace.started(), ["er"])


if __name__ == "__main__":
    sys.exit(main())
