#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Full and read-only disks: `disk.py MAKE_SAMPLE` (a program that writes a results file to the path
given).
As root it mounts small file systems in a mount namespace of its own; else those cases are skipped.
"""

import os
import shutil
import subprocess
import sys
import tempfile

good = True


def report(name, problem):
    global good
    good = good and not problem
    print("not ok %s: %s" % (name, problem) if problem else "ok " + name)


def write(program, path, as_nobody=False):
    def drop():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    done = subprocess.run(
        [program, path], capture_output=True, text=True, preexec_fn=drop if as_nobody else None
    )
    return done.returncode, done.stderr.strip()


def refused(program, folder, sentence, as_nobody=False):
    path = os.path.join(folder, "r.h5")
    before = sorted(os.listdir(folder))
    code, said = write(program, path, as_nobody)
    if code != 1:
        return "ended with %d: %s" % (code, said)
    if said != path + ": not written: " + sentence:
        return "said: " + said
    if sorted(os.listdir(folder)) != before:
        return "left %s" % sorted(set(os.listdir(folder)) - set(before))
    return None


def filling(program, folder):
    """The runs that wait, then the file that HDF5 writes little by little, run out of space, at one
    instant or another."""
    path = os.path.join(folder, "merged.h5")
    before = sorted(os.listdir(folder))
    refusals = 0
    for kibibytes in range(64, 1024, 32):
        remount = "remount,size=%dk" % kibibytes
        subprocess.run(["mount", "-o", remount, folder], check=True)
        done = subprocess.run(
            [program, path, "--merge"], capture_output=True, text=True, timeout=60
        )
        if done.returncode == 0:
            os.remove(path)
            return None if refusals > 5 else "was written with %d KiB" % kibibytes
        refusals += 1
        if not done.stderr.startswith(path + ": not written: no space is left for its "):
            return "with %d KiB it said: %s" % (kibibytes, done.stderr.strip())
        if sorted(os.listdir(folder)) != before:
            return "left %s" % sorted(set(os.listdir(folder)) - set(before))
    return "was never written"


def mounted(program, scratch):
    full = os.path.join(scratch, "full")
    os.mkdir(full)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full], check=True)
    with open(os.path.join(scratch, "probe.h5"), "w"):
        pass
    code, said = write(program, os.path.join(scratch, "probe.h5"))
    size = os.path.getsize(os.path.join(scratch, "probe.h5"))
    report(
        "full disk",
        refused(program, full, "no space is left for its %d bytes; free some and run again" % size),
    )
    with open(os.path.join(full, "r.h5"), "w") as f:
        f.write("older")
    problem = refused(
        program, full, "no space is left for its %d bytes; free some and run again" % size
    )
    with open(os.path.join(full, "r.h5")) as f:
        problem = problem or (None if f.read() == "older" else "the older file is gone")
    report("full disk keeps the older file", problem)
    report("a disk that fills while a merge is written", filling(program, full))
    subprocess.run(["mount", "-o", "remount,ro", full], check=True)
    report(
        "read-only disk",
        refused(
            program, full, "the file system of %s is read-only; write to another folder" % full
        ),
    )
    subprocess.run(["umount", full], check=True)


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--mounted":
        with tempfile.TemporaryDirectory() as scratch:
            mounted(os.path.abspath(arguments[1]), scratch)
        return 0 if good else 1
    program = os.path.abspath(arguments[0])
    with tempfile.TemporaryDirectory() as scratch:
        locked = os.path.join(scratch, "locked")
        os.mkdir(locked, 0o555)
        root = os.geteuid() == 0
        if root:
            # Root may write anywhere: another user tries, who can reach the program and the folder.
            os.chmod(scratch, 0o755)
            copy = os.path.join(scratch, "make_sample")
            shutil.copy(program, copy)
            os.chmod(copy, 0o755)
        sentence = (
            "no permission to write in %s; change its mode or write to another folder" % locked
        )
        report(
            "read-only folder", refused(copy if root else program, locked, sentence, as_nobody=root)
        )
    sys.stdout.flush()
    probe = (
        subprocess.run(
            [
                "unshare",
                "--mount",
                "sh",
                "-c",
                "d=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d && rmdir $d",
            ],
            capture_output=True,
        )
        if root and shutil.which("unshare")
        else None
    )
    if probe is None or probe.returncode != 0:
        for name in (
            "full disk",
            "full disk keeps the older file",
            "a disk that fills while a merge is written",
            "read-only disk",
        ):
            print("skip %s: needs the right to mount" % name)
        return 0 if good else 1
    inner = subprocess.run(
        ["unshare", "--mount", sys.executable, os.path.abspath(__file__), "--mounted", program]
    )
    return 0 if good and inner.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
