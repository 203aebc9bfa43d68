#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the preset `fuzz` below a build folder and runs its targets: fuzz.py SOURCE BUILD TORCH
[SECONDS [TARGET...]]

Each target begins with sound inputs made here; what it finds new is kept in
BUILD/fuzz/corpus/TARGET for the next time, what breaks it in
BUILD/fuzz/faults/."""

import gzip
import io
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib


def idx(dimensions, data):
    return (
        struct.pack(">HBB", 0, 8, len(dimensions))
        + struct.pack(">%dI" % len(dimensions), *dimensions)
        + data
    )


def tar(entries, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.USTAR_FORMAT) as file:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


def png(columns, rows, depth, colour, raw):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    palette = chunk(b"PLTE", bytes(range(12))) if colour == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, depth, colour, 0, 0, 0))
        + palette
        + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )


def jpeg(columns, rows, components, frame=0xC0):
    """Grey all over: each block has the difference 0 to the one before it, and ends."""

    def segment(marker, data):
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    table = (
        bytes([1]) + bytes(15) + b"\0"
    )  # one code of one bit: 0 (of a difference, no bits follow; of a block, its end)
    parts = range(1, components + 1)
    head = segment(0xDB, b"\0" + b"\1" * 64) + segment(
        frame,
        struct.pack(">BHHB", 8, rows, columns, components)
        + b"".join(bytes([c, 0x11, 0]) for c in parts),
    )
    scan = (
        bytes([components])
        + b"".join(bytes([c, 0]) for c in parts)
        + (b"\0\0\0" if frame == 0xC2 else b"\0\x3f\0")
    )
    return (
        head
        + segment(0xC4, b"\0" + table)
        + segment(0xC4, b"\x10" + table)
        + segment(0xDA, scan)
        + bytes([0xFF >> (2 * components)])
        + b"\xff\xd9"
    )


def hdf5():
    """A file of two 2 x 3 pictures and their labels, in each of the ways that HDF5 lays values
    out."""
    import h5py
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        for way in (
            {},
            {"chunks": True},
            {"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True},
            {"libver": "latest"},
        ):
            path, version = os.path.join(folder, "x.h5"), way.pop("libver", "earliest")
            with h5py.File(path, "w", libver=version) as file:
                file.create_dataset("x", data=numpy.arange(12, dtype="u1").reshape(2, 2, 3), **way)
                file.create_dataset("y", data=numpy.array([0, 2], dtype="i2"), **way)
            with open(path, "rb") as file:
                yield file.read()


def seeds(name, source, build):
    if name == "idx":
        return [
            idx([3], b"\0\1\2"),
            idx([2, 2, 3], bytes(12)),
            idx([2, 3, 2, 2], bytes(24)),
            gzip.compress(idx([2], b"\1\0")),
        ]
    if name == "cifar":
        records = [b"\0\1....", b"\2\2....", b"\1\0....", b"\0\0...."]
        files = [
            ("set/a.bin", b"".join(records)),
            ("set/b.bin", records[0]),
            ("set/test.bin", b"".join(records[:2])),
        ]
        return [tar(files), tar(files, "w:gz"), tar([("set/readme.txt", b"x" * 600)] + files)]
    if name == "hdf5":
        return list(hdf5())
    if name == "jpeg":
        return [
            jpeg(5, 7, 1),
            jpeg(5, 7, 3),
            jpeg(5, 7, 1, 0xC2),
            jpeg(5, 7, 3, 0xC1),
            jpeg(9, 9, 1),
        ]
    if name == "png":
        return [
            png(5, 7, 8, 0, bytes(42)),
            png(5, 7, 8, 2, bytes(7 * 16)),
            png(5, 7, 1, 0, bytes(14)),
            png(5, 7, 2, 3, bytes(21)),
            png(5, 7, 16, 6, bytes(7 * 41)),
        ]
    if name == "omniglot":
        return [b"", b"\0\0mneme omniglot 1 ", b"\1\0" + bytes(320)]
    if name == "text":
        sheet = b'text,category\n"how, ""so""?",a\r\nwhy not,b\n'
        texts = {split: [["how so", "a"], ["why not", "b"]] for split in ("train", "val", "test")}
        header = json.dumps(
            {"x.word_embeddings.weight": {"dtype": "F32", "shape": [5, 3], "data_offsets": [0, 60]}}
        ).encode()
        vectors = struct.pack("<Q", len(header)) + header + bytes(60)
        return [kind + sheet + b"\0" + sheet for kind in (b"\0", b"\1")] + [
            b"\2"
            + json.dumps(texts).encode()
            + b"\0"
            + json.dumps({"d": ["a"], "e": ["b"]}).encode(),
            b"\3[PAD]\n[UNK]\nthe\nbar\n##s\n\0" + vectors,
        ]
    if name == "toml":
        files = [(0, p) for p in sorted((source / "benchmarks/standard").glob("*.toml"))] + [
            (1, p) for p in sorted((source / "benchmarks/suites").glob("*.toml"))
        ]
        described = (
            b'title = "t"\nclasses = 4\nshape = [28, 28]\ntrain_images = "a"\ntrain_labels ='
            b' "b"\ntest_images = "c"\ntest_labels = "d"\n'
        )
        return [bytes([kind]) + path.read_bytes() for kind, path in files] + [
            b"\2" + described,
            b'\3{"suite":"s","cells":[]}',
        ]
    note = b"id=x\nsdk=1.0\nlicence=\nmethod=x\nflags=oracle\n"
    plugins = sorted(build.glob("plugins/*.so"))[:1] + sorted(
        (build / "tests/fixtures").glob("**/good_c.so")
    )
    return [note] + [path.read_bytes() for path in plugins]


def build_targets(source, build, torch):
    folder = build / "fuzz"
    commands = (
        [
            "cmake",
            "--preset",
            "fuzz",
            "-S",
            str(source),
            "-B",
            str(folder),
            "-DMNEME_TORCH=" + torch,
        ],
        ["cmake", "--build", str(folder), "--target", "mneme_fuzz"],
    )
    for command in commands:
        ended = subprocess.run(
            command,
            cwd=source,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if ended.returncode:
            print(ended.stdout[-4000:])
            print(
                "not ok the fuzz targets are built: %s ends with %d"
                % (" ".join(command[:3]), ended.returncode)
            )
            sys.exit(1)
    return folder


def run(folder, name, inputs, seconds):
    corpus, faults = folder / "corpus" / name, folder / "faults"
    corpus.mkdir(parents=True, exist_ok=True)
    faults.mkdir(exist_ok=True)
    for number, data in enumerate(inputs):
        (corpus / ("sound-%d" % number)).write_bytes(data)
    longest = max(4096, max(map(len, inputs)))
    command = [
        str(folder / "fuzz" / ("mneme_fuzz_" + name)),
        str(corpus),
        "-max_total_time=%d" % seconds,
        "-max_len=%d" % longest,
        "-timeout=%d" % (120 if name == "hdf5" else 20),
        "-rss_limit_mb=3000",
        "-artifact_prefix=%s/%s-" % (faults, name),
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    environment = {
        **os.environ,
        "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1:max_allocation_size_mb=2900",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    }
    ended = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    executed = [
        line.split()[-1]
        for line in ended.stdout.splitlines()
        if line.startswith("stat::number_of_executed_units")
    ]
    if ended.returncode or not executed or int(executed[0]) < 100:
        print("\n".join(ended.stdout.splitlines()[-60:]))
        print("not ok %s, %d s of fuzzing: it ends with %d" % (name, seconds, ended.returncode))
        return False
    print("ok %s, %d s of fuzzing, %s inputs" % (name, seconds, executed[0]))
    return True


def main():
    source, build, torch = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 60
    names = sys.argv[5:] or [
        "idx",
        "cifar",
        "hdf5",
        "jpeg",
        "png",
        "omniglot",
        "text",
        "toml",
        "plugin",
    ]
    if not shutil.which("clang++"):
        print("skip fuzz targets: clang++ is not here; run apt-get install clang")
        return 0
    folder = build_targets(source, build, torch)
    return (
        0 if all([run(folder, name, seeds(name, source, build), seconds) for name in names]) else 1
    )


sys.exit(main())
