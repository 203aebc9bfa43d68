# SPDX-License-Identifier: Apache-2.0
"""Which plugin files are taken, through the real program: every refusal of definitions section 9
with exit 69 and a sentence of its own."""

import hashlib
import json
import os
import shutil

from workspace import PLUGINS, ZOO, Skip, case, main


def place(workspace, *folders):
    """good_c, a method that is not shipped, in a folder of its own below the workspace's."""
    folder = workspace.path(*(folders or ("plugins",)))
    os.makedirs(folder, mode=0o755)
    path = os.path.join(folder, "good_c.so")
    shutil.copy(os.path.join(ZOO, "good_c.so"), path)
    os.chmod(path, 0o644)
    return path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def refused(workspace, path, *words, arguments=()):
    """By every command that may take a plugin; `list` says why."""
    folder = os.path.dirname(path)
    for command in (
        ["run", workspace.suite("good_c"), "-o", "r"],
        ["plan", workspace.suite("good_c"), "-o", "r"],
        ["describe", "good_c"],
    ):
        done = workspace.mneme(*command, *arguments, plugins=folder, want=69)
        for word in words:
            assert word in done.stderr, (command[0], word, done.stderr)
        assert done.stdout == "", done.stdout
    done = workspace.mneme("check", path, *arguments, want=69)
    for word in words:
        assert word in done.stderr, ("check", word, done.stderr)
    listed = json.loads(
        workspace.mneme("list", "methods", "--json", *arguments, plugins=folder, want=0).stdout
    )
    reasons = [one["reason"] for one in listed["refused"] if one["file"] == path]
    assert len(reasons) == 1 and all(word in reasons[0] for word in words), listed["refused"]
    assert "good_c" not in [method["id"] for method in listed["methods"]]
    assert not os.path.exists(workspace.path("r", "runs")) or not os.listdir(
        workspace.path("r", "runs")
    )


def taken(workspace, path, *arguments):
    done = workspace.mneme(
        "list", "methods", "--json", *arguments, plugins=os.path.dirname(path), want=0
    )
    return [
        method for method in json.loads(done.stdout)["methods"] if method["id"] == "good_c"
    ], done.stderr


@case
def a_file_that_everyone_may_write(workspace):
    path = place(workspace)
    os.chmod(path, 0o646)
    refused(workspace, path, path + ": writable by everyone; run chmod o-w " + path)


@case
def a_folder_that_everyone_may_write(workspace):
    path = place(workspace)
    os.chmod(os.path.dirname(path), 0o757)
    refused(
        workspace,
        path,
        path + ": its folder " + os.path.dirname(path) + " is writable by everyone; run chmod o-w",
    )


@case
def a_folder_above_that_everyone_may_write(workspace):
    path = place(workspace, "open", "plugins")
    os.chmod(workspace.path("open"), 0o777)
    refused(
        workspace,
        path,
        path + ": its folder " + workspace.path("open") + " is writable by everyone; run chmod o-w",
    )


@case
def a_sticky_folder_is_no_danger(workspace):
    path = place(workspace, "open", "plugins")
    os.chmod(workspace.path("open"), 0o1777)
    assert taken(workspace, path)[0]


@case
def a_link_that_leaves_the_folder(workspace):
    target = place(workspace, "elsewhere")
    os.mkdir(workspace.path("plugins"), 0o755)
    path = workspace.path("plugins", "good_c.so")
    os.symlink(target, path)
    refused(
        workspace,
        path,
        path + ": leads out of the plugin folder " + workspace.path("plugins") + ", to " + target,
    )


@case
def a_file_of_somebody_else(workspace):
    if os.geteuid() != 0:
        raise Skip("only root can give a file away")
    path = place(workspace)
    os.chown(path, 12345, 0)
    refused(
        workspace,
        path,
        path + ": owned by user 12345, neither root nor you; copy the plugin to a folder of yours",
    )


@case
def a_folder_of_somebody_else(workspace):
    if os.geteuid() != 0:
        raise Skip("only root can give a folder away")
    path = place(workspace)
    os.chown(os.path.dirname(path), 12345, 0)
    refused(
        workspace, path, path + ": its folder " + os.path.dirname(path) + " is owned by user 12345"
    )


@case
def locked_takes_what_is_on_the_list_and_nothing_else(workspace):
    path = place(workspace)
    allowed = workspace.write(
        "allowed", f"# the methods of this comparison\n{digest(path)}  good_c.so\n\n"
    )
    found, said = taken(workspace, path, "--locked", allowed)
    assert len(found) == 1 and found[0]["sha256"] == digest(path) and said == "", (found, said)
    suite = workspace.suite("good_c", seeds="1")
    workspace.mneme(
        "run", suite, "-o", "locked", "--locked", allowed, plugins=os.path.dirname(path), want=0
    )
    workspace.mneme(
        "describe", "good_c", "--locked", allowed, plugins=os.path.dirname(path), want=0
    )
    workspace.mneme("check", path, "--locked", allowed, "--only", "options", want=0)
    done = workspace.mneme(
        "run",
        workspace.suite("finetune", seeds="1"),
        "-o",
        "other",
        "--locked",
        allowed,
        plugins=PLUGINS,
        want=69,
    )
    assert (
        "finetune.so: not on the list of allowed plugins (its SHA-256 is" in done.stderr
    ), done.stderr


