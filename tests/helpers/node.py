"""A node of a cluster on this machine: a mount namespace that sees the shared folders alone."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

COMPILERS = ("cc", "c++", "gcc", "g++", "clang", "clang++", "make")
SYSTEM = "/usr/local/bin:/usr/bin:/bin"
# Shared folders are put aside, all else of this machine that a user writes to is covered, and they
# are put back under their own paths. Nothing but they and /tmp can be written to.
ENTER = """\
set -e
mount --make-rprivate /
mount -t tmpfs none /mnt
{aside}
mount -t tmpfs none /tmp
mkdir -p {home}  # it may lie in what is hidden
mount -t tmpfs none {home}
{back}
mount -o remount,ro {home}
{hide}
mount -o remount,bind,ro /
"""
# What a job there finds, in words.
LOOK = """\
touch ~/probe || echo the home cannot be written to
git --version || echo no git
g++ --version || echo no compiler
touch /usr/probe || echo the system cannot be written to
"""


@cache
def can_be_entered() -> bool:
    """Return whether this user may make mount namespaces."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def write_node(script: Path, shared: Iterable[Path]) -> None:
    """Write a program that runs a command as a node does, which shares these folders and the Python
    environment; the current folder must be within one of them."""
    shared = [*shared, Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()]
    lines: dict[str, list[str]] = {"aside": [], "back": [], "hide": []}
    for i, folder in enumerate(shared):
        aside, own = f"/mnt/{i}", shlex.quote(str(folder))
        lines["aside"] += [f"mkdir {aside}", f"mount --bind {own} {aside}"]
        lines["back"] += [f"mkdir -p {own}", f"mount --bind {aside} {own}"]
    for name in (*COMPILERS, "git"):
        if program := shutil.which(name, path=SYSTEM):
            real = shlex.quote(os.path.realpath(program))
            lines["hide"].append(f"mount --bind /dev/null {real}")
    entered = {name: "\n".join(several) for name, several in lines.items()}
    text = ENTER.format(home=shlex.quote(str(Path.home())), **entered)
    inner = f'{text}cd "$0"\nexec "$@"'
    script.write_text(f'#!/bin/sh\nexec unshare --mount sh -c {shlex.quote(inner)} "$(pwd)" "$@"\n')
    script.chmod(0o755)
