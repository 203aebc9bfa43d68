# SPDX-License-Identifier: Apache-2.0
"""The figures of docs/reproduction.md from the evidence of its tables."""

import dot_plot


def board_marks(table, board):
    """Published numbers beside ours, in percent."""
    rows = []
    for row in board["ranked"] + board["oracles"]:
        words = table.get("published", {}).get(row["method"], "").split(",")[0].split(" ± ")
        theirs = (float(words[0]), float(words[1]) if words[1:] else None) if words[0] else None
        score = row["score"]
        half = score.get("half_width_95")
        ours = (100 * score["mean"], 100 * half if half is not None else None)
        rows.append((row["method"], [ours, theirs]))
    return "average accuracy, %", ["ours, 95 % interval", "published"], rows


def table_marks(figure, found):
    """Columns of a script's table, as tables.toml says under `figure`."""
    grid = found["tables"][figure.get("table", 0)]
    at = {name: number for number, name in enumerate(grid["columns"])}
    rows = []
    for row in grid["rows"]:
        cells = [row[at[name]].split(" ± ") for name in figure["series"]]
        marks = [(float(c[0]), float(c[1]) if c[1:] else None) if c[0] else None for c in cells]
        rows.append((", ".join(row[at[name]] for name in figure["label"]), marks))
    return figure["axis"], figure["series"], rows


def measure_marks(found):
    """Benzing's measures beside the square root of the Fisher information, at each batch size."""
    parts = found["runs"]
    mean = lambda values: sum(values) / len(values)
    reference = parts[0]["measures"].index("rf")
    rows = [
        (name, [(mean(part["correlation"][reference][number]), None) for part in parts])
        for number, name in enumerate(parts[0]["measures"])
        if name != "rf"
    ]
    return "correlation with rf", ["batch %d" % part["batch_size"] for part in parts], rows


def figure_of(table, found):
    """The text of an SVG file, or None where a table has no figure. `found` is its evidence."""
    if "figure" in table:
        marks = table_marks(table["figure"], found)
    elif "runs" in found and "script" in table:
        marks = measure_marks(found)
    elif "published" in table and "ranked" in found:
        marks = board_marks(table, found)
    else:
        return None
    return dot_plot.dot_plot(table["title"], *marks)
