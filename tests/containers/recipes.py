# SPDX-License-Identifier: Apache-2.0
"""What Containerfile and mneme.def say, in one form: a base, files to copy, and commands with their
folder and environment. It knows what these two files use and refuses the rest."""

import re
import string
from dataclasses import dataclass, field


class UnknownLine(Exception):
    pass


@dataclass
class Recipe:
    arguments: dict = field(default_factory=dict)  # name: default
    base: str = ""
    copies: list = field(default_factory=list)  # (from, to)
    # ("copy", from, to) and ("run", command, folder, environment), in their order
    steps: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)  # of who runs the image
    program: list = field(default_factory=list)  # what the image starts

    def commands(self):
        """One by one: (folder, command, environment) without what frames them."""
        return [
            (folder, command, environment)
            for kind, text, folder, environment in (s for s in self.steps if s[0] == "run")
            for command in split(text)
        ]


def split(text):
    return [" ".join(part.split()) for part in text.split("&&")]


def logical_lines(text):
    """Without comments and blank lines; a line that ends in a backslash goes on in the next."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def expand(text, variables):
    return string.Template(text).safe_substitute(variables)


def assignment(text):
    match = re.fullmatch(r"(\w+)=(\S*)", text.strip())
    if not match:
        raise UnknownLine(text)
    return match.groups()


def containerfile(text, given=None):
    """GIVEN: values of arguments, as by --build-arg."""
    given = given or {}
    recipe, folder, variables = Recipe(), "/", {}
    for line in logical_lines(text):
        instruction, rest = line.split(None, 1)
        if instruction == "ARG":
            name, default = assignment(rest)
            recipe.arguments[name] = default
            variables[name] = given.get(name, default)
        elif instruction == "FROM":
            recipe.base = expand(rest, variables)
            variables = {}  # arguments end at FROM
        elif instruction == "ENV":
            name, value = assignment(rest)
            recipe.environment[name] = variables[name] = value
        elif instruction == "WORKDIR":
            folder = rest.strip()
        elif instruction == "COPY":
            recipe.steps.append(("copy", *rest.split()))
            recipe.copies.append(tuple(rest.split()))
        elif instruction == "RUN":
            recipe.steps.append(("run", rest, folder, dict(variables)))
        elif instruction == "CMD":
            recipe.program = re.findall(r'"([^"]*)"', rest)
        else:
            raise UnknownLine(line)
    return recipe


def definition(text, given=None):
    """Of Apptainer."""
    given = given or {}
    recipe, folder, variables = Recipe(), "/", {}
    head, *parts = re.split(r"^%(\w+)\n", text, flags=re.MULTILINE)
    sections = dict(zip(parts[::2], parts[1::2]))
    for line in logical_lines(sections.pop("arguments", "")):
        name, default = assignment(line)
        recipe.arguments[name] = default

    def filled(line):
        return re.sub(
            r"{{\s*(\w+)\s*}}", lambda m: given.get(m[1], recipe.arguments[m[1]]), line.strip()
        )

    header = dict(re.split(r":\s*", filled(line), maxsplit=1) for line in logical_lines(head))
    if header.pop("Bootstrap") != "docker":
        raise UnknownLine(head)
    recipe.base = header.pop("From")
    for line in logical_lines(sections.pop("files")):
        recipe.copies.append(tuple(filled(line).split()))
    for line in map(filled, logical_lines(sections.pop("post"))):
        word, _, rest = line.partition(" ")
        if word == "export":
            name, value = assignment(rest)
            variables[name] = value
        elif word == "cd":
            folder = rest
        else:
            recipe.steps.append(("run", line, folder, dict(variables)))
    for line in map(filled, logical_lines(sections.pop("environment"))):
        word, _, rest = line.partition(" ")
        if word != "export":
            raise UnknownLine(line)
        name, value = assignment(rest)
        recipe.environment[name] = value
    recipe.program = logical_lines(sections.pop("runscript"))[0].split()
    if sections or header:
        raise UnknownLine("%s %s" % (sorted(sections), sorted(header)))
    return recipe
