#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges the pages: docs.py SOURCE_FOLDER. A fenced block behind `<!-- quote FILE -->` stands in
FILE word for word; links lead somewhere;
the page for authors names every check, and every part of the SDK."""

import os
import re
import sys

ROOT = sys.argv[1]
QUOTE = re.compile(r"<!-- quote (\S+) -->\n```[a-z]*\n(.*?)```", re.S)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
NAME = re.compile(r"`((?:sdk|plugins|benchmarks|results_schema|harness|tests|docs)/[\w./-]+)`")


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def pages():
    return ["README.md", "CONTRIBUTING.md"] + sorted(
        os.path.join("docs", name)
        for name in os.listdir(os.path.join(ROOT, "docs"))
        if name.endswith(".md")
    )


def drifted(page, content):
    """Quotes of the page that their file does not hold."""
    return [
        f"{page} quotes {path}, which does not have: {quoted.strip().splitlines()[0].strip()}"
        for path, quoted in QUOTE.findall(content)
        if not os.path.exists(os.path.join(ROOT, path)) or quoted not in text(path)
    ]


def dead_links(page, content):
    folder = os.path.dirname(page)
    links = [
        link
        for link in LINK.findall(content)
        if not os.path.exists(os.path.join(ROOT, folder, link))
    ]
    names = [name for name in NAME.findall(content) if not os.path.exists(os.path.join(ROOT, name))]
    return [f"{page} names {name}, which is not there" for name in links + names]


def checks_without_a_word():
    named = re.findall(r'^    \{"([a-z ]+)", "', text("harness/protocol/checks.hpp"), re.M)
    page = text("docs/write_a_plugin.md")
    return [
        f"write_a_plugin.md does not explain the check {name}"
        for name in named
        if f"`{name}`" not in page
    ] + ([] if len(named) > 10 else ["no checks found"])


def headers_without_a_word():
    """Parts of the SDK that an author would have to find by chance: not in the page, nor reached
    from mneme.hpp."""
    folder, reached, open_ones = "sdk/include/mneme/", set(), ["mneme.hpp"]
    while open_ones:
        name = open_ones.pop()
        if name not in reached:
            reached.add(name)
            open_ones += re.findall(r"#include <mneme/([\w.]+)>", text(folder + name))
    named = re.findall(r"`([\w.]+)`", text("docs/write_a_plugin.md"))
    parts = [
        name
        for name in sorted(os.listdir(os.path.join(ROOT, folder)))
        if name not in reached and name.endswith(".hpp")
    ]
    return [f"write_a_plugin.md does not name {name}" for name in parts if name not in named] + (
        [] if len(parts) > 10 else ["no parts found"]
    )


def drift_is_found():
    page = "docs/write_a_plugin.md"
    content = text(page)
    return (
        []
        if QUOTE.findall(content) and drifted(page, content.replace("2 * pull_", "3 * pull_"))
        else ["a changed quote goes unnoticed"]
    )


def main():
    rules = {
        "quotes are what is compiled": [
            fault for page in pages() for fault in drifted(page, text(page))
        ],
        "a quote that drifts is found": drift_is_found(),
        "links and file names lead somewhere": [
            fault for page in pages() for fault in dead_links(page, text(page))
        ],
        "every check is explained": checks_without_a_word(),
        "every part of the SDK is named": headers_without_a_word(),
    }
    for rule, faults in rules.items():
        print(f"ok {rule}" if not faults else f"not ok {rule}: {'; '.join(faults)}")
    return 1 if any(rules.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
