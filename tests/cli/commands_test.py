#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commands from the outside: what goes to stdout, what to stderr, exit codes, resuming, staleness,
bad input."""

import ctypes
import json
import os
import pty
import re
import shutil
import subprocess
import sys

from workspace import (
    BENCHMARK,
    MNEME,
    PLUGINS,
    SUITE,
    case,
    contains,
    equal,
    main,
    read_terminal,
    wait_for,
)

COMMANDS = [
    "run",
    "plan",
    "submit",
    "cell",
    "status",
    "collect",
    "list",
    "describe",
    "leaderboard",
    "show",
    "export",
    "report",
    "compare",
    "geometry",
    "validate",
    "import",
    "data",
    "new-plugin",
    "check",
    "doctor",
    "completion",
]


@case
def help_names_every_command_and_no_other(workspace):
    out, err = workspace.mneme("--help")
    listed = re.search(r"Subcommands:\n(.*?)\n\n", out, re.S).group(1)
    equal([line.split()[0] for line in listed.splitlines()], COMMANDS)
    equal(err, "")
    for command in COMMANDS:
        contains(workspace.mneme(command, "--help")[0], f"mneme {command} [OPTIONS]")


@case
def mneme_links_no_libtorch(workspace):
    libraries = subprocess.run(["ldd", MNEME], capture_output=True, text=True, check=True).stdout
    contains(libraries, "libhdf5")
    assert not re.search(r"libtorch|libc10|libcu(da|blas|dnn)", libraries), libraries


@case
def wrong_usage_is_64_and_says_where_to_look(workspace):
    for arguments in (
        [],
        ["fly"],
        ["rnu", "suite.toml"],
        ["run"],
        ["run", "--jobs", "0", "suite.toml"],
        ["run", "--jobs", "x", "suite.toml"],
        ["list", "things"],
        ["run", "suite.toml", "--frobnicate"],
        ["run", "suite.toml", "--stale", "maybe"],
        ["cell", "--plan", "x"],
        ["completion", "tcsh"],
        ["run", "suite.toml", "--locked", ""],
        ["run", "suite.toml", "--seeds", ""],
        ["run", "suite.toml", "--seeds="],
        ["run", "suite.toml", "-o", ""],
        ["run", "suite.toml", "--set", ""],
        ["run", ""],
        ["cell", "--plan", "x", "--index", ""],
        ["list", "methods", "--format", ""],
    ):
        out, err = workspace.mneme(*arguments, expect=64)
        equal(out, "")
        contains(err, "see `mneme --help`")


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


def mounted(path, size):
    """A file system of its own; None where we may not have one."""
    os.mkdir(path)
    libc = ctypes.CDLL(None, use_errno=True)
    return (
        libc
        if libc.mount(b"none", path.encode(), b"tmpfs", 0, f"size={size}".encode()) == 0
        else None
    )


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
def a_second_run_does_nothing_and_says_the_same(workspace):
    first, _ = workspace.run()
    os.remove(workspace.trace)
    second, err = workspace.run()
    equal(second, first)
    equal(workspace.started(), [])
    contains(err, "0 of 4 runs to do, 4 done before")


@case
def force_repeats_everything(workspace):
    workspace.run()
    os.remove(workspace.trace)
    _, err = workspace.run("--force")
    equal(sorted(workspace.started()), ["er", "er", "finetune", "finetune"])
    contains(err, "--force, run again: ")


@case
def a_changed_plugin_makes_its_runs_stale(workspace):
    own = workspace.path("own")
    shutil.copytree(PLUGINS, own)
    arguments = ["run", "suite.toml", "-o", "out", "--plugins", own, "--jobs", "2"]
    workspace.mneme(*arguments)
    with open(os.path.join(own, "er.so"), "ab") as file:
        file.write(b"\0")
    os.remove(workspace.trace)
    _, err = workspace.mneme(*arguments, "--stale", "error", expect=65)
    contains(
        err,
        "stale: er, seed 1, toy: its plugin file has changed (and 1 more); use --stale rerun or"
        " --stale keep",
    )
    _, err = workspace.mneme(*arguments, "--stale", "keep")
    contains(err, "stale, kept: er, seed 1, toy: its plugin file has changed (and 1 more)")
    equal(workspace.started(), [])
    _, err = workspace.mneme(*arguments)
    contains(err, "stale, run again: er, seed 1, toy: its plugin file has changed (and 1 more)")
    equal(workspace.started(), ["er", "er"])


@case
def a_damaged_run_file_is_repeated_and_the_others_are_not(workspace):
    workspace.run()
    name = sorted(os.listdir(workspace.path("out", "runs")))[0]
    with open(workspace.path("out", "runs", name), "r+b") as file:
        file.truncate(1000)
    os.remove(workspace.trace)
    _, err = workspace.run()
    equal(len(workspace.started()), 1)
    contains(err, "cannot be read, run again: ")
    contains(err, name)


@case
def seeds_in_separate_runs_give_the_numbers_of_one_run(workspace):
    workspace.run("--seeds", "1,2,3")
    whole = json.loads(workspace.mneme("leaderboard", "out", "--json")[0])
    for seed in "3", "1", "2":
        workspace.mneme(
            "run", "suite.toml", "-o", "parts", "--plugins", PLUGINS, "--set", f"seeds=[{seed}]"
        )
        equal(
            json.loads(workspace.mneme("leaderboard", "parts", "--json")[0])["leaderboards"][0][
                "seeds"
            ],
            [int(seed)],
        )
    workspace.mneme("collect", "parts")
    equal(json.loads(workspace.mneme("leaderboard", "parts", "--json")[0]), whole)


@case
def plan_cells_and_collect_give_what_run_gives(workspace):
    out, err = workspace.mneme("plan", "suite.toml", "-o", "cells", "--plugins", PLUGINS)
    equal(out, workspace.path("cells", "plan.json") + ": 4 cells, 4 runs, 4 of them to do\n")
    contains(err, "N from 0 to 3")
    equal(workspace.started(), [])
    equal({outcome for outcome, _ in workspace.outcomes("cells").values()}, {"missing"})
    shutil.move(
        workspace.path("cells"), workspace.path("elsewhere")
    )  # as when it is copied to a cluster
    for index in range(4):
        workspace.mneme("cell", "--plan", "elsewhere/plan.json", "--index", str(index))
    workspace.mneme("cell", "--plan", "elsewhere/plan.json", "--index", "0")
    equal(len(workspace.started()), 4)
    assert not os.path.exists(workspace.path("cells"))
    equal(workspace.mneme("collect", "elsewhere")[0], "elsewhere/results.h5\n")
    workspace.run()
    equal(
        workspace.mneme("leaderboard", "elsewhere", "--json")[0],
        workspace.mneme("leaderboard", "out", "--json")[0],
    )
    _, err = workspace.mneme("cell", "--plan", "elsewhere/plan.json", "--index", "4", expect=64)
    contains(err, "--index 4: the plan has 4 cells; use 0 to 3")


@case
def a_plan_that_was_edited_is_refused(workspace):
    workspace.mneme("plan", "suite.toml", "-o", "cells", "--plugins", PLUGINS)
    with open(workspace.path("cells", "plan.json"), encoding="utf-8") as file:
        plan = json.load(file)
    plan["cells"][0]["runs"][0]["effective_train"]["epochs"] = 7
    workspace.write("cells/plan.json", json.dumps(plan))
    for command in (["cell", "--plan", "cells/plan.json", "--index", "1"], ["status", "cells"]):
        _, err = workspace.mneme(*command, expect=65)
        contains(err, "the settings are not those that its digest was made of")
        contains(err, "make the plan again")
    equal(workspace.started(), [])


@case
def a_file_that_answers_another_request_is_run_again(workspace):
    workspace.run()
    whole = workspace.mneme("leaderboard", "out", "--json")[0]
    with open(workspace.path("out", "plan.json"), encoding="utf-8") as file:
        runs = [cell["runs"][0] for cell in json.load(file)["cells"]]
    files = [workspace.path("out", "runs", run["digest"] + ".h5") for run in runs]
    started = len(workspace.started())
    shutil.copy(files[0], files[1])  # of the same method, another seed
    shutil.copy(files[0], files[2])  # of another method
    outcomes = workspace.outcomes("out").values()
    equal(
        sorted(outcome for outcome, _ in outcomes),
        ["complete", "complete", "misplaced", "misplaced"],
    )
    _, err = workspace.run()
    contains(
        err, "another run's file, run again: finetune, seed 2, toy: it holds seed 1, not seed 2"
    )
    contains(err, "(and 1 more)")
    equal(len(workspace.started()), started + 2)
    equal(workspace.mneme("leaderboard", "out", "--json")[0], whole)


@case
def a_cell_ends_as_its_worker_did(workspace):
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", PLUGINS)
    for how, code in (
        ("segfault", 70),
        ("exit_3", 70),
        ("temporary", 75),
        ("refused_65", 65),
        ("train", 0),
    ):
        workspace.mneme(
            "cell", "--plan", "out/plan.json", "--index", "3", fake={"er": how}, expect=code
        )


@case
def two_runs_in_one_folder_do_not_meet(workspace):
    first = workspace.start(
        "run", "suite.toml", "-o", "out", "--plugins", PLUGINS, fake={"er": "ends_group"}
    )
    wait_for(lambda: "er" in workspace.started(), what="er starts")
    _, err = workspace.run(expect=75)
    contains(err, f"another mneme works in this folder (process {first.pid} on ")
    first.terminate()
    first.communicate(timeout=30)
    workspace.run()


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
def leaderboards_come_in_five_formats(workspace):
    workspace.run()
    board = json.loads(workspace.mneme("leaderboard", "out", "--format", "json")[0])[
        "leaderboards"
    ][0]
    names = [row["method"] for row in board["ranked"]]
    equal(names, ["finetune", "er"])
    contains(
        workspace.mneme("leaderboard", "out", "--format", "markdown")[0], "| rank | method   |"
    )
    contains(
        workspace.mneme("leaderboard", "out", "--format", "latex")[0], "\\begin{tabular}{rlrrrr}"
    )
    rows = workspace.mneme("leaderboard", "out/results.h5", "--format", "csv")[0].splitlines()
    equal(rows[0].split(",")[:6], ["benchmark", "group", "rank", "method", "metric", "mean"])
    equal(float(rows[1].split(",")[5]), board["ranked"][0]["score"]["mean"])
    contains(workspace.mneme("leaderboard", "out", "--metric", "forgetting")[0], "forgetting")
    wide = workspace.mneme("leaderboard", "out", "--wide")[0]
    contains(wide, "worst task accuracy")
    contains(workspace.mneme("leaderboard", "out", "--metric", "train_seconds")[0], "train seconds")
    _, err = workspace.mneme("leaderboard", "out", "--alpha", "2", expect=64)
    contains(err, "--alpha 2: not usable; expected a level between 0 and 0.5")
    _, err = workspace.mneme("leaderboard", "out", "--benchmark", "toys", expect=64)
    contains(err, '--benchmark toys: not in these results; the nearest known one is "toy"')
    _, err = workspace.mneme("leaderboard", "out", "--metric", "forgeting", expect=64)
    contains(err, '--metric forgeting: unknown; the nearest known one is "forgetting"')


@case
def two_methods_and_two_files_are_compared(workspace):
    workspace.run("--seeds", "3")
    found = json.loads(workspace.mneme("compare", "finetune", "er", "out", "--json")[0])[
        "comparisons"
    ]
    equal([(c["a"], c["b"]) for c in found], [("finetune", "er")])
    board = json.loads(workspace.mneme("leaderboard", "out", "--json")[0])["leaderboards"][0]
    equal(
        found[0]["benchmarks"][0]["difference"]["mean"],
        -board["ranked"][1]["difference_to_best"]["mean"],
    )
    workspace.mneme("run", "suite.toml", "-o", "again", "--plugins", PLUGINS, "--seeds", "3")
    found = json.loads(workspace.mneme("compare", "out", "again", "--json")[0])["comparisons"]
    equal([c["a"] for c in found], ["finetune of out", "er of out"])
    equal(found[0]["benchmarks"][0]["difference"]["mean"], 0)
    contains(
        workspace.mneme("compare", "out", "again")[0], "have the same scores under every common"
    )
    _, err = workspace.mneme("compare", "finetune", "er", expect=64)
    contains(err, "mneme compare finetune er RESULTS")
    _, err = workspace.mneme("compare", "finetun", "er", "out", expect=64)
    contains(err, 'no such method in these results; the nearest known one is "finetune"')


@case
def the_board_is_the_mean_of_the_counts_in_the_file(workspace):
    try:
        import h5py  # pylint: disable=import-outside-toplevel
        import numpy  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        print(f"skip the board against numpy: {error}", flush=True)
        return
    workspace.run("--seeds", "4", fake={"er": "train"})
    row = json.loads(workspace.mneme("leaderboard", "out", "--json")[0])["leaderboards"][0][
        "ranked"
    ][1]
    with h5py.File(workspace.path("out", "results.h5")) as file:
        group = file["toy"]
        names = [name.decode() if isinstance(name, bytes) else name for name in group["method"][()]]
        accuracy = group["n_correct"][()].astype(float)[:, :, -1, :] / group["n_evaluated"][()]
    best, other = (accuracy[names.index(name)].mean(axis=1) for name in ("finetune", "er"))
    t = 3.1824463053  # 0.975 quantile, 3 degrees of freedom
    close = lambda a, b: abs(a - b) < 1e-9
    # Two methods make one pair, so the simultaneous interval is the plain one.
    assert close(row["score"]["mean"], other.mean()), row
    assert close(row["score"]["half_width_95"], t * other.std(ddof=1) / 2), row
    assert close(row["difference_to_best"]["mean"], (other - best).mean()), row
    assert close(row["difference_to_best"]["half_width"], t * (other - best).std(ddof=1) / 2), row


@case
def an_oracle_and_an_incomplete_method_stand_apart(workspace):
    workspace.suite(text=SUITE.format(head="") + '[[method]]\nplugin = "joint"\n')
    out, _ = workspace.run(fake={"er": "segfault"}, expect=1)
    contains(out, "bound  joint ")
    contains(out, "er: not ranked, 0 of 2 seeds complete (seed 1 failed, seed 2 failed).")


@case
def test_and_validation_do_not_mix(workspace):
    workspace.run()
    workspace.write("other.toml", BENCHMARK.replace("tasks = 5", "tasks = 5\nvalidation = 0.1"))
    workspace.suite(
        text=SUITE.format(head='evaluate_on = "validation"').replace("toy.toml", "other.toml")
    )
    workspace.mneme("run", "suite.toml", "-o", "validated", "--plugins", PLUGINS)
    _, err = workspace.mneme("leaderboard", "out", "validated", expect=65)
    contains(
        err,
        "leaderboard: other is evaluated on validation, toy on test; choose benchmarks of one split"
        " with --benchmark",
    )


@case
def one_name_with_two_digests_is_refused(workspace):
    workspace.run()
    workspace.write("toy.toml", BENCHMARK.replace("separation = 3.0", "separation = 4.0"))
    workspace.mneme("run", "suite.toml", "-o", "other", "--plugins", PLUGINS)
    for command in ("leaderboard", "out", "other"), ("collect", "out", "other", "-o", "both.h5"):
        _, err = workspace.mneme(*command, expect=65)
        contains(err, "its digest ")
        contains(err, "two benchmarks of one name cannot be merged")
    assert not os.path.exists(workspace.path("both.h5"))


@case
def a_truncated_file_is_65_and_no_crash(workspace):
    workspace.run()
    with open(workspace.path("out", "results.h5"), "r+b") as file:
        file.truncate(os.path.getsize(file.name) // 2)
    for command in ("validate", "leaderboard"):
        out, err = workspace.mneme(command, "out/results.h5", expect=65)
        contains(out + err, "out/results.h5: ")
    _, err = workspace.mneme("leaderboard", "nowhere", expect=65)
    contains(err, "nowhere: does not exist; give a results folder or file")


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
def a_dry_run_names_what_would_run_and_starts_nothing(workspace):
    out, err = workspace.run("--dry-run")
    cells = [f"{method}, seed {seed}, toy" for method in ("finetune", "er") for seed in (1, 2)]
    equal(sorted(out.splitlines()), sorted(cells))
    contains(err, "4 of 4 runs to do, 0 done before\n[train] of finetune, er on toy:\n")
    contains(err, "\n0 cells started; without --dry-run: 4\n")
    equal(workspace.started(), [])
    assert not os.path.exists(workspace.path("out", "results.h5"))
    equal(os.listdir(workspace.path("out", "runs")), [])
    workspace.run("--only", "er")
    out, err = workspace.run("--dry-run")
    equal(sorted(out.splitlines()), sorted(cells[:2]))
    contains(err, "2 of 4 runs to do, 2 done before")
    equal(workspace.started(), ["er", "er"])
    workspace.run()
    equal(workspace.run("--dry-run")[0], "")


@case
def a_plan_says_how_methods_train_and_about_how_long(workspace):
    plan = ["plan", "suite.toml", "-o", "out", "--plugins", PLUGINS]
    out, err = workspace.mneme(*plan)
    equal(out, workspace.path("out", "plan.json") + ": 4 cells, 4 runs, 4 of them to do\n")
    contains(err, "[train] of finetune, er on toy:\n    method: lr = ")
    contains(err, "\n    default: ")
    contains(err, "time: unknown until the first run has ended\n")
    answer = json.loads(workspace.mneme(*plan, "--json")[0])
    equal(answer["train"][0]["methods"], ["finetune", "er"])
    equal(answer["train"][0]["values"]["lr"]["source"], "method")
    equal(answer["expected_seconds"], None)
    workspace.run("--only", "er")
    contains(workspace.mneme(*plan)[1], "by the runs that have ended in this folder\n")
    contains(workspace.run("--dry-run")[1], " with 2 workers at once, by the runs")
    assert json.loads(workspace.mneme(*plan, "--json")[0])["expected_seconds"] > 0


@case
def a_learning_rate_over_another_optimizer_is_warned_of(workspace):
    workspace.write("toy.toml", BENCHMARK + '[train]\nlr = 0.001\noptimizer = "adam"\n')
    workspace.suite(
        text='benchmarks = ["toy.toml"]\nseeds = 1\n'
        '[[method]]\nplugin = "er"\ntrain = { lr = 0.1 }\n'
    )
    warning = (
        "toy: the suite's lr = 0.1 meets the benchmark's optimizer = \"adam\" (er); set optimizer"
        " beside it, or leave lr to the benchmark, which has 0.001"
    )
    contains(workspace.run("--dry-run")[1], warning)
    contains(workspace.run()[1], warning)


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
def status_tells_what_is_done(workspace):
    workspace.run(fake={"er": "segfault"}, expect=1)
    out, err = workspace.mneme("status", "out")
    contains(out, "task 3, phase train, step 120: signal 11 (segmentation fault)")
    equal(err, "4 runs: 2 complete, 2 failed\n")
    _, err = workspace.mneme("status", "nowhere", expect=65)
    contains(err, "nowhere: no such folder")


@case
def lists_are_read_without_loading_anything(workspace):
    known = json.loads(
        workspace.mneme(
            "list", "methods", "--plugins", PLUGINS, "--json", MNEME_WORKER="/bin/false"
        )[0]
    )["methods"]
    by_id = {method["id"]: method for method in known}
    contains(by_id["joint"]["flags"], "oracle")
    equal(len(by_id["er"]["sha256"]), 64)
    contains(workspace.mneme("list", "methods", "--plugins", PLUGINS)[0], "finetune")
    contains(workspace.mneme("list", "datasets")[0], "fashion-mnist")
    equal(
        json.loads(workspace.mneme("list", "networks", "--json")[0])["networks"][0]["kind"], "mlp"
    )
    os.mkdir(workspace.path("bench"))
    shutil.copy(workspace.path("toy.toml"), workspace.path("bench"))
    contains(workspace.mneme("list", "benchmarks", "--benchmarks", "bench")[0], "toy")


@case
def a_method_is_described_by_a_worker_once(workspace):
    arguments = ["describe", "er", "--plugins", PLUGINS]
    first, _ = workspace.mneme(*arguments)
    contains(first, "strength of the penalty")
    contains(first, "> 0")
    equal(workspace.mneme(*arguments, MNEME_WORKER="/bin/false")[0], first)
    _, err = workspace.mneme(
        "describe",
        "finetune",
        "--plugins",
        PLUGINS,
        fake={"finetune": "die_constructing"},
        expect=69,
    )
    contains(
        err,
        "finetune.so: plugin refused: describing it ended the worker: signal 11 (segmentation"
        " fault)",
    )
    _, err = workspace.mneme("describe", "finetunee", "--plugins", PLUGINS, expect=65)
    contains(err, 'the nearest known one is "finetune"')


@case
def a_benchmark_is_described_with_tasks_and_sizes(workspace):
    described = json.loads(workspace.mneme("describe", "./toy.toml", "--json")[0])
    equal(len(described["tasks"]), 5)
    equal(described["tasks"][0]["train"], 50)
    equal(described["keys"]["stream"]["separation"], 3.0)
    equal(len(described["digest"]), 64)
    hidden = described["keys"]["network"]["hidden"][0]
    equal(
        described["network"],
        {"parameters": 7 * hidden, "layers": [{"name": "fc1.weight", "shape": [hidden, 7]}]},
    )
    page = workspace.mneme("describe", "./toy.toml")[0]
    contains(page, 'kind = "synthetic"')
    contains(page, f"fc1.weight  {hidden} x 7")
    contains(
        workspace.mneme("describe", "./toy.toml", MNEME_WORKER="/nowhere")[0],
        "layers are not known: ",
    )


@case
def a_long_list_of_benchmarks_has_what_a_worker_counts(workspace):
    short = workspace.mneme(
        "list", "benchmarks", "--benchmarks", workspace.folder, "--format", "csv"
    )[0].splitlines()
    long = workspace.mneme(
        "list", "benchmarks", "--benchmarks", workspace.folder, "--format", "csv", "--long"
    )[0].splitlines()
    equal(short[0].split(",")[-2:], ["chance", "title"])
    equal(long[0].split(",")[-4:], ["chance", "parameters", "[train]", "title"])
    contains(
        next(line for line in long if line.startswith("rotated-mnist-20,")),
        ',1792,"sgd, lr 0.01, momentum 0.8, batch 10, 1 epoch",',
    )
    found = json.loads(
        workspace.mneme("list", "benchmarks", "--benchmarks", workspace.folder, "--json", "--long")[
            0
        ]
    )["benchmarks"]
    equal([one["parameters"] % 7 for one in found if one["name"] == "toy"], [0])


@case
def the_doctor_says_what_works_and_what_to_do(workspace):
    out, _ = workspace.mneme(
        "doctor", "--plugins", PLUGINS, "--json", "--benchmarks", workspace.folder
    )
    findings = {finding["what"]: finding for finding in json.loads(out)["findings"]}
    for what in (
        "mneme",
        "HDF5",
        "worker",
        "LibTorch",
        "BLAS",
        "linear layers",
        "CUDA",
        "plugins",
        "disk",
        "cache",
    ):
        contains(findings, what)
    equal(findings["LibTorch"]["state"], "ok")
    out, _ = workspace.mneme(
        "doctor", "--plugins", PLUGINS, MNEME_WORKER=workspace.path("nowhere"), expect=1
    )
    contains(out, "fault")
    contains(out, "nowhere: cannot be started")


@case
def completion_completes(workspace):
    script, _ = workspace.mneme("completion", "bash")

    def complete(*words):
        shell = (
            script
            + f"COMP_WORDS=({' '.join(words)} ''); COMP_CWORD={len(words)}; _mneme; printf '%s\\n'"
            ' "${COMPREPLY[@]}"'
        )
        environment = {
            **workspace.environment(),
            "PATH": os.path.dirname(MNEME) + ":" + os.environ["PATH"],
        }
        done = subprocess.run(
            ["bash", "-c", shell],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            cwd=workspace.folder,
        )
        return done.stdout.split()

    equal(complete("mneme")[: len(COMMANDS)], COMMANDS)
    equal(
        complete("mneme", "list"),
        ["methods", "benchmarks", "datasets", "networks", "benchmark-keys", "suite-keys"],
    )
    equal(complete("mneme", "run", "--device"), ["auto", "cpu", "cuda"])
    contains(complete("mneme", "run"), "suite.toml")
    contains(complete("mneme", "leaderboard", "--metric"), "average_accuracy")
    contains(complete("mneme", "run", "--set"), "seeds=")
    contains(complete("mneme", "data", "fetch"), "mnist")
    contains(complete("mneme", "data", "check"), "mnist")
    contains(complete("mneme", "check", "--only"), "same\\")  # "same bits", a name of two words
    contains(complete("mneme", "describe"), "ewc")


@case
def completion_scripts_of_other_shells_are_valid(workspace):
    for shell, words in (
        ("zsh", "bashcompinit"),
        ("fish", "complete -c mneme -n '__fish_seen_subcommand_from run' -l device"),
    ):
        script, _ = workspace.mneme("completion", shell)
        contains(script, words)
        if shutil.which(shell):
            subprocess.run([shell, "-n", "-c", script], check=True)


@case
def words_that_people_try_first_are_understood(workspace):
    contains(
        workspace.mneme("rnu", "x.toml", expect=64)[1],
        '"rnu" is not a command; did you mean "run"?',
    )
    equal(workspace.mneme("help")[0], workspace.mneme("--help")[0])
    equal(workspace.mneme("help", "run")[0], workspace.mneme("run", "--help")[0])
    equal(workspace.mneme("version")[0], workspace.mneme("--version")[0])
    for name in ("ecw", "EWC"):
        _, err = workspace.mneme("describe", name, "--plugins", PLUGINS, expect=65)
        contains(err, 'the nearest known one is "ewc"')


@case
def numbers_out_of_range_are_named_in_a_few_words(workspace):
    _, err = workspace.mneme("run", "suite.toml", "--jobs", "0", expect=64)
    contains(err, '--jobs: "0" is not an integer from 1 on')
    assert len(err) < 200, err


@case
def a_message_with_control_characters_reaches_no_terminal_raw(workspace):
    _, err = workspace.run("--seeds", "1", fake={"er": "hostile_text"}, expect=1)
    assert "\x1b" not in err and "\x07" not in err and "\x9b" not in err, repr(err)
    contains(err, "?]0;owned")
    out, _ = workspace.mneme("status", "out")
    assert "\x1b" not in out and "\x9b" not in out, repr(out)


@case
def every_format_of_a_list_works(workspace):
    for what in ("methods", "benchmarks", "datasets", "networks"):
        table, _ = workspace.mneme("list", what, "--plugins", PLUGINS)
        assert "  " in table.splitlines()[0]
        contains(workspace.mneme("list", what, "--plugins", PLUGINS, "--format", "csv")[0], ",")
        markdown, _ = workspace.mneme("list", what, "--plugins", PLUGINS, "--format", "markdown")
        assert markdown.startswith("| "), markdown
        json.loads(workspace.mneme("list", what, "--plugins", PLUGINS, "--format", "json")[0])


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


@case
def all_broken_files_are_named_at_once(workspace):
    workspace.run()
    names = sorted(os.listdir(workspace.path("out", "runs")))
    for name in names[:3]:
        workspace.write(os.path.join("out", "runs", name), "broken")
    _, err = workspace.mneme("collect", "out", expect=65)
    for name in names[:3]:
        contains(err, name)


@case
def a_cell_looks_for_data_where_this_machine_has_them(workspace):
    workspace.mneme("plan", "suite.toml", "-o", "out", "--plugins", PLUGINS)
    workspace.mneme(
        *["cell", "--plan", "out/plan.json", "--index", "0", "--data", "mine"],
        MNEME_DATA=workspace.path("theirs"),
        fake={"finetune": "keep_request", "er": "keep_request"},
    )
    with open(workspace.trace + ".request", encoding="utf-8") as file:
        text = file.read()
    assert text.index(workspace.path("mine")) < text.index(workspace.path("theirs"))


@case
def new_plugin_makes_a_folder_by_the_name(workspace):
    out, err = workspace.mneme("new-plugin", "my_pull2", "-o", "methods")
    equal(out, "")
    contains(err, workspace.path("methods", "my_pull2"))
    equal(
        sorted(os.listdir(workspace.path("methods", "my_pull2"))),
        ["CMakeLists.txt", "README.md", "my_pull2.cpp", "suite.toml"],
    )
    with open(workspace.path("methods", "my_pull2", "my_pull2.cpp"), encoding="utf-8") as file:
        text = file.read()
    contains(text, "class MyPull2 final : public mneme::Learner")
    contains(text, 'MNEME_METHOD(MyPull2, "my_pull2", ')
    assert not re.search("my_method|MyMethod|SPDX", text), text
    assert len(text.splitlines()) <= 50, len(text.splitlines())
    equal(workspace.mneme("new-plugin", "another", "--quiet"), ("", ""))
    assert os.path.exists(workspace.path("another", "another.cpp"))


@case
def new_plugin_refuses_bad_names_and_folders_that_exist(workspace):
    for name in ("Pull", "2pull", "my-pull", "../pull", "pull.so", "a" * 41):
        _, err = workspace.mneme("new-plugin", name, expect=64)
        contains(
            err,
            "cannot be the name of a plugin; use a letter and at most 39 more letters, digits or _,"
            " in lower case",
        )
    for name in ("test", "learner"):
        contains(
            workspace.mneme("new-plugin", name, expect=64)[1], "of its own; choose another name"
        )
    contains(
        workspace.mneme("new-plugin", "finetune", expect=64)[1],
        "there is a method finetune already",
    )
    os.mkdir(workspace.path("pull"))
    _, err = workspace.mneme("new-plugin", "pull", expect=65)
    contains(err, f"{workspace.path('pull')}: exists already; choose another name, or give -o DIR")
    equal(os.listdir(workspace.path("pull")), [])
    workspace.write("file", "")
    workspace.mneme("new-plugin", "pull", "-o", "file", expect=65)


sys.exit(main())
