#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`mneme run`: what is refused before anything trains, and what it says, prints and writes."""

import ctypes
import json
import os
import pty
import subprocess
import sys

from workspace import MNEME, PLUGINS, SUITE, case, contains, equal, main, read_terminal


def mounted(path, size):
    """A file system of its own; None where we may not have one."""
    os.mkdir(path)
    libc = ctypes.CDLL(None, use_errno=True)
    return (
        libc
        if libc.mount(b"none", path.encode(), b"tmpfs", 0, f"size={size}".encode()) == 0
        else None
    )


def on_a_terminal(workspace, *arguments, **environment):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [MNEME, *arguments],
        cwd=workspace.folder,
        env=workspace.environment(TERM="xterm", **environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    text = read_terminal(leader)
    process.communicate()
    return text


@case
def a_suite_that_is_not_there_or_not_right_is_65(workspace):
    _, err = workspace.mneme("run", "missing.toml", expect=65)
    contains(err, "missing.toml")
    workspace.suite("seed = 3")
    _, err = workspace.run(expect=65)
    contains(err, "suite.toml:3:1: ")
    contains(err, '"seeds"')
    assert not os.path.exists(
        workspace.path("out")
    ), "a folder was made for a suite that cannot be read"


@case
def a_script_or_folder_of_a_shipped_suites_name_is_not_taken_for_it(workspace):
    workspace.write("quickstart", "#!/bin/bash\n")
    _, err = workspace.mneme("run", "quickstart", "--set", "seeds=x", expect=65)
    assert "TOML" not in err and "quickstart:1" not in err, err
    contains(err, "seeds is a string")
    workspace.write("quickstart.toml", "seed = 1\n")  # a suite of one's own comes first
    contains(workspace.mneme("run", "quickstart.toml", expect=65)[1], "quickstart.toml:1:1: ")


@case
def an_unknown_plugin_is_65_with_the_nearest_known(workspace):
    workspace.suite(text=SUITE.format(head="").replace('"finetune"', '"finetun"'))
    _, err = workspace.run(expect=65)
    contains(
        err, 'unknown plugin "finetun"; the nearest known one is "finetune" (looked in: ' + PLUGINS
    )


@case
def a_file_that_is_no_plugin_is_refused_by_name_with_69(workspace):
    os.mkdir(workspace.path("own"))
    workspace.write("own/finetune2.so", "not an ELF file")
    workspace.suite(text=SUITE.format(head="").replace('"finetune"', '"finetune2"'))
    _, err = workspace.run("--plugins", workspace.path("own"), expect=69)
    contains(err, 'plugin "finetune2" is refused: ')
    contains(err, "finetune2.so: ")
    out, _ = workspace.mneme("list", "methods", "--plugins", workspace.path("own"))
    contains(out, "refused: " + workspace.path("own", "finetune2.so"))


@case
def a_plugin_that_dies_while_it_is_constructed_is_69_and_nothing_trains(workspace):
    _, err = workspace.run(fake={"er": "die_constructing"}, expect=69)
    contains(
        err,
        'er.so: plugin refused: constructing method "er" for benchmark "toy" ended the worker:'
        " signal 11 (segmentation fault)",
    )
    equal(workspace.started(), [])


@case
def a_plugin_that_the_worker_refuses_is_69_with_its_sentence(workspace):
    _, err = workspace.run(fake={"er": "refuse_69"}, expect=69)
    contains(err, "er.so: made for a newer SDK; use a newer mneme")
    equal(workspace.started(), [])


@case
def cuda_without_a_gpu_is_65_at_plan_time(workspace):
    _, err = workspace.run("--device", "cuda", expect=65)
    contains(err, "--device cuda: no usable GPU (no driver); use --device cpu")
    equal(workspace.started(), [])
    for device in ("cpu", "cuda"):  # a GPU that is not asked for is not used
        workspace.mneme(
            "plan",
            "suite.toml",
            "-o",
            device,
            "--plugins",
            PLUGINS,
            "--device",
            device,
            MNEME_FAKE_GPU="1",
        )
        with open(workspace.path(device, "plan.json"), encoding="utf-8") as file:
            equal({cell["execution"]["device"] for cell in json.load(file)["cells"]}, {device})


@case
def a_missing_worker_is_70_and_a_wrong_libtorch_65(workspace):
    _, err = workspace.run(MNEME_WORKER=workspace.path("nowhere"), expect=70)
    contains(err, "nowhere: cannot be started: No such file or directory")
    _, err = workspace.run("--torch", workspace.folder, expect=65)
    contains(
        err,
        f"--torch: no LibTorch in {workspace.folder} (no lib/libtorch_cpu.so); name a folder of "
        "LibTorch 2.11",
    )


@case
def another_version_of_libtorch_is_named(workspace):
    os.makedirs(workspace.path("torch", "lib"))
    workspace.write("torch/lib/libtorch_cpu.so", "")
    workspace.write("torch/version.py", "__version__ = '2.4.1+cpu'\n")
    _, err = workspace.run("--torch", workspace.path("torch"), expect=65)
    contains(err, "is 2.4.1; expected 2.11")


@case
def a_folder_that_cannot_be_written_is_65_before_anything_trains(workspace):
    workspace.write("file", "in the way")
    _, err = workspace.mneme("run", "suite.toml", "-o", "file", "--plugins", PLUGINS, expect=65)
    contains(
        err,
        "cannot be written: Not a directory; give a folder that can be written (-o DIR)",
    )
    equal(workspace.started(), [])


@case
def a_full_disk_is_75_and_a_second_run_goes_on(workspace):
    libc = mounted(workspace.path("disk"), "600k")
    if libc is None:
        print("skip a full disk through a mount of our own: this user may not mount", flush=True)
        return
    try:
        arguments = ["run", "suite.toml", "-o", "disk", "--plugins", PLUGINS]
        ballast = os.open(workspace.path("disk", "ballast"), os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(ballast, b"x" * 4096)
        except OSError:
            os.close(ballast)
        _, err = workspace.mneme(*arguments, expect=75)
        contains(err, "No space left on device")
        equal([name for name in os.listdir(workspace.path("disk")) if ".tmp" in name], [])
        os.remove(workspace.path("disk", "ballast"))
        workspace.mneme(*arguments)
        equal({outcome for outcome, _ in workspace.outcomes("disk").values()}, {"complete"})
    finally:
        libc.umount2(workspace.path("disk").encode(), 2)


@case
def results_go_to_stdout_and_everything_else_to_stderr(workspace):
    out, err = workspace.run()
    contains(out, "toy (scenario domain, test set; 5 tasks, 2 seeds; chance 0.5000)")
    contains(err, "4 of 4: ")
    contains(err, "written: " + workspace.path("out", "results.h5"))
    quiet, nothing = workspace.run("--quiet")
    equal(quiet, out)
    equal(nothing, "")
    assert "\033" not in out + err, "colour outside of a terminal"


@case
def a_terminal_sees_progress_and_colour_unless_it_says_no(workspace):
    arguments = ["run", "suite.toml", "--plugins", PLUGINS, "--jobs", "1"]
    text = on_a_terminal(workspace, *arguments, "-o", "a", MNEME_FAKE_SECONDS="0.4")
    contains(text, "[###.......] 1/4 ")
    contains(text, " left | task 3/5, accuracy 0.5000 | er, seed 1, toy")
    wrong = ["run", "missing.toml"]
    contains(on_a_terminal(workspace, *wrong), "\033[31m")
    plain = on_a_terminal(workspace, *wrong, NO_COLOR="1")
    contains(plain, "missing.toml")
    assert "\033[31m" not in plain, plain


@case
def a_run_ends_with_what_failed_and_writes_the_report(workspace):
    _, err = workspace.run(fake={"er": "says_and_dies"}, expect=1)
    with open(workspace.path("out", "plan.json"), encoding="utf-8") as file:
        cells = [cell for cell in json.load(file)["cells"] if cell["plugin"]["id"] == "er"]
    lines = err.splitlines()
    last = next(i for i, line in enumerate(lines) if "4 of 4: " in line)
    end = lines[last + 1 :]
    for cell, seed in zip(cells, (1, 2)):
        log = workspace.path("out", "logs", cell["runs"][0]["digest"] + ".log")
        assert os.path.exists(log), log
        reason = "task 3, phase train, step 120: signal 11 (segmentation fault)"
        found = [line for line in end if f"failed: er, seed {seed}, toy: " in line]
        equal(len(found), 1)
        contains(found[0], reason)
        contains(found[0], f"(its log: {log})")
    equal(sum("failed: " in line for line in end), 2)
    contains(end[-1], "the report: " + workspace.path("out", "report.html"))
    with open(workspace.path("out", "report.html"), encoding="utf-8") as file:
        page = file.read()
    contains(page, "signal 11 (segmentation fault)")
    contains(page, "the last words of a method")
    _, err = workspace.run()
    assert "failed: er" not in err, err
    with open(workspace.path("out", "report.html"), encoding="utf-8") as file:
        assert "signal 11" not in file.read(), "the page is that of the run before"


@case
def a_report_that_cannot_be_written_costs_a_warning(workspace):
    os.makedirs(workspace.path("out", "report.html", "in the way"))
    out, err = workspace.run()
    contains(out, "toy (scenario domain, test set; 5 tasks, 2 seeds; chance 0.5000)")
    contains(err, "no report: ")
    contains(err, "the results are whole, try `mneme report ")
    contains(err, "written: " + workspace.path("out", "results.h5"))
    assert "the report: " not in err, err
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})


@case
def one_method_of_a_suite_can_be_run_alone(workspace):
    workspace.run("--only", "er")
    equal(workspace.started(), ["er", "er"])
    equal(workspace.outcomes()["finetune", 1][0], "missing")
    workspace.run()
    equal({outcome for outcome, _ in workspace.outcomes().values()}, {"complete"})
    _, err = workspace.run("--only", "re", expect=64)
    contains(err, '--only "re": not in the suite; the nearest name is "er"')
    _, err = workspace.run("--benchmark", "joy", expect=64)
    contains(err, '--benchmark "joy": not in the suite; the nearest name is "toy"')


sys.exit(main())
