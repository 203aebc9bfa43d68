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
ROOMS = ("benchmarks", "cmake", "harness", "plugins", "results_schema", "sdk", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LIBTORCH = re.compile(r"^(torch|ATen|c10|caffe2|torchgen)/")
CUDA = re.compile(r"^(cuda|cudnn|cublas|curand|nv)[a-z_]*(/|\.h)")
OURS = re.compile(r"^(mneme|benchmarks|results|cli|plan|loader|host|worker)/")
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


def own_headers_only(*folders):
    """Nothing of ours but what the folder itself holds: <results/...> there, or a file beside
    it."""
    return [
        "%s includes %s" % (place, header)
        for place, quoted, header in includes(*folders)
        if OURS.match(header)
        and not header.startswith("results/")
        or quoted
        and not os.path.exists(os.path.join(ROOT, folders[0], header))
        and not header.startswith("results/")
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
            else 150 if path.endswith((".hpp", ".h")) else 300
        )
        if size > limit:
            faults.append("%s has %d lines of code, %d at most" % (path, size, limit))
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
    yield "results_schema includes nothing of ours but itself", lambda: own_headers_only(
        "results_schema"
    )
    free = ("harness/cli", "harness/plan", "harness/loader", "sdk", "plugins", "results_schema")
    yield "no LibTorch in " + ", ".join(free), lambda: none_of(LIBTORCH, *free)
    yield "no CUDA outside of harness/host/cuda", lambda: [
        fault
        for fault in none_of(CUDA, "harness", "benchmarks", "sdk", "plugins", "results_schema")
        if not fault.startswith("harness/host/cuda/")
    ]
    yield "benchmarks know neither the sdk nor the harness", lambda: [
        "%s includes %s" % (place, header)
        for place, _, header in includes("benchmarks")
        if OURS.match(header) and not header.startswith("benchmarks/")
    ]
    for name, header in (
        ("toml++", "toml++/toml.h"),
        ("CLI11", "CLI/"),
        ("Boost.DLL", "boost/dll"),
    ):
        yield "%s is included in one file" % name, lambda header=header: one_user(
            header, "harness", "benchmarks", "sdk", "plugins", "results_schema"
        )
    yield "torch/torch.h nowhere in the house", lambda: none_of(
        re.compile(r"^torch/torch\.h$"), "harness", "benchmarks", "sdk", "plugins", "results_schema"
    )
    yield "find_package(Torch) nowhere", find_package_torch
    yield "every source names its licence", without_licence
    yield "files are short", too_long
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
