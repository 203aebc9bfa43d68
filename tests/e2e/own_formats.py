# SPDX-License-Identifier: Apache-2.0
"""Data sets of the user's own as pictures in folders, as HDF5 and as texts, from a folder outside
of everything: checked, trained on, refused."""

import csv
import json
import os
import random
import struct
import zlib

from workspace import case, main

BENCHMARK = """version = "1"
title = "Two tasks of two"
reference = "made by a test"
[stream]
kind = "split"
dataset = "mine"
classes_per_task = 2
[scenario]
kind = "class"
[network]
{network}
[train]
optimizer = "adam"
lr = 0.01
batch_size = 10
epochs = 3
"""
MLP = 'kind = "mlp"\nhidden = [16]'
TEXT = 'kind = "text-cnn"\nfilters = 8'
COUNTS = (("train", 1, 200), ("test", 2, 80))


def pictures(count, seed):
    """Rows of 4 x 4 pixels with row k bright for label k."""
    draw = random.Random(seed)
    for i in range(count):
        label = i % 4
        yield label, [
            [draw.randrange(200, 256) if row == label else draw.randrange(0, 60) for _ in range(4)]
            for row in range(4)
        ]


def png(rows, bits=8):
    def chunk(kind, content):
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    def line(row):
        return bytes(row) if bits == 8 else struct.pack(f">{len(row)}H", *(v * 257 for v in row))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), bits, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + line(row) for row in rows)))
        + chunk(b"IEND", b"")
    )


def put(workspace, path, content):
    os.makedirs(os.path.dirname(workspace.path(path)), exist_ok=True)
    with open(workspace.path(path), "wb") as file:
        file.write(content)


def describe(workspace, text, network=MLP):
    os.makedirs(workspace.path("mine"), exist_ok=True)
    workspace.write("mine/mine.dataset.toml", text)
    workspace.write("mine/two.toml", BENCHMARK.format(network=network))


def learned(workspace):
    """What joint scores on the benchmark: it has seen everything."""
    workspace.write(
        "suite.toml",
        'benchmarks = ["two"]\nseeds = 1\n[[method]]\nplugin = "finetune"\n[[method]]\nplugin ='
        ' "joint"\n',
    )
    workspace.mneme("run", "suite.toml", "-o", "r", "--benchmarks", "mine", want=0)
    board = workspace.board("r")["leaderboards"][0]
    return board["oracles"][0]["score"]["mean"]


def checked(workspace, want=0):
    return workspace.mneme("data", "check", "mine", "--data", "mine", want=want).stdout


@case
def pictures_in_folders(workspace):
    for part, seed, count in COUNTS:
        for i, (label, rows) in enumerate(pictures(count, seed)):
            put(workspace, f"mine/{part}/row {label}/{i}.png", png(rows))
    describe(
        workspace,
        'format = "folders"\nclasses = 4\nshape = [4, 4]\ntrain = "train"\ntest = "test"\n',
    )
    assert "200 training and 80 test examples" in checked(workspace)
    assert learned(workspace) > 0.9
    put(workspace, "mine/train/row 0/0.png", png([[0] * 5] * 4))
    assert "mine/train/row 0/0.png: the picture is 4 x 5; expected 4 x 4" in checked(
        workspace, want=65
    )


def enlarged(rows, down, right):
    """Each pixel as a rectangle."""
    return [[pixel for pixel in row for _ in range(right)] for row in rows for _ in range(down)]


@case
def pictures_of_many_sizes_and_of_16_bits_are_those_of_one_size(workspace):
    text = 'format = "folders"\nclasses = 4\nshape = [4, 4]\ntrain = "train"\ntest = "test"\n'
    scores = []
    for bits, sized in ((8, False), (8, True), (16, True)):
        draw = random.Random(3)
        for part, seed, count in COUNTS:
            for i, (label, rows) in enumerate(pictures(count, seed)):
                if sized:
                    rows = enlarged(rows, draw.randrange(1, 9), draw.randrange(1, 9))
                put(workspace, f"mine/{part}/row {label}/{i}.png", png(rows, bits))
        keys = ('resize = "area"\n' if sized else "") + ("bits = 16\n" if bits == 16 else "")
        if sized:
            describe(workspace, text)
            assert "in the data set's description" in checked(workspace, want=65)
        describe(workspace, text + keys)
        assert "200 training and 80 test examples" in checked(workspace)
        scores.append(learned(workspace))
    assert scores[0] > 0.9 and scores == [scores[0]] * 3, scores


