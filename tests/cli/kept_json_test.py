#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is kept in the cache between calls is believed only as it was written, and is bounded."""

import os
import sys

from workspace import PLUGINS, case, equal, main

DESCRIBE = ("describe", "er", "--plugins", PLUGINS, "--json")


def kept(workspace):
    folder = workspace.path("cache", "mneme", "describe")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


@case
def an_answer_that_was_changed_is_asked_for_again(workspace):
    sound, _ = workspace.mneme(*DESCRIBE)
    equal(workspace.mneme(*DESCRIBE, MNEME_WORKER="/bin/false")[0], sound)
    (path,) = kept(workspace)
    with open(path, "rb") as file:
        content = file.read()
    changes = {
        "a letter": content.replace(b"penalty", b"penaltx", 1),
        "cut": content[: len(content) // 2],
        "empty": b"",
        "another value": b"[]",
        "no digest": b'{"content": []}',
    }
    for what, changed in changes.items():
        assert changed != content, what
        with open(path, "wb") as file:
            file.write(changed)
        workspace.mneme(*DESCRIBE, MNEME_WORKER="/bin/false", expect=70)
        equal(workspace.mneme(*DESCRIBE)[0], sound)


@case
def the_oldest_are_removed_beyond_a_hundred(workspace):
    workspace.mneme(*DESCRIBE)
    (path,) = kept(workspace)
    for number in range(150):
        other = os.path.join(os.path.dirname(path), f"{number:064}-0.0.json")
        with open(other, "wb") as file:
            file.write(b"{}")
        os.utime(other, (1000 + number, 1000 + number))
    os.remove(path)
    workspace.mneme(*DESCRIBE)
    names = [os.path.basename(name) for name in kept(workspace)]
    equal(len(names), 100)
    assert os.path.basename(path) in names
    assert f"{149:064}-0.0.json" in names and f"{0:064}-0.0.json" not in names


sys.exit(main())
