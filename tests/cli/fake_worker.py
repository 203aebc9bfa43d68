#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A worker that talks as harness/protocol/messages.hpp says and behaves as badly as it is told.

MNEME_FAKE is a JSON object: behaviour by plugin id, e.g. {"er": "sigkill"}; whatever is not named
trains well. Files of finished runs are
made by the program in MNEME_FAKE_WRITER (tests/cli/write_run.cpp). MNEME_FAKE_GPU: it says that a
GPU can be used. MNEME_FAKE_RESTARTS: how often it says that its runs went on from a checkpoint.
MNEME_FAKE_TRACE, if set, is a file that gets a line per run started. MNEME_FAKE_SERVER: it serves
(fake_server.py); without, every worker is executed.
"""

import json
import os
import signal
import subprocess
import sys
import time

import fake_server

arguments = sys.argv[1:]
if arguments[0] == "serve":
    arguments = fake_server.serve()
fd = 1
while arguments and arguments[0].startswith("--"):
    option, value = arguments[:2]
    arguments = arguments[2:]
    if option == "--fd":
        fd = int(value)
channel = os.fdopen(fd, "w", buffering=1)


def say(event, **fields):
    channel.write(json.dumps({"event": event, **fields}) + "\n")
    channel.flush()


def behaviour(plugin):
    return json.loads(os.environ.get("MNEME_FAKE", "{}")).get(plugin, "train")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def construct(path):
    status = 0
    request = read(path)
    if request["gpu"]:
        say("gpu", usable="MNEME_FAKE_GPU" in os.environ, message="no driver")
    for index, entry in enumerate(request["entries"]):
        how = behaviour(entry["id"])
        say("constructing", index=index, plugin=entry["plugin"])
        if how == "die_constructing":
            os.kill(os.getpid(), signal.SIGSEGV)
        if how == "slow_to_construct":
            with open(os.environ["MNEME_FAKE_TRACE"], "a", encoding="utf-8") as file:
                file.write(f"construct [] {os.getpid()} - 1\n")
            time.sleep(10)
        if how == "refuse_69":
            say(
                "refused",
                index=index,
                message=f"{entry['plugin']}: made for a newer SDK; use a newer mneme",
                exit=69,
            )
            status = 69
            continue
        options = [
            {
                "name": setting["key"],
                "kind": "number",
                "value": setting["value"],
                "default": 1.0,
                "min": 0,
                "max": None,
                "min_excluded": False,
                "max_excluded": False,
                "choices": [],
                "help": "a number",
            }
            for setting in entry["options"]
        ]
        train = {"batch_size": 10, "epochs": 1, "lr": 0.1, "momentum": 0.0, "optimizer": "sgd"}
        asked = entry["spec"]["train"]
        train.update({key: value for key, value in asked.items() if value is not None})
        train.update({setting["key"]: setting["value"] for setting in entry["train"]})
        flags = [] if how == "alone" else ["batched"]
        say(
            "constructed",
            index=index,
            id=entry["id"],
            version="1.0",
            summary="fake",
            paper="none",
            flags=flags,
            options=options,
            train=train,
        )
    return status


def describe(path, _sha256):
    name = os.path.splitext(os.path.basename(path))[0]
    if behaviour(name) == "die_constructing":
        os.kill(os.getpid(), signal.SIGSEGV)
    say(
        "constructed",
        index=0,
        id=name,
        version="1.0",
        summary="fake",
        paper="none",
        flags=["batched"],
        train={},
        options=[
            {
                "name": "lambda",
                "kind": "number",
                "value": 5.0,
                "default": 5.0,
                "min": 0,
                "max": None,
                "min_excluded": True,
                "max_excluded": False,
                "choices": [],
                "help": "strength of the penalty",
            }
        ],
    )
    return 0


def progress(stage, task, step, accuracy=None):
    say(
        "progress",
        stage=stage,
        task=task,
        tasks=5,
        phase="train" if stage == "train" else "",
        step=step,
        steps=200,
        accuracy=accuracy,
        share=step / 200,
    )


def stuck(stubborn):
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(0.05)


def finish(path):
    writer = subprocess.run(
        [os.environ["MNEME_FAKE_WRITER"], path], check=True, capture_output=True, text=True
    )
    say("done", runs=json.loads(writer.stdout))
    return 0


def run(path):
    cell = read(path)
    how = behaviour(cell["plugin"]["id"])
    if trace := os.environ.get("MNEME_FAKE_TRACE"):
        with open(trace, "a", encoding="utf-8") as file:
            file.write(
                f"{cell['plugin']['id']} {[run['seed'] for run in cell['runs']]} {os.getpid()}"
                f" {os.environ.get('CUDA_VISIBLE_DEVICES', '-')}"
                f" {os.environ.get('OMP_NUM_THREADS')}\n"
            )
    if how == "cannot_load":  # as the dynamic loader does
        os.write(
            2,
            b"mneme-worker: error while loading shared libraries: libx.so: cannot open shared "
            b"object file\n",
        )
        return 127
    progress("load", 0, 0)
    restarts = int(os.environ.get("MNEME_FAKE_RESTARTS", "0"))
    say("begun", runs=[{"digest": run["digest"], "restarts": restarts} for run in cell["runs"]])
    progress("train", 3, 120, 0.5)
    if how == "sigkill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "says_and_dies":
        os.write(2, b"the last words of a method\n")
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "hang":
        stuck(stubborn=False)
    if how == "hang_stubborn":
        stuck(stubborn=True)
    if how == "chatter":  # says the same thing again and again: that is not progress
        while True:
            progress("train", 3, 120, 0.5)
            say("log", line="still here")
            time.sleep(0.02)
    if how == "slow":  # moves, but never ends
        for step in range(121, 1_000_000):
            progress("train", 3, step, 0.5)
            time.sleep(0.02)
    if how == "child":  # leaves a process behind that holds our pipes
        left = subprocess.Popen(["sleep", "1000"])
        if trace := os.environ.get("MNEME_FAKE_TRACE"):
            with open(trace, "a", encoding="utf-8") as file:
                file.write(f"sleep [] {left.pid} - 1\n")
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "memory":
        block = bytearray(400 << 20)
        block[::4096] = b"x" * len(block[::4096])
        stuck(stubborn=False)
    if how == "huge_log":
        for _ in range(400):
            os.write(1, b"z" * 9999 + b"\n")
    if how == "garbage":
        channel.write(
            'not json\n{"event": 5}\n[1, 2]\n{"event":"progress","task":"x","stage":7}\n'
            + "\x01" * 300
            + "\n"
        )
    if how == "garbage_only":
        channel.write("{{{" * 100000)
        return 0
    if how == "escaped_child":  # a plugin's process that has left the group and the session
        left = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        with open(os.environ["MNEME_FAKE_TRACE"], "a", encoding="utf-8") as file:
            file.write(f"sleep [] {left.pid} - 1\n")
        stuck(stubborn=True)
    if how == "keep_request":
        with open(os.environ["MNEME_FAKE_TRACE"] + ".request", "w", encoding="utf-8") as file:
            json.dump(cell, file)
    if how == "hostile_text":
        say("error", message="\x1b]0;owned\x07 \x9b2J", exit=65)
        return 65
    if how == "silent":
        return 0
    if how == "exit_3":
        return 3
    if how == "temporary":
        say("error", message="the device is lost; run again", exit=75)
        return 75
    if how == "exit_75":
        return 75
    if how == "refused_65":
        say("error", message="train-images: altered; get the original file", exit=65)
        return 65
    if how == "ends_group":  # as a worker does that is pre-empted: a checkpoint, then 75
        signal.signal(signal.SIGTERM, lambda *_: os._exit(75))
        stuck(stubborn=False)
    time.sleep(float(os.environ.get("MNEME_FAKE_SECONDS", "0")))
    return finish(path)


def networks(path):
    for index, spec in enumerate(read(path)["specs"]):
        wide = (spec["network"]["hidden"] or [1])[0]
        say(
            "network",
            index=index,
            parameters=7 * wide,
            layers=[{"name": "fc1.weight", "shape": [wide, 7], "start": "init"}],
            message="",
        )
    say("done", runs=[])
    return 0


def doctor():
    say(
        "doctor",
        libtorch="2.11.0",
        blas="mkl",
        product_gflops=50.0,
        missing_operators=[],
        linear_library="onednn 3.1.0",
        linear_gflops=100.0,
        cuda_built=False,
        cuda_usable=False,
        cuda_device="",
        cuda_driver="",
        cuda_message="no driver",
    )
    return 0


COMMANDS = {
    "construct": construct,
    "describe": describe,
    "networks": networks,
    "run": run,
    "doctor": doctor,
}
sys.exit(COMMANDS[arguments[0]](*arguments[1:]))
