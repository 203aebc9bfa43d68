#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every shipped plugin, the template of new-plugin, and a fixture that counts what the harness owes
it, pass every check that applies to them."""

import os
import sys

from examine import FILE, METHOD, PLUGINS, TEMPLATE, ZOO, examine, report

# Checks that may be left out, and what the reason must say.
MAY_SKIP = {
    "replicas": ("flagged single",),
    "steps": ("flagged eager",),
    "replay": ("flagged eager", "needs a GPU"),
    "learns": ("no [train] of this check fits it",),
}


def passes(path):
    _, seen, _ = examine(path)
    assert list(seen) == FILE + METHOD, list(seen)
    failed = {check: note for check, (verdict, note) in seen.items() if verdict == "fail"}
    assert not failed, failed
    for check, (verdict, note) in seen.items():
        assert verdict == "pass" or any(words in note for words in MAY_SKIP.get(check, ())), (
            check,
            note,
        )


def main():
    files = sorted(
        os.path.join(PLUGINS, name) for name in os.listdir(PLUGINS) if name.endswith(".so")
    )
    if not files:
        print(f"not ok plugins: there are none in {PLUGINS}")
        return 1
    return report(
        [
            (f"{os.path.basename(path)} passes", lambda path=path: passes(path))
            for path in [*files, TEMPLATE, os.path.join(ZOO, "counts_epochs.so")]
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
