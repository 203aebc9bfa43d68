# SPDX-License-Identifier: Apache-2.0
"""What bad input gets: a sentence with the place, the fault and the remedy, the right exit code,
and nothing left behind."""

import gzip
import hashlib
import os
import shutil
import struct
import subprocess

from workspace import BENCHMARK, Workspace, Skip, case, main


def refused(workspace, suite, words, want=65, arguments=()):
    done = workspace.mneme("run", suite, "-o", "r", *arguments, want=want)
    for word in words if isinstance(words, (list, tuple)) else [words]:
        assert word in done.stderr, (word, done.stderr)
    assert len(done.stderr.strip().splitlines()) <= 2, done.stderr
    left = [
        f
        for _, _, files in os.walk(workspace.path("r"))
        for f in files
        if f.endswith(".h5") or ".tmp" in f
    ]
    assert not left, left


@case
def toml_syntax(workspace):
    refused(
        workspace, workspace.write("s.toml", 'benchmarks = ["toy.toml"\nseeds = 2\n'), "s.toml:2:"
    )


@case
def an_unknown_key_of_the_suite(workspace):
    refused(
        workspace,
        workspace.write(
            "s.toml", 'benchmarks = ["toy.toml"]\nseedz = 2\n[[method]]\nplugin = "finetune"\n'
        ),
        ["s.toml:2:1", "seedz", "seeds"],
    )


@case
def an_unknown_option_of_a_method(workspace):
    refused(
        workspace,
        workspace.suite('plugin = "ewc"\nlamda = 3'),
        ["suite.toml:6:", "lamda is not an option of ewc; did you mean lambda?"],
    )


@case
def an_option_of_the_wrong_type(workspace):
    refused(
        workspace,
        workspace.suite('plugin = "ewc"\nlambda = "big"'),
        ["suite.toml:6:", 'lambda = "big" is of the wrong type; expected a number'],
    )


@case
def an_option_out_of_bounds(workspace):
    refused(
        workspace,
        workspace.suite('plugin = "ewc"\nlambda = -1'),
        ["suite.toml:6:", "lambda = -1 is out of bounds; expected lambda >= 0"],
    )


@case
def a_choice_that_is_none(workspace):
    refused(
        workspace,
        workspace.suite('plugin = "ewc"\nfisher = "exakt"'),
        [
            "suite.toml:6:",
            'fisher = "exakt" is not a choice; use one of exact, sample, empirical, batched',
        ],
    )


@case
def a_rate_out_of_bounds(workspace):
    refused(
        workspace,
        workspace.suite('plugin = "finetune"\ntrain = { lr = 0 }'),
        ["suite.toml:6:", "lr"],
    )


@case
def an_unknown_plugin(workspace):
    refused(
        workspace,
        workspace.suite("finetun"),
        ["suite.toml:4:", 'unknown plugin "finetun"; the nearest known one is "finetune"'],
    )


@case
def an_unknown_benchmark(workspace):
    refused(
        workspace,
        workspace.write(
            "s.toml",
            'benchmarks = ["rotated-mnist-21"]\nseeds = 1\n[[method]]\nplugin = "finetune"\n',
        ),
        ["s.toml:1:", "rotated-mnist-20"],
    )


@case
def an_unknown_stream(workspace):
    workspace.write(
        "toy.toml",
        BENCHMARK.format(tasks=3, examples=10, scenario="domain").replace(
            '"synthetic"', '"rotatd"'
        ),
    )
    refused(workspace, workspace.suite("finetune"), ["toy.toml:3:", "rotatd", "rotated"])


@case
def an_unknown_data_set(workspace):
    workspace.write(
        "toy.toml",
        '[stream]\nkind = "rotated"\ndataset = "mnits"\ntasks = 3\ndegrees_per_task ='
        ' 9.0\n[scenario]\nkind = "domain"\n[network]\nkind = "mlp"\nhidden = [4]\n',
    )
    refused(workspace, workspace.suite("finetune"), ["toy.toml:3:", "mnits", "mnist"])


@case
def two_methods_with_one_label(workspace):
    refused(workspace, workspace.suite("finetune", "finetune"), ["suite.toml:", "finetune"])


def data_benchmark(workspace):
    workspace.write(
        "toy.toml",
        '[stream]\nkind = "rotated"\ndataset = "usps"\ntasks = 3\ndegrees_per_task ='
        ' 9.0\n[scenario]\nkind = "domain"\n[network]\nkind = "mlp"\nhidden = [4]\n',
    )


@case
def a_missing_data_set(workspace):
    data_benchmark(workspace)
    refused(workspace, workspace.suite("finetune"), ["usps-train-images-idx3-ubyte"])


