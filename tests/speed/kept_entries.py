# SPDX-License-Identifier: Apache-2.0
"""Files of measurements that are made one by one."""

import json
import os


def keep(path, part, entry, name):
    """Writes an entry into the list `part` of a file, in place of the one of its name, if any."""
    entries = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            entries = {name(one): one for one in json.load(file)[part]}
    entries[name(entry)] = entry
    with open(path, "w", encoding="utf-8") as file:
        json.dump({part: list(entries.values())}, file, indent=1)
        file.write("\n")
