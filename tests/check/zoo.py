#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad plugins fail in the check that is about their fault, with a note that names it; the other
checks still run."""

import os
import shutil
import subprocess
import sys
import tempfile

from examine import FILE, METHOD, MNEME, PLUGINS, ZOO, examine, report


def zoo(name):
    return os.path.join(ZOO, name + ".so")


def only(*checks):
    return [word for check in checks for word in ("--only", check)]


def fails(name, check, *words, passing=()):
    """That check fails with those words in its note; those of `passing` pass, in the same call."""

    def case():
        _, seen, _ = examine(zoo(name), *only(check, *passing), want=1)
        verdict, note = seen[check]
        assert verdict == "fail", (check, verdict, note)
        for word in words:
            assert word in note, (word, note)
        for other in passing:
            assert seen[other][0] == "pass", (other, seen[other])

    return f"{name} fails in {check}", case


def good_c_passes():
    _, seen, _ = examine(zoo("good_c"), want=0)
    assert list(seen) == FILE + METHOD, list(seen)
    assert all(verdict == "pass" or check == "replay" for check, (verdict, _) in seen.items()), seen


def a_crash_costs_one_check():
    _, seen, _ = examine(
        zoo("segfaults"), *only("options", "same bits", "learns", "extremes"), want=1
    )
    assert (
        seen["options"][0] == "pass" and seen["extremes"][0] == "pass"
    ), seen  # it has no options to train with
    for check in ("same bits", "learns"):
        assert seen[check][0] == "fail" and "signal 11" in seen[check][1], seen[check]


def a_hang_costs_one_check():
    _, seen, _ = examine(
        zoo("spins"), "--stall-limit", "5", *only("options", "steps", "extremes"), want=1
    )
    assert seen["steps"] == ("fail", "nothing came back for 5 s"), seen
    assert seen["options"][0] == "pass" and seen["extremes"][0] == "pass", seen


def lost_memory_is_found_on_request():
    _, seen, _ = examine(zoo("loses_memory"), *only("handles"), "--valgrind", want=1)
    assert seen["handles"][0] == "pass", seen  # they are not what it loses
    verdict, note = seen["memory"]
    assert (
        verdict == "fail" and "definitely lost" in note and "malloc" in note and "lose" in note
    ), seen["memory"]
    _, seen, _ = examine(zoo("writes_outside"), *only("options"), "--valgrind", want=1)
    assert (
        seen["memory"][0] == "fail"
        and "Invalid write of size" in seen["memory"][1]
        and "spill" in seen["memory"][1]
    ), seen
    _, seen, _ = examine(zoo("good_c"), *only("options"), "--valgrind", want=0)
    assert seen["memory"] == (
        "pass",
        "trained once under valgrind: no leak, no access outside what is allocated",
    ), seen


def without_valgrind_that_is_said():
    done = subprocess.run(
        [MNEME, "check", zoo("good_c"), "--valgrind"],
        env={**os.environ, "PATH": "/nowhere"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (
        done.returncode == 65
        and "--valgrind: there is no valgrind on the path; install its package" in done.stderr
    ), done


def refused_files_are_69():
    for name, words in (
        ("no_note", "no .note.mneme"),
        ("wrong_major", "SDK"),
        ("null_slots", "has no"),
        ("missing_operator", "needs the operator"),
    ):
        code, _, said = examine(zoo(name))
        assert code == 69 and words in said and name in said, (name, code, said)


def an_exported_symbol_is_named():
    with tempfile.TemporaryDirectory() as folder:
        source, path = os.path.join(folder, "loud.c"), os.path.join(folder, "loud.so")
        fixtures = os.path.join(
            os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures"
        )
        with open(source, "w", encoding="utf-8") as file:
            file.write(
                '#define FIXTURE_ARCH "x86_64"\n#include "fixture.h"\nint noise(void) { return 1;'
                ' }\nFIXTURE("loud", "exports two symbols")\n'
            )
        sdk = os.path.join(os.path.dirname(os.path.dirname(fixtures)), "sdk", "include")
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-I", fixtures, "-I", sdk, "-o", path, source], check=True
        )
        _, seen, _ = examine(path, *only("options"), want=1)
        assert seen["symbol"] == (
            "fail",
            (
                "exports noise besides mneme_plugin_v1; link it with the version script, as"
                " mneme_add_plugin does"
            ),
        ), seen


def the_page_is_for_people():
    done = subprocess.run(
        [MNEME, "check", os.path.join(PLUGINS, "finetune.so"), *only("options", "state")],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert (
        done.returncode == 0
        and lines[0].endswith("finetune.so")
        and lines[-1] == "5 passed, 0 FAILED, 0 skipped"
    ), lines
    assert [line.split()[:2] for line in lines[1:-1]] == [
        ["pass", name] for name in ("note", "symbol", "libraries", "options", "state")
    ], lines


def page_of(name, *arguments, path=None):
    """What `mneme check` prints for people, as lines; the exit code."""
    done = subprocess.run(
        [MNEME, "check", zoo(name), *arguments],
        env={**os.environ, "NO_COLOR": "1", **({"PATH": path} if path else {})},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=1200,
    )
    return done.returncode, done.stdout.splitlines()


def one_fault_is_told_once():
    code, lines = page_of("fails", *only("same bits", "replicas", "kept"))
    told = [line for line in lines if "this step fails on purpose" in line]
    again = [line for line in lines if line.endswith("the same as in the check same bits")]
    assert code == 1 and len(told) == 1 and len(again) == 2, lines


def verbose_shows_what_was_printed():
    code, lines = page_of("fails_in_class", "--verbose", *only("kept"))
    at = [k for k, line in enumerate(lines) if line.startswith("pass  kept")]
    assert code == 0 and len(at) == 1 and lines[at[0] + 1] == "      output:", lines
    assert "largest weight" in lines[at[0] + 2], lines
    _, lines = page_of("fails_in_class", *only("kept"))
    assert not any("largest weight" in line for line in lines), lines


def verbose_shows_where_it_crashed():
    code, lines = page_of("segfaults", "--verbose", *only("kept"))
    stack = lines.index("      stack:") if shutil.which("gdb") else 0
    assert code == 1, lines
    if stack:
        assert "#0" in lines[stack + 1] and "write_nowhere" in lines[stack + 1], lines
    with tempfile.TemporaryDirectory() as nothing:  # a machine without gdb
        code, lines = page_of("segfaults", "--verbose", *only("kept"), path=nothing)
    assert code == 1 and any(".so(+0x" in line for line in lines), lines


def an_unknown_check_is_a_wrong_usage():
    code, _, said = examine(zoo("good_c"), "--only", "luck")
    assert code == 64 and "luck" in said, (code, said)


def nothing_is_left_behind():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [MNEME, "check", zoo("segfaults"), *only("same bits")],
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        assert os.listdir(folder) == [], os.listdir(folder)


CASES = [
    ("good_c passes", good_c_passes),
    fails(
        "reads_a_value",
        "steps",
        "reads a value on the host, after aten::sum",
        passing=("same bits", "resume"),
    ),
    fails(
        "draws_elsewhere",
        "same bits",
        "two runs of seed 7: the weights differ from task 1, phase 1, step 0 on",
        passing=("steps", "state"),
    ),
    fails(
        "forgets_a_tensor",
        "resume",
        "stopped at task 2, phase 1",
        "the weights differ",
        "state() must visit everything",
        passing=("same bits", "steps"),
    ),
    fails("leaks", "handles", "handles are still held after destroy", passing=("same bits",)),
    fails("leaks", "steps", "every step holds more handles"),
    fails("changes_threads", "conduct", "observe", "threads", passing=("same bits",)),
    fails("writes_stdout", "conduct", "writes to stdout", passing=("same bits",)),
    fails("meddles_locale", "process", "the locale of the process was C and is C.UTF-8 now"),
    fails(
        "meddles_folder", "process", "the working directory of the process was ", " and is / now"
    ),
    fails("meddles_umask", "process", "the file mode mask of the process was ", " is 0777 now"),
    fails("meddles_rounding", "process", "the rounding mode", "was to nearest and is upward now"),
    fails(
        "meddles_subnormal", "process", "subnormal numbers", "was kept and is flushed to zero now"
    ),
    fails("meddles_signals", "process", "the handler of signal 15", "is a function at"),
    fails("meddles_alarm", "process", "the set of timers", "was none and is running now"),
    fails("meddles_thread", "process", "the number of threads", "was 1 and is 2 now"),
    fails("meddles_child", "process", "the set of child processes", "was none and is some now"),
    fails("meddles_descriptor", "process", "the number of open files"),
    fails("meddles_output", "process", "MiB to stdout and stderr; write a line a task"),
    fails(
        "meddles_checkpoints", "process", "files in the host's folder of checkpoints were changed"
    ),
    fails("meddles_checkpoints", "resume", "the checkpoint was gone, and the run began anew"),
    fails("meddles_exit", "process", "a handler that runs at its exit hangs; leave no handler"),
    fails("meddles_prediction", "predict", "its logits are not finite, though its weights are"),
    fails("returns_nan", "learns", "its weights are not finite with lr 0.1"),
    fails("wrong_shape", "learns", "predict: gave"),
    fails("fails", "learns", "observe"),
    fails("throws_in_create", "construct", "create"),
    fails(
        "shares_state",
        "state",
        "anchor and copy share their values, and would not after a resume",
        passing=("same bits", "resume"),
    ),
    fails(
        "fails_in_class",
        "replicas",
        "scenario class: task 2: fails_in_class, begin_task: no room for more classes",
        passing=("same bits", "state"),
    ),
    ("one fault is told once", one_fault_is_told_once),
    ("verbose shows what was printed", verbose_shows_what_was_printed),
    ("verbose shows where it crashed", verbose_shows_where_it_crashed),
    ("a crash costs one check", a_crash_costs_one_check),
    ("a hang costs one check", a_hang_costs_one_check),
    ("lost memory is found on request", lost_memory_is_found_on_request),
    ("without valgrind that is said", without_valgrind_that_is_said),
    ("refused files are 69", refused_files_are_69),
    ("an exported symbol is named", an_exported_symbol_is_named),
    ("the page is for people", the_page_is_for_people),
    ("an unknown check is a wrong usage", an_unknown_check_is_a_wrong_usage),
    ("nothing is left behind", nothing_is_left_behind),
]

if __name__ == "__main__":
    sys.exit(report(CASES))
