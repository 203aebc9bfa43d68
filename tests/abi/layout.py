#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Today's abi.h begins as the released one did: layout.py CC RELEASED_INCLUDE TODAYS_INCLUDE.

The members of every released struct, in words and in order, are the first members of today's
struct, at the same offsets and of the same size;
released numbers and names have their values. Then the judge is tried on headers that break this."""

import os
import re
import subprocess
import sys
import tempfile

from headers import edits, put, whole

CC, RELEASED, TODAY = sys.argv[1:4]
GROWS = {"MNEME_SDK_MINOR"}  # the only number that a release changes
FIXED = ("mneme_value", "mneme_status")  # for ever of one size: abi.h says so


def members(body):
    """Declarations of a struct, white space evened out."""
    out, depth, start = [], 0, 0
    for at, char in enumerate(body):
        depth += (char == "{") - (char == "}")
        if char == ";" and depth == 0:
            out.append(" ".join(body[start:at].split()))
            start = at + 1
    return out


def names(declaration):
    slot = re.search(r"\(\*(\w+)\)\(", declaration)
    if slot:
        return [slot.group(1)]
    return [
        re.sub(r"\[.*", "", one).split()[-1].lstrip("*")
        for one in declaration.rpartition("}")[2].split(",")
    ]


def read(header):
    bare = re.sub(r"/\*.*?\*/", " ", header, flags=re.S)
    structs = {
        name: members(body)
        for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\}\s*\1;", bare, re.S)
    }
    numbers = [
        name
        for body in re.findall(r"enum \{(.*?)\}", bare, re.S)
        for name in re.findall(r"(\w+)\s*=", body)
    ]
    strings = re.findall(r'#define (\w+) "', bare)
    entry = re.findall(r"^const mneme_plugin\* .*;$", bare, re.M)
    return structs, [name for name in numbers if name not in GROWS], strings, entry


def measured(header, include, structs, numbers, strings):
    """What the C compiler makes of it: {what: value}, or what it says."""
    lines = ['printf("sizeof %s=%%zu\\n", sizeof(%s));' % (s, s) for s in structs]
    lines += [
        'printf("%s.%s=%%zu+%%zu\\n", offsetof(%s, %s), sizeof(((%s*)0)->%s));' % (s, m, s, m, s, m)
        for s, declared in structs.items()
        for d in declared
        for m in names(d)
    ]
    lines += ['printf("%s=%%d\\n", (int)%s);' % (n, n) for n in numbers] + [
        'printf("%s=%%s\\n", %s);' % (s, s) for s in strings
    ]
    with tempfile.TemporaryDirectory() as work:
        put(header, work)
        source, program = os.path.join(work, "probe.c"), os.path.join(work, "probe")
        with open(source, "w", encoding="utf-8") as file:
            file.write(
                "#include <stddef.h>\n#include <stdio.h>\n#include <mneme/abi.h>\nint main(void)"
                " {\n%s\nreturn 0; }\n"
                % "\n".join(lines)
            )
        done = subprocess.run(
            [CC, "-std=c11", "-I", work, "-I", include, source, "-o", program],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            return (
                [line for line in done.stderr.splitlines() if "error" in line]
                or ["the compiler failed"]
            )[0].split("error: ")[-1]
        return dict(
            line.split("=", 1)
            for line in subprocess.run(
                [program], capture_output=True, text=True, check=True
            ).stdout.splitlines()
        )


def faults(released, today):
    structs, numbers, strings, entry = read(released)
    now = read(today)
    found = []
    for name, declared in structs.items():
        have = now[0].get(name, [])
        wrong = [
            (was, have[k] if k < len(have) else "nothing")
            for k, was in enumerate(declared)
            if have[k : k + 1] != [was]
        ]
        if wrong:
            found.append(
                "%s: where `%s` was is `%s`; released members keep their place, new ones go to"
                " the end" % (name, *wrong[0])
            )
    if entry != now[3]:
        found.append("the entry is declared otherwise")
    old, new = measured(released, RELEASED, structs, numbers, strings), measured(
        today, TODAY, structs, numbers, strings
    )
    if isinstance(old, str) or isinstance(new, str):
        return found + [fault for fault in (old, new) if isinstance(fault, str)]
    for what, value in old.items():
        grew = what.startswith("sizeof ") and what[7:] not in FIXED and int(new[what]) >= int(value)
        if new[what] != value and not grew:
            found.append("%s is %s, released %s" % (what, new[what], value))
    return found


def say(name, why):
    print("not ok %s: %s" % (name, "; ".join(why)) if why else "ok %s" % name, flush=True)


def the_judge_judges(released):
    """Edits that break plugins are found, one that does not is let through."""
    swapped, in_the_middle, grown, taken_out = edits(released)
    breaking = {
        "two slots of one type swapped": swapped,
        "a slot put into the middle": in_the_middle,
        "a slot taken out": taken_out,
        "another type of a member": released.replace(
            "    int64_t epochs, batch_size", "    uint64_t epochs, batch_size"
        ),
        "another number": released.replace("MNEME_CAPTURES = 8", "MNEME_CAPTURES = 64"),
        "another entry": released.replace("mneme_plugin_v1(void);", "mneme_plugin_v1(int);"),
        "a fixed struct that grows": released.replace(
            "    char message[1016];", "    char message[1016];\n    int32_t novel;"
        ),
    }
    for edit, header in breaking.items():
        say(
            "found: " + edit,
            [] if header != released and faults(released, header) else ["it goes unnoticed"],
        )
    say(
        "let through: a slot at the end",
        ["it changes nothing"] if grown == released else faults(released, grown),
    )


def main():
    released = whole(RELEASED)
    structs, numbers, strings, entry = read(released)
    known = len(structs), len(numbers), len(strings), len(entry)
    say(
        "the released header is understood",
        (
            []
            if known >= (22, 55, 2, 1) and min(map(len, structs.values())) >= 2
            else ["found %d structs, %d numbers, %d names, %d entries" % known]
        ),
    )
    say("today's header begins as the released one", faults(released, whole(TODAY)))
    the_judge_judges(released)


main()
