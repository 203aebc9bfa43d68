#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mneme data fetch against a server on this machine that also cuts off, lies, is busy and falls
asleep."""

import hashlib
import http.server
import json
import os
import struct
import sys
import threading
import time

from workspace import case, contains, equal, main

DESCRIPTION = """classes = 2
shape = [64, 64]
train_images = "train-images"
train_labels = "train-labels"
test_images = "test-images"
test_labels = "test-labels"
"""


def part(count, shade):
    labels = bytes(i % 2 for i in range(count))
    pixels = bytes((shade + i * 7 + k) % 256 for i in range(count) for k in range(4096))
    return (
        struct.pack(">IIII", 0x803, count, 64, 64) + pixels,
        struct.pack(">II", 0x801, count) + labels,
    )


FILES = dict(
    zip(("train-images", "train-labels", "test-images", "test-labels"), part(40, 1) + part(20, 90))
)


class Handler(http.server.BaseHTTPRequestHandler):
    """/MANNER/FILE. Requests are written down as (manner, file, first byte asked for)."""

    protocol_version = "HTTP/1.1"
    seen = []
    asleep = threading.Event()

    def log_message(self, *_):
        pass

    def do_GET(self):  # pylint: disable=invalid-name
        _, manner, name = self.path.split("/")
        asked = self.headers.get("Range")
        first = int(asked[len("bytes=") :].rstrip("-")) if asked else 0
        before = sum(1 for one in self.seen if one[:2] == (manner, name))
        self.seen.append((manner, name, first))
        content = FILES.get(name)
        if manner == "none" or content is None:
            return self.send_error(404)
        if manner == "busy" and before < 2:
            return self.send_error(503)
        if manner == "wrong":
            content = content[:-1] + b"\x7f"
        ranged = asked and manner != "deaf"
        body = content[first:] if ranged else content
        self.send_response(206 if ranged else 200)
        self.send_header("Content-Length", str(len(body)))
        if ranged:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("Connection", "close")
        self.end_headers()
        half = manner in ("cut", "deaf", "slow") and before == 0 or manner == "always-cut"
        self.wfile.write(body[: len(body) // 2] if half else body)
        self.wfile.flush()
        if half and manner == "slow":
            self.asleep.wait(20)
        self.close_connection = True
        return None


SERVER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
SERVER.daemon_threads = True
HOME = f"http://127.0.0.1:{SERVER.server_address[1]}/"
threading.Thread(target=SERVER.serve_forever, daemon=True).start()


def describe(workspace, manner="good", sums=True):
    text = DESCRIPTION + f'source = "{HOME}{manner}"\n'
    if sums:
        text += (
            f"sha256 = {json.dumps([hashlib.sha256(FILES[name]).hexdigest() for name in FILES])}\n"
        )
    os.makedirs(workspace.path("marks"), exist_ok=True)
    workspace.write("marks/bars.dataset.toml", text)
    Handler.seen.clear()


def fetch(workspace, *arguments, expect=0):
    return workspace.mneme(
        "data",
        "fetch",
        "bars",
        "--benchmarks",
        "marks",
        "--data",
        "got",
        "--patience",
        "2",
        *arguments,
        expect=expect,
    )


def have(workspace):
    """The files under their names, byte for byte, and nothing else in the folder."""
    found = {}
    for base, _, names in os.walk(workspace.path("got")):
        for name in names:
            with open(os.path.join(base, name), "rb") as file:
                found[
                    os.path.relpath(os.path.join(base, name), workspace.path("got"))
                ] = file.read()
    return found


WHOLE = {"bars/" + name: content for name, content in FILES.items()}


@case
def a_set_is_fetched_once(workspace):
    describe(workspace)
    out, err = fetch(workspace)
    equal(out, f"bars: {workspace.path('got', 'bars')}\n")
    contains(err, f"fetching {HOME}good/train-images")
    equal(have(workspace), WHOLE)
    Handler.seen.clear()
    answer = json.loads(fetch(workspace, "--json")[0])
    equal(answer["folder"], workspace.path("got", "bars"))
    equal(Handler.seen, [])


@case
def a_file_that_is_cut_off_is_gone_on_with(workspace):
    describe(workspace, "cut")
    fetch(workspace)
    equal(have(workspace), WHOLE)
    size = len(FILES["train-images"])
    equal([first for manner, name, first in Handler.seen if name == "train-images"], [0, size // 2])


@case
def a_server_that_cannot_go_on_is_asked_from_the_start(workspace):
    describe(workspace, "deaf")
    fetch(workspace)
    equal(have(workspace), WHOLE)


@case
def a_server_that_falls_asleep_is_woken(workspace):
    describe(workspace, "slow")
    began = time.monotonic()
    fetch(workspace)
    equal(have(workspace), WHOLE)
    assert time.monotonic() - began < 40


@case
def a_server_that_is_busy_is_asked_again(workspace):
    describe(workspace, "busy")
    err = fetch(workspace)[1]
    contains(err, f"{HOME}busy/train-images: the server answers 503")
    equal(have(workspace), WHOLE)


@case
def wrong_content_is_refused_and_nothing_is_left(workspace):
    describe(workspace, "wrong")
    err = fetch(workspace, expect=65)[1]
    wanted = hashlib.sha256(FILES["train-images"]).hexdigest()
    found = hashlib.sha256(FILES["train-images"][:-1] + b"\x7f").hexdigest()
    contains(
        err,
        f"{HOME}wrong/train-images: is not the published file (SHA-256 of its content {found});"
        f" expected {wanted}",
    )
    equal([name for name in have(workspace) if not name.startswith(".fetch-bars")], [])


@case
def wrong_content_without_sums_is_refused_by_what_is_in_it(workspace):
    describe(workspace, "wrong", sums=False)
    err = fetch(workspace, expect=65)[1]
    contains(err, "data set bars: what was fetched is refused: ")
    contains(err, "train-labels: label 39 (from 0) is 127; expected 0 to 1")
    equal([name for name in have(workspace) if not name.startswith(".fetch-bars.lock")], [])


@case
def what_is_not_there_is_said(workspace):
    describe(workspace, "none")
    err = fetch(workspace, expect=65)[1]
    contains(err, f"{HOME}none/train-images: the server answers 404")
    equal(len(Handler.seen), 1)


@case
def mirrors_are_asked_in_order(workspace):
    describe(workspace, "none")
    fetch(workspace, "--mirror", HOME + "wrong", "--mirror", HOME + "good/")
    equal(have(workspace), WHOLE)
    equal([manner for manner, name, _ in Handler.seen if name == "train-images"], ["wrong", "good"])


@case
def a_call_goes_on_where_an_earlier_one_stopped(workspace):
    describe(workspace, "always-cut")
    err = fetch(workspace, expect=75)[1]
    contains(err, "run the command again, it goes on where it stopped")
    left = have(workspace)
    assert any(name.endswith("train-images.part") for name in left), list(left)
    fetch(workspace, "--mirror", HOME + "good")
    equal(have(workspace), WHOLE)
    first = next(
        first for manner, name, first in Handler.seen if manner == "good" and name == "train-images"
    )
    assert first > 0, Handler.seen


@case
def nobody_answers(workspace):
    describe(workspace)
    err = fetch(workspace, "--mirror", "http://127.0.0.1:1/", expect=75)[1]
    contains(err, "http://127.0.0.1:1/train-images: ")


@case
def from_a_folder(workspace):
    describe(workspace, "none")
    os.makedirs(workspace.path("stick"))
    for name, content in FILES.items():
        with open(workspace.path("stick", name), "wb") as file:
            file.write(content)
    fetch(workspace, "--from", "stick")
    equal(have(workspace), WHOLE)
    equal(Handler.seen, [])
    assert os.path.exists(workspace.path("stick", "train-images"))


@case
def from_a_folder_that_lacks_a_file(workspace):
    describe(workspace, "none")
    os.makedirs(workspace.path("stick"))
    contains(
        fetch(workspace, "--from", "stick", expect=65)[1],
        "stick: has no train-images; name the folder that holds the files as published",
    )
    equal(list(have(workspace)), [".fetch-bars.lock"])


@case
def what_cannot_be_fetched(workspace):
    contains(
        workspace.mneme("data", "fetch", "usps", expect=65)[1],
        "data set usps: has no source to fetch it from; to get the set: pack zip.train",
    )
    contains(
        workspace.mneme("data", "fetch", expect=64)[1],
        "data fetch: names no data set; give one of those that `mneme data list` shows",
    )
    contains(
        workspace.mneme("data", "fetch", "mnits", expect=65)[1],
        'data set "mnits": not known; expected "mnist"',
    )
    os.makedirs(workspace.path("marks"))
    workspace.write("marks/bars.dataset.toml", DESCRIPTION + 'source = "ftp://x"\n')
    contains(
        fetch(workspace, expect=65)[1],
        'source is "ftp://x"; expected an address from http:// or https:// on',
    )


@case
def two_at_once(workspace):
    describe(workspace, "slow")
    one = workspace.start(
        "data", "fetch", "bars", "--benchmarks", "marks", "--data", "got", "--patience", "3"
    )
    while not Handler.seen:
        time.sleep(0.02)
    contains(fetch(workspace, expect=75)[1], "another mneme fetches this set; wait for it")
    one.communicate(timeout=60)
    equal(one.returncode, 0)
    equal(have(workspace), WHOLE)


sys.exit(main())
