#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Usage: docs/architecture.py write|check BUILD_FOLDER

`write` draws docs/pictures/rooms.svg from BUILD_FOLDER/rooms.txt, which the configuration of the
build writes from its targets (cmake/Rooms.cmake). `check` compares: it prints a line `ok RULE` or
`not ok RULE: why` for each rule, as tests/docs wants it.
"""

import html
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PICTURE = os.path.join(ROOT, "docs", "pictures", "rooms.svg")
PAGE = os.path.join(ROOT, "docs", "architecture.md")
WIDTH, BOX, HEIGHT, GAP = 1000, 152, 40, 52  # pixels


def read_rooms(build):
    """{room: the rooms that its targets use}."""
    uses = {}
    with open(os.path.join(build, "rooms.txt"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            room, *others = line.split()
            uses.setdefault(room, set()).update(others)
            for other in others:
                uses.setdefault(other, set())
    return uses


def reachable(uses, start):
    """Every room below `start`, itself left out. Raises ValueError when the rooms form a circle."""
    found, open_ones = set(), list(uses[start])
    while open_ones:
        room = open_ones.pop()
        if room == start:
            raise ValueError(f"{start} uses itself through other rooms")
        if room not in found:
            found.add(room)
            open_ones += uses[room]
    return found


def direct(uses):
    """The arrows that say something: a room that is reached through another one is left out."""
    return {
        room: {o for o in others if not any(o in reachable(uses, p) for p in others - {o})}
        for room, others in uses.items()
    }


def floors(uses):
    """A list of floors, the ground floor first; each room stands above all that it uses."""
    height = {}

    def of(room):
        if room not in height:
            height[room] = 1 + max((of(other) for other in uses[room]), default=-1)
        return height[room]

    for room in uses:
        of(room)
    return [sorted(r for r in uses if height[r] == h) for h in range(max(height.values()) + 1)]


def routes(levels, arrows):
    """(levels with a bend (room, other, floor) wherever an arrow crosses a floor, the arrows as
    chains of rooms and bends). An arrow then never runs behind a box."""
    height = {room: h for h, rooms in enumerate(levels) for room in rooms}
    levels, chains = [list(rooms) for rooms in levels], []
    for room in sorted(arrows):
        for other in sorted(arrows[room]):
            bends = [(room, other, h) for h in range(height[room] - 1, height[other], -1)]
            for bend in bends:
                levels[bend[2]].append(bend)
            chains.append([room, *bends, other])
    return levels, chains


def ordered(levels, chains):
    """The floors' rooms and bends, each beside what it is joined to: few arrows cross."""
    above, below = {}, {}
    for chain in chains:
        for upper, lower in zip(chain, chain[1:]):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    for turn in range(24):
        place = {node: i / len(nodes) for nodes in levels for i, node in enumerate(nodes)}
        joined = above if turn % 2 else below
        for nodes in levels:
            key = {n: [place[o] for o in joined.get(n, [])] or [place[n]] for n in nodes}
            nodes.sort(key=lambda n: (sum(key[n]) / len(key[n]), str(n)))
    return levels


def positions(levels):
    """{room or bend: (middle, top)} in pixels; a bend needs a fifth of a box."""
    place = {}
    for level, nodes in enumerate(levels):
        share = [1 if isinstance(node, str) else 0.2 for node in nodes]
        left, unit = 0, WIDTH / sum(share)
        for node, width in zip(nodes, share):
            top = (len(levels) - 1 - level) * (HEIGHT + GAP) + 10
            place[node] = (left + width * unit / 2, top)
            left += width * unit
    return place


def line(chain, place):
    """An SVG path through the nodes of a chain, straight through its bends."""
    x, y = place[chain[0]]
    path = f"M{x:.0f} {y + HEIGHT:.0f}"
    for node in chain[1:]:
        y, (x1, y1) = y + HEIGHT, place[node]
        path += f"C{x:.0f} {y + 24:.0f} {x1:.0f} {y1 - 24:.0f} {x1:.0f} {y1 - 1:.0f}"
        if node != chain[-1]:
            path += f"L{x1:.0f} {y1 + HEIGHT:.0f}"
        x, y = x1, y1
    return path


def draw(uses):
    levels, chains = routes(floors(uses), direct(uses))
    place = positions(ordered(levels, chains))
    height = len(levels) * (HEIGHT + GAP)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="sans-serif" font-size="14">',
        "<title>The rooms of Mneme</title>",
        "<desc>An arrow leads from a room to one that its build targets use. A room that is also"
        " reached through another arrow has no arrow of its own.</desc>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for chain in chains:
        out.append(
            f'<path d="{line(chain, place)}" fill="none" stroke="#555" marker-end="url(#end)">'
            f"<title>{html.escape(chain[0])} uses {html.escape(chain[-1])}</title></path>"
        )
    for room in sorted(node for node in place if isinstance(node, str)):
        x, y = place[room]
        out.append(
            f'<rect x="{x - BOX / 2:.0f}" y="{y:.0f}" width="{BOX}" height="{HEIGHT}" rx="5"'
            f' fill="#eef3f8" stroke="#35526b"/><text x="{x:.0f}" y="{y + 27:.0f}"'
            f' text-anchor="middle" fill="#111">{html.escape(room)}</text>'
        )
    return "\n".join(out + ["</svg>", ""])


def check(uses):
    rules = {"no room uses itself through others": []}
    try:
        for room in uses:
            reachable(uses, room)
    except ValueError as circle:
        rules["no room uses itself through others"].append(str(circle))
        return rules
    with open(PICTURE, encoding="utf-8") as file:
        drawn = file.read()
    rules["the picture shows the build's targets"] = (
        [] if drawn == draw(uses) else ["run docs/architecture.py write BUILD_FOLDER"]
    )
    with open(PAGE, encoding="utf-8") as file:
        named = set(re.findall(r"^\| `([\w/]+)/` \|", file.read(), re.M))
    rules["the page names every room"] = [f"{room}/ is missing" for room in set(uses) - named]
    rules["every room of the page exists"] = [f"{room}/ is not built" for room in named - set(uses)]
    return rules


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "check"):
        print(__doc__, file=sys.stderr)
        return 64
    uses = read_rooms(sys.argv[2])
    if sys.argv[1] == "write":
        os.makedirs(os.path.dirname(PICTURE), exist_ok=True)
        with open(PICTURE, "w", encoding="utf-8") as file:
            file.write(draw(uses))
        return 0
    rules = check(uses)
    for rule, faults in rules.items():
        print(f"ok {rule}" if not faults else f"not ok {rule}: {'; '.join(faults)}")
    return 1 if any(rules.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
