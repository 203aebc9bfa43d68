# SPDX-License-Identifier: Apache-2.0
"""Writes the first images of a data set where Avalanche and Mammoth look for them."""

import pathlib
import pickle
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))
import streams  # finds and reads data sets


def mnist(folder, images, tests):
    """MNIST, or Fashion-MNIST under its names."""
    for name in ("mnist", "fashion-mnist"):
        found, ending = streams.find(name, streams.FILES)
        if found:
            break
    else:
        sys.exit("compare: no images: neither mnist nor fashion-mnist is here; see mneme data list")
    for file in streams.FILES:
        values = streams.read(found / (file + ending))[
            : images if file.startswith("train") else tests
        ]
        head = [0x803, len(values), 28, 28] if values.ndim == 2 else [0x801, len(values)]
        for place in ("MNIST/raw", "MNIST/MyMNIST/raw", "MNIST/MNIST/raw"):
            (folder / place).mkdir(parents=True, exist_ok=True)
            (folder / place / file).write_bytes(np.array(head, ">i4").tobytes() + values.tobytes())
    return name


def cifar100(folder, tasks, classes, images, tests):
    """Of CIFAR-100 the first images of each task, those that `mneme run --limit` takes, pickled as
    in the archive for Python."""
    files = ["train.bin", "test.bin"]
    found, ending = streams.find("cifar-100-binary", files)
    if not found or ending:
        sys.exit(
            "compare: no images: cifar-100-binary is not here, unpacked; README.md says how to get"
            " it, --only permuted --only rotated does without"
        )
    place = folder / "cifar-100-python"
    place.mkdir()
    for file, count in zip(files, (images, tests)):
        pixels, labels = streams.read(found / file)
        rows = np.sort(
            np.concatenate([np.flatnonzero(labels // classes == t)[:count] for t in range(tasks)])
        )
        part = {"data": pixels[rows], "fine_labels": labels[rows].tolist()}
        (place / pathlib.Path(file).stem).write_bytes(pickle.dumps(part))
    names = {"fine_label_names": [str(label) for label in range(tasks * classes)]}
    (place / "meta").write_bytes(pickle.dumps(names))
    return "cifar-100"