@case
def hdf5(workspace):
    import h5py  # pylint: disable=import-outside-toplevel
    import numpy  # pylint: disable=import-outside-toplevel

    for part, seed, count in COUNTS:
        labels, rows = zip(*pictures(count, seed))
        os.makedirs(workspace.path("mine"), exist_ok=True)
        with h5py.File(workspace.path("mine", part + ".h5"), "w") as file:
            file.create_dataset("x", data=numpy.array(rows, dtype="uint8"), compression="gzip")
            file["y"] = numpy.array(labels)
    describe(
        workspace,
        'format = "hdf5"\nclasses = 4\nshape = [4, 4]\ntrain = "train.h5"\ntest = "test.h5"\n',
    )
    assert "200 training and 80 test examples" in checked(workspace)
    assert learned(workspace) > 0.9
    with h5py.File(workspace.path("mine", "test.h5"), "a") as file:
        file["y"][3] = 4
    assert "test.h5: label 3 (from 0) is 4; expected 0 to 3" in checked(workspace, want=65)


def texts(workspace):
    words = ["alpha", "beta", "gamma", "delta"]
    for part, seed, count in COUNTS:
        draw = random.Random(seed)
        os.makedirs(workspace.path("mine"), exist_ok=True)
        with open(workspace.path("mine", part + ".csv"), "w", newline="", encoding="utf-8") as file:
            sheet = csv.writer(file)
            sheet.writerow(["text", "category"])
            for i in range(count):
                filler = ["some", '"word"', "and,", "more\nof", "them"]
                draw.shuffle(filler)
                sheet.writerow(
                    [" ".join(filler[:3] + [words[i % 4]] + filler[3:]), "class " + words[i % 4]]
                )


TEXTS = (
    'format = "csv"\nclasses = 4\ntrain = "train.csv"\ntest = "test.csv"\nlength = 12\nnumbers'
    " = 8\n"
)


@case
def texts_with_drawn_vectors(workspace):
    texts(workspace)
    describe(workspace, TEXTS + "seed = 3\n", TEXT)
    said = checked(workspace)
    assert (
        "200 training and 80 test examples, 12 tokens a text, words drawn as vectors of 8 normal"
        " numbers, seed 3" in said
    ), said
    assert learned(workspace) > 0.9
    said = workspace.mneme("describe", "two", "--benchmarks", "mine", "--json", want=0).stdout
    other = json.loads(said)["digest"]
    describe(workspace, TEXTS + "seed = 4\n", TEXT)
    assert (
        json.loads(
            workspace.mneme("describe", "two", "--benchmarks", "mine", "--json", want=0).stdout
        )["digest"]
        != other
    )


@case
def texts_with_vectors_of_the_users_own(workspace):
    texts(workspace)
    vocabulary = ["[PAD]", "[UNK]", "al", "##pha", "beta", "gam", "##ma", "delta"]
    workspace.write("mine/vocab.txt", "\n".join(vocabulary) + "\n")
    draw = random.Random(5)
    values = struct.pack("<64f", *(draw.gauss(0, 1) for _ in range(64)))
    header = json.dumps(
        {
            "bert.embeddings.word_embeddings.weight": {
                "dtype": "F32",
                "shape": [8, 8],
                "data_offsets": [0, 256],
            }
        }
    ).encode()
    put(workspace, "mine/model.safetensors", struct.pack("<Q", len(header)) + header + values)
    describe(workspace, TEXTS + 'vocabulary = "vocab.txt"\nvectors = "model.safetensors"\n', TEXT)
    assert "WordPiece of vocabulary" in checked(workspace)
    assert learned(workspace) > 0.9


@case
def descriptions_that_do_not_fit(workspace):
    texts(workspace)
    for text, word in (
        (
            TEXTS + 'vocabulary = "vocab.txt"\n',
            (
                'the data set has no vectors; expected vocabulary = "vocab.txt" and vectors ='
                ' "model.safetensors"'
            ),
        ),
        (
            TEXTS.replace('"csv"', '"cvs"'),
            ('mine.dataset.toml:1:10: unknown format "cvs"; the nearest known one is "csv"'),
        ),
        (TEXTS + "shape = [4, 4]\n", 'unknown key "shape" in a data set of format csv'),
        (
            TEXTS.replace("length = 12", "length = 0"),
            "length is 0; expected an integer from 1 to 4096",
        ),
        (
            'format = "folders"\nclasses = 4\nshape = [2, 4, 4]\ntrain = "train"\ntest = "test"\n',
            "shape has 2 channels; expected 1 (grey) or 3 (red, green, blue)",
        ),
        (
            'format = "clinc150"\nclasses = 4\n',
            'unknown key "classes" in a data set of format clinc150',
        ),
    ):
        describe(workspace, text, TEXT)
        said = workspace.mneme("describe", "two", "--benchmarks", "mine", want=65).stderr
        assert word in said, (word, said)


main()
