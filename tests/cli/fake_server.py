# SPDX-License-Identifier: Apache-2.0
"""A worker server as harness/protocol/worker_child.hpp describes it, for the fake worker. It serves
where MNEME_FAKE_SERVER says how:

well          as it should
late          it is never ready
deaf          it is ready and never answers
refuses       it answers that it could not fork
dies_asked    it dies when it is asked for its second worker
dies_after    it dies when it has made its second worker

The process ids of its workers are in the file MNEME_FAKE_TRACE.forked, its own in .server."""

import array
import ctypes
import os
import signal
import socket
import struct
import sys
import time

PDEATHSIG = 1  # of prctl


def note(ending, pid):
    with open(os.environ["MNEME_FAKE_TRACE"] + ending, "a", encoding="utf-8") as file:
        file.write(f"{pid}\n")


def replace_mark(mark):
    """In the memory that /proc/PID/environ shows."""
    with open("/proc/self/stat", encoding="utf-8") as file:
        begin, end = map(int, file.read().rsplit(")", 1)[1].split()[47:49])
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(begin)
        text = memory.read(end - begin)
        at = text.index(b"MNEME_WORKER_MARK=") + len("MNEME_WORKER_MARK=")
        assert text.index(b"\0", at) - at == len(mark), "the marks differ in length"
        memory.seek(begin + at)
        memory.write(mark)
    os.environb[b"MNEME_WORKER_MARK"] = mark


def receive(channel):
    packet, attached, _, _ = channel.recvmsg(1 << 16, socket.CMSG_SPACE(8))
    if not packet:
        sys.exit(0)  # mneme has gone
    descriptors = array.array("i")
    descriptors.frombytes(attached[0][2])
    mark, _, variables, *rest = packet.split(b"\0")[:-1]
    changes = 2 * int(variables)
    return mark, dict(zip(rest[:changes:2], rest[1:changes:2])), rest[changes:], descriptors


def answer(channel, worker):
    channel.send(struct.pack("i", worker))


def forked(mneme):
    """True in the child of a child, once that child's end has made it a child of mneme."""
    between = os.fork()
    if between != 0:
        os.waitpid(between, 0)
        return False
    between = os.getpid()
    if os.fork() != 0:
        os._exit(0)
    while os.getppid() == between:
        time.sleep(0.0001)
    assert os.getppid() == mneme, "a worker is not a child of mneme"
    return True


def serve():
    """The arguments of a worker, in that worker."""
    how = os.environ.get("MNEME_FAKE_SERVER")
    if not how:
        sys.exit(1)
    mneme = os.getppid()
    channel = socket.socket(fileno=os.dup(3))
    note(".server", os.getpid())
    if how == "late":
        time.sleep(1000)
    answer(channel, 0)
    made = 0
    while True:
        mark, variables, arguments, descriptors = receive(channel)
        if how == "deaf":
            time.sleep(1000)
        if how == "refuses":
            answer(channel, -1)
            continue
        if how == "dies_asked" and made == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if forked(mneme):
            break
        for descriptor in descriptors:
            os.close(descriptor)
        made += 1
        if how == "dies_after" and made == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    replace_mark(mark)
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)
    log, messages = descriptors
    for number, wanted in ((log, 1), (log, 2), (messages, 3)):
        os.dup2(number, wanted)
    note(".forked", os.getpid())
    answer(channel, os.getpid())
    channel.close()
    os.closerange(4, 100)
    os.environb.update(variables)
    return [argument.decode() for argument in arguments]
