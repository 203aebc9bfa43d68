#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The steps of Containerfile, in a Debian tree made by debootstrap instead of a registry's image:
tree.py SOURCE TORCH [NAME=VALUE...]. Needs root, debootstrap and a mirror that this machine's apt
uses. TORCH, a folder of LibTorch as ./setup leaves it, is bound to where ./setup would download it;
"" downloads. NAME=VALUE is a build argument. CCACHE_DIR, where it is set, is bound as well. Prints
ok / not ok / skip lines."""

import fnmatch
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import recipes

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import check  # noqa: E402 - the path is above

SUITES = {"debian:12": "bookworm", "debian:13": "trixie"}
SUITE = """
benchmarks = ["synthetic-3-task"]
seeds = 1

[[method]]
plugin = "finetune"
"""
CASE = "the steps of Containerfile in a Debian tree"


class Skip(Exception):
    pass


def mirror(suite):
    """The address in this machine's sources of packages that has the suite."""
    found = []
    for path in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*"))]:
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                found += re.findall(r"^(?:deb|URIs:)[^#\n]*?(https?://\S+)", file.read(), re.M)
    for address in dict.fromkeys(found):
        release = "%s/dists/%s/InRelease" % (address.rstrip("/"), suite)
        helper = "/usr/lib/apt/apt-helper"  # it knows apt's proxies
        with tempfile.TemporaryDirectory() as scratch:
            done = subprocess.run(
                [helper, "download-file", release, scratch + "/InRelease"],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                continue
            with open(scratch + "/InRelease", encoding="utf-8") as file:
                if re.search(r"^Codename: %s$" % suite, file.read(), re.M):
                    return address
    raise Skip("no mirror of Debian's %s is reached" % suite)


class Tree:
    """A machine without a kernel of its own. What is mounted in it is mounted for its own commands
    alone, so that nothing of this machine is left in it when it is removed."""

    def __init__(self, root, binds):
        self.root, self.binds = root, binds

    def path(self, inside):
        return self.root + inside

    def start(self, *command, folder="/", environment=None):
        """The status, and what was said, which is the end of it where it is long."""
        mounts = [
            "set -e; umask 022",
            "mount --make-rprivate /",
            "mount -t proc proc %s/proc" % self.root,
            "mount --rbind /dev %s/dev" % self.root,
        ]
        for outside, inside, writable in self.binds:
            os.makedirs(self.path(inside), exist_ok=True)
            mounts.append("mount --bind '%s' '%s'" % (outside, self.path(inside)))
            if not writable:
                mounts.append("mount -o remount,bind,ro '%s'" % self.path(inside))
        mounts.append('exec chroot "$0" /usr/bin/env -i --chdir="$1" "${@:2}"')
        settings = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
        }
        settings.update(
            (name, recipes.expand(value, settings)) for name, value in (environment or {}).items()
        )
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c"]
            + ["; ".join(mounts), self.root, folder]
            + ["%s=%s" % pair for pair in settings.items()]
            + list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout


def copy(source, start, tree, goal):
    """COPY: into a folder, without what .containerignore names."""
    if os.path.isfile(os.path.join(source, start)):
        shutil.copy(os.path.join(source, start), tree.path(goal))
        return
    with open(os.path.join(source, ".containerignore"), encoding="utf-8") as file:
        ignored = file.read().split()

    def leave_out(folder, names):
        top = os.path.samefile(folder, source)
        return [n for n in names if top and any(fnmatch.fnmatch(n, p) for p in ignored)]

    shutil.copytree(
        os.path.join(source, start),
        tree.path(goal),
        ignore=leave_out,
        symlinks=True,
        dirs_exist_ok=True,
    )


