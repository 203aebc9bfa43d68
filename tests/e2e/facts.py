# SPDX-License-Identifier: Apache-2.0
"""The same request gives the same facts, however it is cut; the file is what the schema says, in
our eyes and in others'."""

import glob
import os
import subprocess
import sys

from workspace import MNEME, SOURCE, Workspace, Skip, case, facts, main, same

METHODS = ("finetune", "er", "ewc", "ewc_online", "agem", "joint")


@case
def the_same_suite_twice_gives_the_same_bits(workspace):
    for scenario in ("domain", "task", "class"):
        workspace.benchmark("toy", scenario=scenario)
        suite = workspace.suite(*METHODS)
        workspace.mneme("run", suite, "-o", "a", want=0)
        workspace.mneme("run", suite, "-o", "b", want=0)
        same(workspace.path("a/results.h5"), workspace.path("b/results.h5"))


@case
def seeds_split_into_separate_runs_give_the_numbers_of_one(workspace):
    suite = workspace.suite(*METHODS, seeds="3")
    workspace.mneme("run", suite, "-o", "all", want=0)
    for seed in "312":
        workspace.mneme("run", suite, "-o", "part" + seed, "--set", f"seeds=[{seed}]", want=0)
    workspace.mneme("collect", "part1", "part2", "part3", "-o", "joined.h5", want=0)
    same(workspace.path("all/results.h5"), workspace.path("joined.h5"))


@case
def replicas_bundled_in_one_cell_give_the_numbers_of_single_runs(workspace):
    suite = workspace.suite(*METHODS, seeds="4")
    workspace.mneme("run", suite, "-o", "single", want=0)
    workspace.mneme("run", suite, "-o", "bundled", "--replicas", "4", want=0)
    same(workspace.path("single/results.h5"), workspace.path("bundled/results.h5"))


@case
def the_number_of_jobs_changes_nothing(workspace):
    suite = workspace.suite("finetune", "er")
    workspace.mneme("run", suite, "-o", "one", "--jobs", "1", want=0)
    workspace.mneme("run", suite, "-o", "two", "--jobs", "2", want=0)
    same(workspace.path("one/results.h5"), workspace.path("two/results.h5"))


@case
def a_second_run_does_nothing(workspace):
    suite = workspace.suite("finetune")
    workspace.mneme("run", suite, "-o", "r", want=0)
    before = {f: os.stat(f).st_mtime_ns for f in glob.glob(workspace.path("r/runs/*.h5"))}
    again = workspace.mneme("run", suite, "-o", "r", want=0)
    assert (
        before == {f: os.stat(f).st_mtime_ns for f in glob.glob(workspace.path("r/runs/*.h5"))}
        and len(before) == 2
    )
    assert "0 of 2 runs to do, 2 done before" in again.stderr, again.stderr


@case
def a_grid_over_a_number_is_a_row_for_each_point(workspace):
    suite = workspace.suite('plugin = "ewc"\nlambda = { grid = [0.0, 2.0] }', "finetune")
    workspace.mneme("run", suite, "-o", "r", want=0)
    rows = {
        row["method"] for board in workspace.board("r")["leaderboards"] for row in board["ranked"]
    }
    assert rows == {"ewc[lambda=0]", "ewc[lambda=2]", "finetune"}, rows


@case
def every_file_is_valid_for_our_validator_and_for_an_independent_one(workspace):
    for scenario in ("domain", "class"):
        workspace.benchmark("toy", scenario=scenario)
        workspace.mneme("run", workspace.suite(*METHODS), "-o", scenario, want=0)
        files = [
            workspace.path(scenario, "results.h5"),
            *sorted(glob.glob(workspace.path(scenario, "runs/*.h5"))),
        ]
        workspace.mneme("validate", *files, want=0)
        script = os.path.join(SOURCE, "tests/results/validate.py")
        for file in (files[0], files[1]):
            done = subprocess.run(
                [sys.executable, script, file],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=200,
            )
            assert done.returncode == 0, done.stdout


@case
def accuracy_is_counts_and_forgetting_is_maxima_to_the_last_bit(workspace):
    import h5py
    import numpy

    workspace.mneme("run", workspace.suite(*METHODS), "-o", "r", want=0)
    with h5py.File(workspace.path("r/results.h5")) as file:
        group = file["toy"]
        accuracy, correct = group["accuracy"][()], group["n_correct"][()].astype(float)
        correct[correct < 0] = numpy.nan
        assert numpy.array_equal(accuracy, correct / group["n_evaluated"][()], equal_nan=True)
        wanted = numpy.full_like(accuracy, numpy.nan)
        tasks = accuracy.shape[2]
        for i in range(tasks):
            for j in range(i):
                wanted[:, :, i, j] = accuracy[:, :, j:i, j].max(axis=2) - accuracy[:, :, i, j]
        assert numpy.array_equal(group["forgetting"][()], wanted, equal_nan=True)
        assert (~numpy.isnan(wanted)).sum() >= 2 * 6 * 3


@case
def a_plan_can_be_run_cell_by_cell(workspace):
    suite = workspace.suite("finetune", "er")
    workspace.mneme("plan", suite, "-o", "r", want=0)
    for index in (3, 0, 2, 1, 1):
        done = subprocess.run(
            [MNEME, "cell", "--plan", workspace.path("r/plan.json"), "--index", str(index)],
            env=workspace.environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
    workspace.mneme("collect", "r", "-o", "joined.h5", want=0)
    workspace.mneme("run", suite, "-o", "whole", want=0)
    same(workspace.path("joined.h5"), workspace.path("whole/results.h5"))


if __name__ == "__main__":
    main()
