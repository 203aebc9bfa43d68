#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`run` says which methods failed the examination or never had one, by the digest of their file."""

import hashlib
import json
import os
import sys

from workspace import PLUGINS, case, contains, equal, main


def keep(workspace, plugin, checks, sha256=None):
    with open(os.path.join(PLUGINS, plugin + ".so"), "rb") as file:
        own = hashlib.sha256(file.read()).hexdigest()
    content = {"examined_utc": "2026-11-01T00:00:00Z", "checks": checks}
    text = json.dumps(content, separators=(",", ":"))
    record = {"sha256": sha256 or hashlib.sha256(text.encode()).hexdigest(), "content": content}
    folder = workspace.path("cache", "mneme", "checks")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, own + ".json"), "w", encoding="utf-8") as file:
        json.dump(record, file)


def check(verdict, name="process", method="er"):
    return {"method": method, "check": name, "verdict": verdict, "note": ""}


@case
def methods_that_nobody_examined_are_named(workspace):
    _, err = workspace.run("--dry-run")
    contains(
        err,
        "never examined as they are: finetune, er; `mneme check FILE.so` examines a plugin",
    )


@case
def a_method_that_failed_is_named_with_its_checks(workspace):
    keep(workspace, "er", [check("fail"), check("pass", "learns"), check("fail", "symbol", "")])
    keep(workspace, "finetune", [check("pass", method="finetune"), check("fail")])
    _, err = workspace.run("--dry-run")
    contains(err, "er.so: er failed the examination of 2026-11-01T00:00:00Z (process, symbol); ")
    assert "never examined" not in err and "finetune failed" not in err, err


@case
def a_record_that_was_changed_counts_as_none(workspace):
    keep(workspace, "er", [check("pass")], sha256="0" * 64)
    keep(workspace, "finetune", [check("pass")])
    contains(workspace.run("--dry-run")[1], "never examined as it is: er; ")


@case
def shipped_methods_are_not_named(workspace):
    _, err = workspace.mneme("run", "suite.toml", "-o", "out", "--dry-run")
    equal([line for line in err.splitlines() if "examined" in line], [])


sys.exit(main())
