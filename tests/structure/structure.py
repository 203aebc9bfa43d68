#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges the sources: structure.py SOURCE_FOLDER CXX CC. Prints a line `ok X`, or `not ok X:
file:line ...`, for each rule."""

import os
import re
import subprocess
import sys

ROOT, CXX, CC = sys.argv[1:4]
SOURCE = (".cpp", ".hpp", ".h", ".cu", ".cuh", ".def", ".in")
SCRIPT = (".py", ".sh", ".cmake", "CMakeLists.txt", ".toml")
ROOMS = ("base", "benchmarks", "cmake", "harness", "plugins", "results_schema", "sdk", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LIBTORCH = re.compile(r"^(torch|ATen|c10|caffe2|torchgen)/")
CUDA = re.compile(r"^(cuda|cudnn|cublas|curand|nv)[a-z_]*(/|\.h)")
# Whose headers each room may include, itself and the standard library apart. A header's room is the
# first folder of its path: <base/text.hpp>, <results/block.hpp>, "protocol/cell.hpp".
SEES = {
    "base": (),
    "sdk": ("mneme",),
    "plugins": ("mneme",),
    "results_schema": ("base", "results"),
    "benchmarks": ("base", "benchmarks"),
    "harness/protocol": ("base", "benchmarks", "results"),
    "harness/loader": ("base", "mneme"),
    "harness/host": ("base", "benchmarks", "mneme", "protocol"),
    "harness/worker": ("base", "benchmarks", "host", "loader", "mneme", "protocol", "results"),
    "harness/plan": ("base", "benchmarks", "protocol"),
    "harness/supervisor": ("base", "protocol"),
    "harness/scheduler": ("base", "benchmarks", "plan", "protocol", "results", "supervisor"),
    "harness/leaderboard": ("base", "results"),
    "harness/importer": ("base", "results"),
    "harness/fetcher": ("base", "benchmarks"),
    "harness/submit": ("base",),
    "harness/report": ("base", "leaderboard", "results"),
    "harness/cli": (
        "base",
        "benchmarks",
        "fetcher",
        "importer",
        "leaderboard",
        "loader",
        "mneme",
        "plan",
        "protocol",
        "report",
        "results",
        "scheduler",
        "submit",
        "supervisor",
    ),
}
HEADERS_OF = sorted({room.split("/")[-1] for room in SEES} | {"results", "mneme"})
OURS = re.compile(r"^(%s)/" % "|".join(HEADERS_OF))
CONTRACT = re.compile(r"^mneme/")
NATIVE = (  # the one header of the sdk that sees LibTorch: for plugins tied to it
    "sdk/include/mneme/libtorch.hpp"
)
STANDARD = re.compile(r"^[a-z_0-9]+(\.h)?$")  # <vector>, <stdint.h>: no slash, no .hpp


def files(folder, endings):
    for base, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders[:] = sorted(
            name
            for name in folders
            if name not in ("__pycache__",) and not name.startswith("build")
        )
        for name in sorted(names):
            if name.endswith(endings):
                yield os.path.relpath(os.path.join(base, name), ROOT)


def lines(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read().splitlines()


def includes(*folders):
    """(place, is quoted, header) of every include line under the folders."""
    for folder in folders:
        paths = list(files(folder, SOURCE))
        if not paths:
            sys.exit("not ok sources: there are none in %s/; has the room moved?" % folder)
        for path in paths:
            for number, line in enumerate(lines(path), 1):
                match = INCLUDE.match(line)
                if match:
                    yield "%s:%d" % (path, number), match.group(1) == '"', match.group(2)


def only_standard_and_contract(*folders):
    return [
        "%s includes %s" % (place, header)
        for place, quoted, header in includes(*folders)
        if (quoted or not (CONTRACT.match(header) or STANDARD.match(header)))
        and not place.startswith(NATIVE)
    ]


def none_of(pattern, *folders):
    return [
        "%s includes %s" % (place, header)
        for place, _, header in includes(*folders)
        if pattern.match(header) and not place.startswith(NATIVE)
    ]


def beyond_what_it_sees(room):
    allowed = SEES[room] + (room.split("/")[-1],)
    return [
        "%s includes %s" % (place, header)
        for place, _, header in includes(room)
        if OURS.match(header) and header.split("/")[0] not in allowed
    ]


def unlisted_rooms():
    """A part of the harness that the table does not name would be free to include anything."""
    parts = sorted(
        "harness/" + name
        for name in os.listdir(os.path.join(ROOT, "harness"))
        if os.path.isdir(os.path.join(ROOT, "harness", name))
    )
    return [part for part in parts if part not in SEES]


def exit_codes_by_number():
    """65, 69, 70, 75 and their like have names (base/error.hpp)."""
    number_of_exit = re.compile(
        r"""(["'] *, |^ *)(64|65|69|70|75)\)+;|return (64|65|69|70|75);"""
        r"|(code\(\)|status|code) [!=]= (64|65|69|70|75)\b|exit\W{1,4}(64|65|69|70|75)\b"
    )
    return [
        "%s:%d" % (path, number)
        for room in ("base", "benchmarks", "harness", "results_schema")
        for path in files(room, SOURCE)
        if path != "base/include/base/error.hpp"
        for number, line in enumerate(lines(path), 1)
        if number_of_exit.search(line.split("//")[0])
    ]


def one_user(header, *folders):
    users = sorted(
        {
            place.partition(":")[0]
            for place, _, name in includes(*folders)
            if name.startswith(header)
        }
    )
    return users if len(users) != 1 else []


def without_licence():
    top = [
        name
        for name in ("setup", "quickstart", "test", ".ci/run", "CMakeLists.txt")
        if os.path.exists(os.path.join(ROOT, name))
    ]
    sources = [
        path for room in ROOMS for path in files(room, SOURCE + SCRIPT) if "/data/" not in path
    ]
    return [
        path
        for path in top + sources
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines(path)[:3])
    ]


def too_long():
    """Comments and blank lines do not count, so that nobody saves on them."""
    faults = []
    for path in (path for room in ROOMS for path in files(room, SOURCE)):
        size = sum(
            1
            for line in lines(path)
            if line.strip() and not line.lstrip().startswith(("//", "/*", "*"))
        )
        limit = (
            325
            if path.startswith("tests/abi/before/")  # as it was
            else 150
            if path.endswith((".hpp", ".h"))
            else 300
        )
        if size > limit:
            faults.append("%s has %d lines of code, %d at most" % (path, size, limit))
    return faults


def too_wide():
    """Tables, addresses and data cannot be broken; a contract of before stays as it was."""
    wide = []
    prose = [
        path for path in files("docs", (".md", ".py", ".toml")) if "/reproduction/" not in path
    ]
    top = [name for name in os.listdir(ROOT) if name.endswith(".md")]
    sources = [path for room in ROOMS for path in files(room, SOURCE + SCRIPT + (".md",))]
    for path in top + prose + sources:
        if (
            path.startswith(("tests/abi/1.0/", "tests/abi/before/", "tests/mutants/mutants.toml"))
            or "/data/" in path
        ):
            continue
        for number, line in enumerate(lines(path), 1):
            breakable = not line.lstrip().startswith(("|", "<!--")) and "://" not in line
            if len(line) > 100 and breakable:
                wide.append("%s:%d" % (path, number))
    return wide


def long_methods():
    """A method is one short file: lines that are not blank, the equation and its comments too."""
    sizes = {
        path: sum(1 for line in lines(path) if line.strip())
        for path in files("plugins", (".cpp", ".cu"))
    }
    faults = [
        "%s has %d lines, 120 at most" % (path, size) for path, size in sizes.items() if size > 120
    ]
    median = sorted(sizes.values())[len(sizes) // 2]
    if median >= 80:
        faults.append("half of the methods have %d lines or more, fewer than 80 wanted" % median)
    return faults


def find_package_torch():
    scripts = ["CMakeLists.txt"] + [
        path for room in ROOMS for path in files(room, (".cmake", "CMakeLists.txt"))
    ]
    return [
        "%s:%d" % (path, number)
        for path in scripts
        for number, line in enumerate(lines(path), 1)
        if re.search(r"^[^#]*find_package\s*\(\s*Torch", line, re.IGNORECASE)
    ]


def compiled_alone(command, header):
    """First and twice: it includes what it needs, and guards itself."""
    text = "#include <%s>\n#include <%s>\nint mneme_structure_probe;\n" % (header, header)
    done = subprocess.run(
        command
        + [
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-fsyntax-only",
            "-I",
            os.path.join(ROOT, "sdk/include"),
            "-",
        ],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in done.stderr.splitlines() if "error" in line]
    return [] if done.returncode == 0 else (errors or ["the compiler failed"])[:1]


def rules():
    yield (
        "plugins include the contract and the standard library only",
        lambda: only_standard_and_contract("plugins"),
    )
    yield (
        "the sdk includes itself and the standard library only",
        lambda: only_standard_and_contract("sdk"),
    )
    for room in SEES:
        yield "%s includes nothing of ours but %s" % (
            room,
            ", ".join(SEES[room]) or "itself",
        ), lambda room=room: beyond_what_it_sees(room)
    yield "every part of the harness is in the table", unlisted_rooms
    yield "exit codes are named", exit_codes_by_number
    free = (
        "base",
        "harness/cli",
        "harness/leaderboard",
        "harness/loader",
        "harness/plan",
        "harness/protocol",
        "harness/scheduler",
        "harness/supervisor",
        "plugins",
        "results_schema",
        "sdk",
    )
    yield "no LibTorch in " + ", ".join(free), lambda: none_of(LIBTORCH, *free)
    yield "no CUDA outside of harness/host/cuda", lambda: [
        fault
        for fault in none_of(
            CUDA, "base", "harness", "benchmarks", "sdk", "plugins", "results_schema"
        )
        if not fault.startswith("harness/host/cuda/")
    ]
    for name, header in (
        ("toml++", "toml++/toml.h"),
        ("CLI11", "CLI/"),
        ("Boost.DLL", "boost/dll"),
    ):
        yield "%s is included in one file" % name, lambda header=header: one_user(
            header, "base", "harness", "benchmarks", "sdk", "plugins", "results_schema"
        )
    yield "torch/torch.h nowhere in the house", lambda: none_of(
        re.compile(r"^torch/torch\.h$"),
        "base",
        "harness",
        "benchmarks",
        "sdk",
        "plugins",
        "results_schema",
    )
    yield "find_package(Torch) nowhere", find_package_torch
    yield "every source names its licence", without_licence
    yield "files are short", too_long
    yield "lines have 100 columns at most", too_wide

    yield "methods are short", long_methods
    for path in (path for path in files("sdk/include", (".h", ".hpp")) if path != NATIVE):
        header = os.path.relpath(path, "sdk/include")
        yield "%s compiles alone as C++20" % header, lambda header=header: compiled_alone(
            [CXX, "-std=c++20", "-x", "c++"], header
        )
        if header.endswith(".h"):
            yield "%s compiles alone as C11" % header, lambda header=header: compiled_alone(
                [CC, "-std=c11", "-x", "c"], header
            )


def main():
    failed = False
    for name, find in rules():
        faults = find()
        failed = failed or bool(faults)
        print("not ok %s: %s" % (name, "; ".join(faults)) if faults else "ok %s" % name, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
