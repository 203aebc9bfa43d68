#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./setup between stand-ins for dpkg-query, apt-get and pip, with wheels of a few bytes: setup.py
SOURCE. Prints ok / not ok / skip lines."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checks  # noqa: E402 - the path is above
from checks import check  # noqa: E402

SETUP = os.path.join(sys.argv[1], "setup")
REAL_PYTHON = sys.executable
PINNED = "2.11.0"
NOBODY = 65534

STAND_INS = {
    # Knows the packages in $STATE/packages as installed, and fails like the real one when it does
    # not know one.
    "dpkg-query": (
        'shift 3; for p; do if grep -qxF "$p" "$STATE/packages"; then echo "$p installed"; else'
        " missing=1; fi; done; exit ${missing:-0}"
    ),
    "apt-get": (
        'echo "$*" >>"$STATE/apt"; case $1 in install) exit "$(cat "$STATE/apt-status" 2>/dev/null'
        ' || echo 0)" ;; esac'
    ),
    "python3": """
case "$*" in
"-m pip --version") exit 0 ;;
*"-m pip"*" download "*)
    echo "$*" >>"$STATE/pip"
    sleep "$(cat "$STATE/pip-seconds" 2>/dev/null || echo 0)"
    if [ -e "$STATE/pip-says" ]; then cat "$STATE/pip-says" >&2; exit 1; fi
    while [ "$1" != -d ]; do shift; done
    mkdir -p "$2"
    wheel=cuda
    case "$*" in *" -r "*) wheel=torch ;; esac
    if [ $wheel = torch ] && grep -q "^cmake==" "${@: -1}"; then wheel=cmake; fi
    cp "$STATE/$wheel.whl" "$2" ;;
"-c "*) if [ -e "$STATE/python-torch" ]; then cat "$STATE/python-torch"; fi ;;
*) exec REAL "$@" ;;
esac""".replace(
        "REAL", REAL_PYTHON
    ),
}


def libtorch(folder, version):
    for name, text in (
        ("include/torch/csrc/api/include/torch/version.h", "// moved\n"),
        ("lib/libtorch_cpu.so", ""),
        ("include/torch/headeronly/version.h", '#define TORCH_VERSION \\\n  "%s"\n' % version),
    ):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return folder