def built(recipe, source, tree):
    """Whether all steps went well."""
    for kind, *step in recipe.steps:
        if kind == "copy":
            os.makedirs(tree.path(step[1]), exist_ok=True)
            copy(source, step[0], tree, step[1])
            continue
        text, folder, environment = step
        if os.environ.get("CCACHE_DIR"):
            environment = {**environment, "CCACHE_DIR": "/ccache"}
        os.makedirs(tree.path(folder), exist_ok=True)
        start = time.monotonic()
        status, said = tree.start("/bin/sh", "-c", text, folder=folder, environment=environment)
        name = "RUN %s" % " ".join(text.split())
        print("%.0f s: %s" % (time.monotonic() - start, name), flush=True)
        if not check(name, status == 0, "status %d: %s" % (status, said)):
            return False
    return True


def used(recipe, tree):
    """As who starts the image."""
    os.makedirs(tree.path("/results"), exist_ok=True)

    def mneme(*words):
        return tree.start(*words, folder="/results", environment=recipe.environment)

    status, said = mneme(*recipe.program)
    good = check("the image starts with its help", status == 0 and "leaderboard" in said, said)
    status, said = mneme("mneme", "doctor")
    good &= check("mneme doctor finds no fault", status == 0, said)
    with open(tree.path("/results/suite.toml"), "w", encoding="utf-8") as file:
        file.write(SUITE)
    status, said = mneme("mneme", "run", "suite.toml", "-o", "tiny")
    good &= check("mneme run trains and ends well", status == 0, said)
    status, said = mneme("mneme", "validate", "tiny/results.h5")
    good &= check("what it leaves is valid", status == 0, said)
    status, said = mneme("mneme", "leaderboard", "tiny")
    good &= check("the leaderboard has its row", status == 0 and "finetune" in said, said)
    left = [
        path
        for path in ("/tmp/build", "/opt/mneme/cache/ccache")
        if os.path.exists(tree.path(path))
    ] + glob.glob(tree.path("/var/lib/apt/lists/*"))
    return good & check("no build and no lists of packages are left", not left, left)


def main():
    source, torch = sys.argv[1:3]
    given = dict(recipes.assignment(word) for word in sys.argv[3:])
    with open(os.path.join(source, "Containerfile"), encoding="utf-8") as file:
        recipe = recipes.containerfile(file.read(), given)
    try:
        if os.geteuid() != 0:
            raise Skip("only root can make one")
        if not shutil.which("debootstrap"):
            raise Skip("there is no debootstrap")
        if recipe.base not in SUITES:
            raise Skip("%s is no Debian that it knows" % recipe.base)
        address = mirror(SUITES[recipe.base])
    except Skip as why:
        print("skip %s: %s" % (CASE, why))
        return 0
    with tempfile.TemporaryDirectory(prefix="mneme-tree-") as scratch:
        root = os.path.join(scratch, "root")
        binds = []
        if torch:
            # LibTorch looks for its CUDA runtime beside itself.
            folder = next(s[3]["XDG_CACHE_HOME"] for s in recipe.steps if s[0] == "run")
            version = re.search(r"mneme/(torch-[0-9.]+)/torch", str(recipe.steps))[1]
            binds.append((os.path.dirname(torch), "%s/mneme/%s" % (folder, version), False))
        if os.environ.get("CCACHE_DIR"):
            binds.append((os.environ["CCACHE_DIR"], "/ccache", True))
        start = time.monotonic()
        # In a namespace of its own too: debootstrap mounts, and may be stopped.
        done = subprocess.run(
            ["unshare", "--mount", "debootstrap", "--variant=minbase", SUITES[recipe.base]]
            + [root, address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print("%.0f s: debootstrap" % (time.monotonic() - start), flush=True)
        if not check("debootstrap makes %s" % recipe.base, done.returncode == 0, done.stdout):
            return 1
        shutil.copy("/etc/resolv.conf", root + "/etc/resolv.conf")
        # As in the images of the registries; without it a busy disk takes minutes.
        with open(root + "/etc/dpkg/dpkg.cfg.d/speed", "w", encoding="utf-8") as file:
            file.write("force-unsafe-io\n")
        tree = Tree(root, binds)
        good = built(recipe, source, tree) and used(recipe, tree)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
