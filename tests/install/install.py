#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs, moves the tree, and uses it from there: install.py CMAKE SOURCE BUILD TORCH CXX CC.
Prints ok / not ok lines."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402 - the path is above
from checks import check  # noqa: E402

CMAKE, SOURCE, BUILD, TORCH, CXX, CC = (
    sys.argv[1],
    *map(os.path.abspath, sys.argv[2:5]),
    *sys.argv[5:7],
)
# What any Linux with LibTorch has.
SYSTEM = re.compile(
    r"^(ld-linux-x86-64|lib(c|m|dl|rt|pthread|resolv|util|stdc\+\+|gcc_s|gomp|asan|ubsan))\.so"
    r"|^linux-vdso"
)
LIBTORCH = re.compile(r"^lib(torch|c10|cudart|cupti)")


def run(*command, **environment):
    """In an environment that knows neither the build nor its LibTorch."""
    clean = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "LANG": "C", **environment}
    return subprocess.run(
        command,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", path).stdout)


def closure(tree):
    """Names that some program or library in the tree needs and neither the tree, the system nor
    LibTorch has."""
    libraries = os.path.join(tree, "lib/mneme")
    here = set(os.listdir(libraries))
    paths = [os.path.join(tree, "bin", name) for name in ("mneme", "mneme-worker")] + [
        os.path.join(libraries, name) for name in here if ".so" in name
    ]
    return sorted(
        {
            "%s (for %s)" % (name, os.path.basename(path))
            for path in paths
            for name in needed(path)
            if name not in here and not SYSTEM.match(name) and not LIBTORCH.match(name)
        }
    )


def loaded_from_outside(tree, libraries, program):
    """Libraries of the program that would be taken from elsewhere than the tree, the system or
    LibTorch."""
    shown = run("ldd", os.path.join(tree, "bin", program), **libraries).stdout
    found = re.findall(r"^\s*(\S+) => (\S+|not found)", shown, re.MULTILINE)
    return [
        pair
        for pair in found
        if not SYSTEM.match(pair[0])
        and not LIBTORCH.match(pair[0])
        and not os.path.realpath(pair[1]).startswith(os.path.realpath(tree) + "/")
    ] or ([] if found else [shown])


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def by_hand(tree, scratch):
    """Without CMake: a compiler and what pkg-config says, for the examples that lie in the tree."""
    if not shutil.which("pkg-config"):
        print("skip the SDK by pkg-config: there is no pkg-config (Debian: pkgconf)")
        return
    done = run(
        "pkg-config",
        "--cflags",
        "--libs",
        "mneme",
        PKG_CONFIG_PATH=os.path.join(tree, "lib/pkgconfig"),
    )
    flags = done.stdout.split()
    inside = [os.path.realpath(path) for path in re.findall(r"/[^\s=]*", done.stdout)]
    check(
        "pkg-config finds the moved SDK",
        done.returncode == 0
        and len(inside) == 2
        and all(
            path.startswith(os.path.realpath(tree)) and os.path.exists(path) for path in inside
        ),
        done.stdout,
    )
    examples = os.path.join(tree, "share/mneme/examples")
    for name, compiler in (("er_ewc.cpp", [CXX, "-std=c++20"]), ("finetune.c", [CC, "-std=c11"])):
        plugin = os.path.join(scratch, name.partition(".")[0] + ".so")
        done = run(
            *compiler,
            "-O2",
            "-fPIC",
            "-shared",
            "-fvisibility=hidden",
            os.path.join(examples, name),
            "-o",
            plugin,
            *flags
        )
        if check("%s is built by hand" % name, done.returncode == 0, done.stdout):
            exported = run("nm", "-D", "--defined-only", plugin).stdout.split()
            check(
                "%s built by hand exports one symbol" % name,
                exported[2:] == ["mneme_plugin_v1"],
                exported,
            )
            done = run(os.path.join(tree, "bin/mneme"), "check", plugin)
            check(
                "%s built by hand passes every check" % name,
                done.returncode == 0 and ", 0 FAILED," in done.stdout,
                done.stdout,
            )


def scaffold(tree, scratch):
    """The author's way: new-plugin, then the commands that its README.md gives, to a row on the
    leaderboard."""
    folder = os.path.join(scratch, "pull")
    done = run(os.path.join(tree, "bin/mneme"), "new-plugin", "pull", "-o", scratch)
    made = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    if not check(
        "mneme new-plugin",
        done.returncode == 0 and made == ["CMakeLists.txt", "README.md", "pull.cpp", "suite.toml"],
        done.stdout + str(made),
    ):
        return
    left = [
        name
        for name in made
        for word in ("my_method", "MyMethod", "SPDX", "@")
        if word in text_of(os.path.join(folder, name))
    ]
    check("the scaffold bears the author's name alone", not left, left)
    commands = (
        re.findall(r"```\n(.*?)```", text_of(os.path.join(folder, "README.md")), re.DOTALL)[0]
        .strip()
        .splitlines()
    )
    check("its README.md has four commands", len(commands) == 4, commands)
    for command in commands:
        done = run(
            "sh", "-c", "cd '%s' && %s" % (folder, command), CMAKE_GENERATOR="Ninja", CXX=CXX
        )
        said = done.stdout
        words = command.replace(os.path.join(tree, "bin/"), "").split(" -D")[0]
        if not check("as in its README.md: %s" % words, done.returncode == 0, said):
            return
        if " check " in command:
            check(
                "every check of the scaffold passes",
                "17 passed, 0 FAILED, 1 skipped" in said
                or "18 passed, 0 FAILED, 0 skipped" in said,
                said,
            )
    check(
        "the leaderboard has its rows",
        all(row in said for row in ("pull[strength=0.01]", "pull[strength=0.1]", "finetune")),
        said,
    )


def main():
    with tempfile.TemporaryDirectory() as scratch:
        first, tree = os.path.join(scratch, "first"), os.path.join(scratch, "moved", "tree")
        done = run(CMAKE, "--install", BUILD, "--prefix", first)
        if not check("cmake --install", done.returncode == 0, done.stdout):
            return 1
        os.makedirs(os.path.dirname(tree))
        shutil.move(first, tree)

        listed = [
            name
            for name in (
                "bin/mneme",
                "bin/mneme-worker",
                "lib/mneme/plugins/finetune.so",
                "share/mneme/benchmarks/standard",
                "share/mneme/benchmarks/suites/quickstart.toml",
                "include/mneme/mneme.hpp",
                "lib/cmake/Mneme/MnemeConfig.cmake",
                "share/doc/mneme/LICENSE",
            )
            if not os.path.exists(os.path.join(tree, name))
        ]
        check("the tree is whole", not listed, "missing: %s" % listed)
        wanted = {
            os.path.splitext(name)[0]
            for name in os.listdir(os.path.join(SOURCE, "plugins"))
            if name.endswith(".cpp")
        }
        got = {
            os.path.splitext(name)[0]
            for name in os.listdir(os.path.join(tree, "lib/mneme/plugins"))
        }
        check(
            "every plugin is installed",
            wanted == got,
            "%s instead of %s" % (sorted(got), sorted(wanted)),
        )
        check(
            "the LibTorch of the build is recorded",
            text_of(os.path.join(tree, "share/mneme/torch-path.txt")) == TORCH,
        )
        missing = closure(tree)
        check("no library is wanting but the system's and LibTorch", not missing, missing)
        bundled = [
            name
            for name in os.listdir(os.path.join(tree, "lib/mneme"))
            if LIBTORCH.match(name) or SYSTEM.match(name)
        ]
        check("neither LibTorch nor the C runtime is carried along", not bundled, bundled)
        outside = loaded_from_outside(tree, {}, "mneme")
        check("mneme takes its libraries from the moved tree", not outside, outside)
        outside = loaded_from_outside(
            tree, {"LD_LIBRARY_PATH": os.path.join(TORCH, "lib")}, "mneme-worker"
        )
        check("mneme-worker takes its libraries from the moved tree", not outside, outside)
        for program in ("mneme", "mneme-worker"):
            paths = re.findall(
                r"\((?:RPATH|RUNPATH)\).*\[(.*)\]",
                run("readelf", "-d", os.path.join(tree, "bin", program)).stdout,
            )
            check(
                "%s remembers no folder of the build" % program,
                paths == ["$ORIGIN/../lib/mneme"],
                paths,
            )

        mneme = os.path.join(tree, "bin/mneme")
        done = run(mneme, "--help")
        check("mneme --help", done.returncode == 0 and "leaderboard" in done.stdout, done.stdout)
        done = run(mneme, "list", "methods")
        check(
            "mneme list methods finds the plugins beside it",
            done.returncode == 0 and all(name in done.stdout for name in wanted),
            done.stdout,
        )
        done = run(mneme, "list", "benchmarks")
        check(
            "mneme list benchmarks finds the benchmarks beside it",
            done.returncode == 0 and "rotated-mnist-20" in done.stdout,
            done.stdout,
        )
        done = run(mneme, "describe", "finetune")
        check(
            "mneme-worker starts with the recorded LibTorch",
            done.returncode == 0 and "finetune" in done.stdout,
            done.stdout,
        )

        built = os.path.join(scratch, "consumer")
        done = run(
            CMAKE,
            "-G",
            "Ninja",
            "-S",
            os.path.join(SOURCE, "tests/install/consumer"),
            "-B",
            built,
            "-DCMAKE_PREFIX_PATH=" + tree,
            "-DCMAKE_CXX_COMPILER=" + CXX,
            "-DPLUGIN_SOURCE=" + os.path.join(SOURCE, "plugins/finetune.cpp"),
        )
        if check("find_package(Mneme) outside of the project", done.returncode == 0, done.stdout):
            done = run(CMAKE, "--build", built)
            check("mneme_add_plugin outside of the project", done.returncode == 0, done.stdout)
            plugin = os.path.join(built, "outside.so")
            extra = [name for name in needed(plugin) if not SYSTEM.match(name)]
            check("the plugin needs the C and C++ runtime only", not extra, extra)
            exported = run("nm", "-D", "--defined-only", plugin).stdout.split()
            check("the plugin exports one symbol", exported[2:] == ["mneme_plugin_v1"], exported)
        by_hand(tree, scratch)
        scaffold(tree, scratch)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