class Machine:
    """A home, a package database and an index of its own."""

    def __init__(self, scratch, packages=None, driver=False):
        self.root = tempfile.mkdtemp(dir=scratch)
        os.chmod(self.root, 0o777)
        self.state, self.bin, self.cache = (
            os.path.join(self.root, name) for name in ("state", "bin", "cache")
        )
        os.mkdir(self.state)
        os.chmod(self.state, 0o777)
        os.mkdir(self.bin)
        for name, text in {**STAND_INS, **({"nvidia-smi": ""} if driver else {})}.items():
            with open(os.path.join(self.bin, name), "w", encoding="utf-8") as file:
                file.write("#!/bin/bash\n" + text + "\n")
            os.chmod(os.path.join(self.bin, name), 0o755)
        self.write("packages", "\n".join(ALL if packages is None else packages) + "\n")
        tree = libtorch(os.path.join(self.root, "wheel/torch"), PINNED)
        with zipfile.ZipFile(os.path.join(self.state, "torch.whl"), "w") as wheel:
            for base, _, names in os.walk(tree):
                for name in names:
                    path = os.path.join(base, name)
                    wheel.write(path, os.path.relpath(path, os.path.dirname(tree)))
            wheel.writestr("torch/test/large", "not wanted")
            wheel.writestr(
                "torch-%s.dist-info/METADATA" % PINNED,
                "Requires-Dist: filelock\nRequires-Dist: cuda-toolkit[cublas]==13.0.2;"
                ' platform_system == "Linux"\nRequires-Dist: nvidia-cudnn-cu13==9.19.0.56;'
                ' platform_system == "Linux"\nRequires-Dist: triton==3.6.0; platform_system =='
                ' "Linux"\n',
            )
        with zipfile.ZipFile(os.path.join(self.state, "cuda.whl"), "w") as wheel:
            wheel.writestr("nvidia/cudnn/lib/libcudnn.so.9", "")
            wheel.writestr("nvidia/cu13/lib/libcublas.so.13", "")
        with zipfile.ZipFile(os.path.join(self.state, "cmake.whl"), "w") as wheel:
            wheel.writestr("cmake/data/bin/cmake", "#!/bin/sh\necho cmake version %s\n" % CMAKE[6:])

    def write(self, name, text):
        with open(os.path.join(self.state, name), "w", encoding="utf-8") as file:
            file.write(text)

    def told(self, name):
        path = os.path.join(self.state, name)
        return open(path, encoding="utf-8").read() if os.path.exists(path) else ""

    def start(self, *arguments, user=None, **environment):
        environment = {
            "PATH": self.bin + ":/usr/bin:/bin",
            "HOME": self.root,
            "XDG_CACHE_HOME": self.cache,
            "STATE": self.state,
            **environment,
        }
        return subprocess.Popen(
            [os.path.join(os.path.dirname(self.root), "setup"), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            user=user,
            cwd=self.root,
        )

    def run(self, *arguments, **options):
        process = self.start(*arguments, **options)
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    def torch(self):
        return os.path.join(self.cache, "mneme/torch-" + PINNED)

    def left(self):
        folder = os.path.dirname(self.torch())
        return sorted(
            name
            for name in (os.listdir(folder) if os.path.isdir(folder) else [])
            if not name.endswith(".lock")
        )


def names(variable):
    script = 'source "$1"; printf "%%s\\n" "${%s[@]}"' % variable
    return subprocess.run(
        ["bash", "-c", script, "bash", SETUP], capture_output=True, text=True, check=True
    ).stdout.split()


BASE, TEST = names("mneme_packages"), names("mneme_test_packages")
ALL = BASE + TEST
CMAKE = "cmake-" + names("mneme_cmake_pinned")[0]
LINE = "LibTorch %s: %s\n"


def packages(scratch):
    nobody = NOBODY if os.geteuid() == 0 else None
    machine = Machine(scratch, [name for name in ALL if name not in ("libfmt-dev", "octave")])
    own = libtorch(os.path.join(machine.root, "own"), PINNED)
    status, output = machine.run("--torch", own, user=nobody)
    check(
        "a user gets the one line and status 77",
        status == 77
        and output.endswith(
            "\n    sudo apt-get update && sudo apt-get install -y --no-install-recommends"
            " libfmt-dev\n\n"
        ),
        (status, output),
    )
    status, output = machine.run("--test", "--torch", own, user=nobody)
    check(
        "--test adds what tests need",
        status == 77 and output.startswith("to install, Debian packages: libfmt-dev octave\n"),
        (status, output),
    )
    check(
        "a user's run touches nothing",
        machine.told("apt") + machine.told("pip") == "" and machine.left() == [],
        machine.left(),
    )
    if os.geteuid() == 0:
        status, output = machine.run("--torch", own)
        check(
            "root installs what is missing and nothing else",
            status == 0
            and machine.told("apt").splitlines()
            == ["update -q", "install -q -y --no-install-recommends libfmt-dev"],
            (status, output, machine.told("apt")),
        )
        machine.write("apt-status", "100")
        status, output = machine.run("--torch", own)
        check(
            "a failing apt-get ends with status 75",
            status == 75 and output.splitlines()[-1].startswith("setup: apt-get could not install"),
            output,
        )
    else:
        print("skip root installs what is missing: these tests run as a user")
    machine = Machine(scratch, ALL)
    status, output = machine.run(
        "--test", "--torch", libtorch(os.path.join(machine.root, "own"), PINNED)
    )
    check(
        "with all there it says where LibTorch is, and no more",
        (status, output) == (0, LINE % (PINNED, machine.root + "/own")),
        (status, output),
    )


def order(scratch):
    machine = Machine(scratch)
    libtorch(os.path.join(machine.root, "other/torch"), PINNED)
    libtorch(os.path.join(machine.root, "python"), PINNED)
    libtorch(machine.torch() + "/torch", PINNED)
    machine.write("python-torch", machine.root + "/python\n")
    named = {"MNEME_TORCH": machine.root + "/other"}
    for name, found, want in (
        (
            "MNEME_TORCH comes first, and may hold torch/",
            machine.run(**named),
            machine.root + "/other/torch",
        ),
        ("then Python's torch", machine.run(), machine.root + "/python"),
        (
            "--torch beats MNEME_TORCH",
            machine.run("--torch", machine.torch(), **named),
            machine.torch() + "/torch",
        ),
    ):
        check(name, found == (0, LINE % (PINNED, want)), found)
    libtorch(machine.root + "/python", "2.10.1")
    check(
        "a Python torch of another version is passed over",
        machine.run() == (0, LINE % (PINNED, machine.torch() + "/torch")),
        machine.run(),
    )
    status, output = machine.run("--torch", machine.root + "/python")
    check(
        "a named LibTorch of another version is refused",
        status == 65 and "is not LibTorch 2.11.0" in output,
        (status, output),
    )
    for arguments in (["--torch"], ["--bogus"]):
        check(
            "usage: %s" % " ".join(arguments),
            machine.run(*arguments)[0] == 64,
            machine.run(*arguments),
        )
    check("nothing was downloaded", machine.told("pip") == "", machine.told("pip"))


def download(scratch):
    machine = Machine(scratch)
    first, second = machine.start(), machine.start()
    outputs = [first.communicate()[0], second.communicate()[0]]
    check(
        "two at once both end well",
        first.returncode == second.returncode == 0
        and all(text.endswith(LINE % (PINNED, machine.torch() + "/torch")) for text in outputs),
        outputs,
    )
    check("and download once", len(machine.told("pip").splitlines()) == 1, machine.told("pip"))
    check(
        "the download is announced before it begins",
        outputs[0].startswith("to download, LibTorch 2.11.0: about 0.5 GB"),
        outputs,
    )
    check(
        "wheels are asked for by hash",
        "--require-hashes" in machine.told("pip") and "--no-deps" in machine.told("pip"),
        machine.told("pip"),
    )
    check(
        "only the finished folder is left, without torch's own tests",
        machine.left() == ["torch-" + PINNED]
        and not os.path.exists(machine.torch() + "/torch/test"),
        machine.left(),
    )

    for name, says, want in (
        (
            "no network",
            "WARNING: Retrying after connection broken",
            "the package index cannot be reached",
        ),
        (
            "altered wheels",
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            "the package index sent other files than those pinned",
        ),
        ("a full disk", "ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("another fault", "ERROR: it rains", "ERROR: it rains"),
    ):
        machine = Machine(scratch)
        machine.write("pip-says", says)
        status, output = machine.run()
        check(
            "%s: one clear sentence, status 75" % name,
            status == 75
            and output.splitlines()[1:]
            == [
                "setup: LibTorch 2.11.0 could not be downloaded: %s; mend that or give --torch DIR,"
                " and run it again" % want
            ],
            (status, output),
        )
        check("%s: no half-filled folder" % name, machine.left() == [], machine.left())

    machine = Machine(scratch)
    machine.write("pip-seconds", "30")
    process = machine.start()
    while not machine.told("pip"):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate()
    check("stopped in the middle: no half-filled folder", machine.left() == [], machine.left())
    machine.write("pip-seconds", "0")
    check("and the next one completes", machine.run()[0] == 0, machine.left())

    machine = Machine(scratch)
    os.makedirs(machine.torch())
    status, output = machine.run()
    check(
        "a folder that is no LibTorch is left alone",
        status == 65
        and output.endswith("remove it and run ./setup again\n")
        and machine.left() == ["torch-" + PINNED],
        (status, output),
    )
    machine = Machine(scratch)
    status, output = machine.run(XDG_CACHE_HOME="/proc/nowhere")
    check(
        "a cache that cannot be written",
        status == 65 and "/proc/nowhere/mneme: cannot be written" in output,
        (status, output),
    )


def driver(scratch):
    machine = Machine(scratch, driver=True)
    status, output = machine.run()
    asked = machine.told("pip").splitlines()
    check(
        "with a driver the CUDA libraries come too, by torch's own metadata",
        status == 0
        and len(asked) == 2
        and asked[1].endswith("cuda-toolkit[cublas]==13.0.2 nvidia-cudnn-cu13==9.19.0.56"),
        (status, output, asked),
    )
    machine = Machine(scratch)
    machine.run()
    shutil.copy(os.path.join(Machine(scratch, driver=True).bin, "nvidia-smi"), machine.bin)
    status, output = machine.run()
    check(
        "a driver that came later: the cache is completed",
        status == 0
        and os.path.exists(machine.torch() + "/nvidia/cudnn/lib/libcudnn.so.9")
        and os.path.exists(machine.torch() + "/torch/lib/libtorch_cpu.so")
        and machine.left() == ["torch-" + PINNED],
        (status, output, machine.left()),
    )
    check(
        "and then left alone",
        machine.run() == (0, LINE % (PINNED, machine.torch() + "/torch")),
        machine.told("pip"),
    )
    machine = Machine(scratch)
    status, output = machine.run("--cuda", "on")
    check(
        "--cuda on brings them without a driver",
        status == 0 and len(machine.told("pip").splitlines()) == 2 and "about 2 GB" in output,
        (status, output, machine.told("pip")),
    )
    machine = Machine(scratch, driver=True)
    status, output = machine.run("--cuda", "off")
    check(
        "--cuda off leaves them out with a driver",
        status == 0 and len(machine.told("pip").splitlines()) == 1 and "CUDA" not in output,
        (status, output, machine.told("pip")),
    )
    found = machine.run("--cuda", "maybe")
    check("--cuda takes auto, on and off", found[0] == 64, found)


def distributions(scratch):
    def said(text):
        path = os.path.join(scratch, "os-release")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return subprocess.run(
            ["bash", "-c", 'source "$1"; mneme_say_distribution "$2"', "bash", SETUP, path],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    for text, wanted in (
        ('ID=debian\nVERSION_ID="12"\n', ""),
        ('ID=ubuntu\nVERSION_ID="22.04"\n', "this is Ubuntu 22.04: untried; packages are asked"),
        ('ID=ubuntu\nVERSION_ID="24.04"\n', "this is Ubuntu 24.04: untried; packages are asked"),
        ("ID=arch\n", "this is arch: untried; what is known to work is Debian 12\n"),
    ):
        found = said(text)
        check(
            "it says what is known of %s" % " ".join(text.split()),
            found.startswith(wanted) and bool(found) == bool(wanted),
            found,
        )


def cmake(scratch):
    """A distribution whose CMake is too old, as Ubuntu 22.04's, or that has none."""

    def machine_with(version):
        machine = Machine(scratch)
        libtorch(machine.torch() + "/torch", PINNED)
        text = (
            "#!/bin/sh\necho cmake version %s\n" % version if version else "#!/bin/sh\nexit 127\n"
        )
        with open(os.path.join(machine.bin, "cmake"), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(os.path.join(machine.bin, "cmake"), 0o755)
        return machine

    for version in ("3.25.0", "3.31.4", "4.0.1"):
        machine = machine_with(version)
        found = machine.run()
        check(
            "CMake %s will do" % version,
            found == (0, LINE % (PINNED, machine.torch() + "/torch")) and not machine.told("pip"),
            found,
        )
    for version, here in (("3.22.1", "3.22.1"), ("", "none")):
        machine = machine_with(version)
        folder = os.path.join(machine.cache, "mneme", CMAKE)
        status, output = machine.run()
        said = output.splitlines()
        check(
            "where CMake is %s, it says what it downloads, and where from the rest goes on" % here,
            status == 0
            and said[0].startswith("to download, CMake %s: " % CMAKE[6:])
            and said[0].endswith("(here is %s, and 3.25 is needed)" % here)
            and said[1].startswith("CMake %s: %s/cmake/data/bin (" % (CMAKE[6:], folder)),
            (status, output),
        )
        check(
            "where CMake is %s, the wheel is asked for by hash, and once" % here,
            machine.run()[1].startswith("CMake %s: " % CMAKE[6:])
            and len(machine.told("pip").splitlines()) == 1
            and "--require-hashes" in machine.told("pip"),
            machine.told("pip"),
        )
        check(
            "where CMake is %s, only the finished folder is left" % here,
            machine.left() == [CMAKE, "torch-" + PINNED],
            machine.left(),
        )
        script = 'source "$1"; mneme_setup >/dev/null; command -v cmake; cmake --version'
        done = subprocess.run(
            ["bash", "-c", "set -euo pipefail; " + script, "bash", SETUP],
            capture_output=True,
            text=True,
            env={
                "PATH": machine.bin + ":/usr/bin:/bin",
                "HOME": machine.root,
                "XDG_CACHE_HOME": machine.cache,
                "STATE": machine.state,
            },
        )
        check(
            "where CMake is %s, the new one comes first for ./quickstart and ./test" % here,
            done.stdout.splitlines()
            == [folder + "/cmake/data/bin/cmake", "cmake version " + CMAKE[6:]],
            (done.stdout, done.stderr),
        )
    machine = machine_with("3.22.1")
    machine.write("pip-says", "WARNING: Retrying after connection broken")
    status, output = machine.run()
    check(
        "a CMake that cannot be downloaded: one clear sentence, status 75, no half-filled folder",
        status == 75
        and output.splitlines()[1:]
        == [
            "setup: CMake %s could not be downloaded: the package index cannot be reached; mend"
            " that or install CMake 3.25 or newer, and run it again" % CMAKE[6:]
        ]
        and machine.left() == ["torch-" + PINNED],
        (status, output, machine.left()),
    )


def main():
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        shutil.copy(SETUP, scratch)  # the checkout may be where only its owner reads
        packages(scratch)
        order(scratch)
        download(scratch)
        driver(scratch)
        distributions(scratch)
        cmake(scratch)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
