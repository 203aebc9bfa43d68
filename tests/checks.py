# SPDX-License-Identifier: Apache-2.0
"""Lines for tests that are no cases of a workspace: `ok NAME`, or `not ok NAME: WHY`."""

failed = False  # a check did not hold


def check(name, holds, why=""):
    """Whether it holds. Of a long `why` the end is shown, where a command says what is wrong."""
    global failed
    failed = failed or not holds
    why = str(why).strip().replace("\n", " | ")[-1500:]
    print("ok %s" % name if holds else "not ok %s: %s" % (name, why), flush=True)
    return holds