@case
def a_truncated_data_file(workspace):
    data_benchmark(workspace)
    os.makedirs(workspace.path("data/usps"))
    for split, n in (("train", 7291), ("test", 2007)):
        with open(workspace.path(f"data/usps/usps-{split}-images-idx3-ubyte"), "wb") as file:
            file.write(struct.pack(">4I", 0x803, n, 16, 16) + bytes(100))
        with open(workspace.path(f"data/usps/usps-{split}-labels-idx1-ubyte"), "wb") as file:
            file.write(struct.pack(">2I", 0x801, n) + bytes(n))
    refused(
        workspace,
        workspace.suite("finetune"),
        ["usps-train-images-idx3-ubyte"],
        arguments=("--data", workspace.path("data")),
    )


@case
def an_altered_data_file(workspace):
    folder = "/usr/share/datasets/fashion-mnist"
    if not os.path.isdir(folder):
        raise Skip("Debian's dataset-fashion-mnist is not installed")
    shutil.copytree(folder, workspace.path("data/fashion-mnist"))
    path = workspace.path("data/fashion-mnist/t10k-labels-idx1-ubyte.gz")
    payload = bytearray(gzip.open(path).read())
    payload[100] ^= 1
    os.chmod(path, 0o644)
    with gzip.open(path, "wb") as file:
        file.write(bytes(payload))
    workspace.write(
        "toy.toml",
        '[stream]\nkind = "rotated"\ndataset = "fashion-mnist"\ntasks = 2\ndegrees_per_task ='
        ' 9.0\n[scenario]\nkind = "domain"\n[network]\nkind = "mlp"\nhidden = [4]\n',
    )
    refused(
        workspace,
        workspace.suite("finetune"),
        ["t10k-labels-idx1-ubyte"],
        arguments=("--data", workspace.path("data")),
    )


@case
def cuda_without_a_gpu(workspace):
    if os.path.exists("/dev/nvidiactl"):
        raise Skip("this machine has a GPU")
    refused(
        workspace,
        workspace.suite("finetune"),
        ["--device cuda", "--device cpu"],
        arguments=("--device", "cuda"),
    )


@case
def a_folder_that_cannot_be_written(workspace):
    workspace.write("file", "")
    done = workspace.mneme(
        "run", workspace.suite("finetune"), "-o", workspace.path("file/below"), want=65
    )
    assert "file" in done.stderr, done.stderr


@case
def a_full_disk_is_temporary(workspace):
    os.makedirs(workspace.path("small"))
    if (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", workspace.path("small")],
            stderr=subprocess.DEVNULL,
        ).returncode
        != 0
    ):
        raise Skip("a small file system can be mounted by root only")
    try:
        done = workspace.mneme("run", workspace.suite("finetune"), "-o", workspace.path("small/r"))
        assert done.returncode == 75, (done.returncode, done.stderr)
        assert "space" in done.stderr, done.stderr
        assert not [
            f
            for _, _, files in os.walk(workspace.path("small"))
            for f in files
            if f.endswith(".h5")
            and os.path.getsize(os.path.join(workspace.path("small"), "r/runs", f)) == 0
        ]
    finally:
        subprocess.run(["umount", workspace.path("small")], check=True)


@case
def a_truncated_results_file(workspace):
    workspace.mneme("run", workspace.suite("finetune", seeds="1"), "-o", "r", want=0)
    whole = open(workspace.path("r/results.h5"), "rb").read()
    with open(workspace.path("cut.h5"), "wb") as file:
        file.write(whole[: len(whole) // 2])
    done = workspace.mneme("leaderboard", "cut.h5", want=65)
    assert "cut.h5" in done.stderr, done.stderr
    workspace.mneme("validate", "cut.h5", want=65)


@case
def a_results_file_of_a_higher_major(workspace):
    import h5py

    workspace.mneme("run", workspace.suite("finetune", seeds="1"), "-o", "r", want=0)
    path = workspace.path("r/results.h5")
    with h5py.File(path, "r+") as file:
        file.attrs.modify("schema_major", 2)
        digest = file.attrs["content_digest"]
    digest = digest if isinstance(digest, bytes) else digest.encode()
    with open(path, "rb") as file:
        content = file.read()
    found = hashlib.sha256(content.replace(digest, b"0" * 64)).hexdigest()
    with open(path, "wb") as file:  # as its writer would have left it
        file.write(content.replace(digest, found.encode()))
    done = workspace.mneme("leaderboard", "r/results.h5", want=65)
    assert "schema major 2 is newer" in done.stderr, done.stderr


@case
def words_that_are_no_command(workspace):
    workspace.mneme("runn", want=64)
    workspace.mneme("run", want=64)


if __name__ == "__main__":
    main()
