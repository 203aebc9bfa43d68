# SPDX-License-Identifier: Apache-2.0
"""Other headers than the one that is there, for the judges of the border to be tried on."""

import os
import re

PAGE = re.compile(r"#include <(mneme/abi/\w+\.h)>\n")


def whole(include):
    """abi.h with its pages in place of their names: a release candidate of before had one page."""

    def text(name, seen):
        seen.add(name)
        with open(os.path.join(include, name), encoding="utf-8") as file:
            page = file.read().replace("#include <mneme/abi.h>\n", "")
        return PAGE.sub(lambda m: "" if m[1] in seen else text(m[1], seen), page)

    return text("mneme/abi.h", set())


def put(header, folder):
    """Makes `header` what <mneme/abi.h> finds in the folder."""
    os.mkdir(os.path.join(folder, "mneme"))
    with open(os.path.join(folder, "mneme/abi.h"), "w", encoding="utf-8") as file:
        file.write(header)


def edits(header):
    """Of one table: two slots of one type swapped, a slot put into the middle, one put to the end,
    one taken out."""
    slot, other = (
        re.search(r"    int64_t \(\*%s\)\(const mneme_net\*\);.*\n" % name, header).group()
        for name in ("parameters", "columns")
    )
    novel, end = "    void (*novel)(void);\n", "} mneme_net_api;"
    return (
        header.replace(slot + other, other + slot),
        header.replace(slot, novel + slot),
        header.replace(end, novel + end),
        header.replace(other, ""),
    )