@case
def a_changed_file_under_locked(workspace):
    path = place(workspace)
    allowed = workspace.write("allowed", f"{digest(path)}  good_c.so\n")
    with open(path, "ab") as file:
        file.write(b"\0")
    refused(
        workspace,
        path,
        path + ": not on the list of allowed plugins (its SHA-256 is " + digest(path) + ")",
        arguments=("--locked", allowed),
    )


@case
def what_a_group_may_write_is_a_warning_and_refused_when_locked(workspace):
    path = place(workspace)
    os.chmod(path, 0o664)
    found, said = taken(workspace, path)
    assert len(found) == 1 and path + ": writable by its group; run chmod g-w" in said, (
        found,
        said,
    )
    allowed = workspace.write("allowed", f"{digest(path)}  good_c.so\n")
    refused(
        workspace,
        path,
        path + ": writable by its group, which --locked refuses; run chmod g-w",
        arguments=("--locked", allowed),
    )


@case
def a_list_that_cannot_be_used(workspace):
    for text, words in (
        ("nonsense\n", ["allowed:1:", '"nonsense" is not a SHA-256']),
        (None, ["--locked", "cannot be read"]),
    ):
        allowed = workspace.write("allowed", text) if text else workspace.path("absent")
        done = workspace.mneme("list", "methods", "--locked", allowed, want=65)
        assert all(word in done.stderr for word in words), done.stderr


@case
def the_plan_goes_on_with_the_bytes_that_were_planned(workspace):
    path = place(workspace)
    workspace.mneme(
        "plan",
        workspace.suite("good_c", seeds="1"),
        "-o",
        "r",
        plugins=os.path.dirname(path),
        want=0,
    )
    with open(path, "ab") as file:
        file.write(b"\0")
    workspace.mneme("cell", "--plan", "r/plan.json", "--index", "0", want=0)  # the stored copy
    shutil.rmtree(workspace.path("cache"))
    shutil.rmtree(workspace.path("r", "runs"))
    done = workspace.mneme("cell", "--plan", "r/plan.json", "--index", "0", want=69)
    assert "has changed since the plan was made" in done.stderr, done.stderr


@case
def the_environment_is_searched_only_when_asked_for(workspace):
    path = place(workspace)
    workspace.environment["MNEME_PLUGIN_PATH"] = os.path.dirname(path)
    empty = workspace.path("empty")
    os.mkdir(empty)
    done = workspace.mneme("list", "methods", "--json", plugins=empty, want=0)
    assert "good_c" not in done.stdout and "--plugins-from-env asks for it" in done.stderr, (
        done.stdout,
        done.stderr,
    )
    done = workspace.mneme("list", "methods", "--json", "--plugins-from-env", plugins=empty, want=0)
    found = [method for method in json.loads(done.stdout)["methods"] if method["id"] == "good_c"]
    assert len(found) == 1 and found[0]["origin"] == "MNEME_PLUGIN_PATH" and done.stderr == "", (
        found,
        done.stderr,
    )
    workspace.environment["MNEME_PLUGIN_PATH"] = "plugins"
    done = workspace.mneme("list", "methods", "--plugins-from-env", plugins=empty, want=65)
    assert '"plugins" is not an absolute path' in done.stderr, done.stderr


@case
def list_says_where_a_method_comes_from(workspace):
    first, second, yours = (
        place(workspace, "first"),
        place(workspace, "second"),
        place(workspace, "share", "mneme", "plugins"),
    )
    done = workspace.mneme(
        "list",
        "methods",
        "--json",
        "--plugins",
        workspace.path("first"),
        plugins=workspace.path("second"),
        want=0,
    )
    methods = {method["id"]: method for method in json.loads(done.stdout)["methods"]}
    assert (
        methods["good_c"]["file"] == first and methods["good_c"]["origin"] == "--plugins"
    ), methods["good_c"]
    assert methods["good_c"]["sdk"] == "1.0" and methods["good_c"]["version"] == "1.0", methods[
        "good_c"
    ]
    assert methods["finetune"]["origin"] == "shipped", methods["finetune"]
    for later in (second, yours):
        assert f"{later}: its method good_c is hidden by {first}" in done.stderr, done.stderr
    os.remove(first), os.remove(second)
    done = workspace.mneme("list", "methods", plugins=workspace.path("first"), want=0)
    row = [line for line in done.stdout.splitlines() if line.startswith("good_c ")]
    assert len(row) == 1 and " yours " in row[0], done.stdout


@case
def a_refused_file_is_not_replaced_by_a_later_one(workspace):
    os.mkdir(workspace.path("plugins"), 0o755)
    mine = shutil.copy(
        os.path.join(PLUGINS, "finetune.so"), workspace.path("plugins", "finetune.so")
    )
    os.chmod(mine, 0o646)
    done = workspace.mneme(
        "run", workspace.suite("finetune"), "-o", "r", plugins=workspace.path("plugins"), want=69
    )
    assert f"{mine}: writable by everyone" in done.stderr, done.stderr


if __name__ == "__main__":
    main()
