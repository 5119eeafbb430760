"""Marks: files that say what a leaf of the workflow was made for, under a name that tells it.

A leaf has names that stay while what they lead to changes. So that it is there proves nothing: its
mark does, which goes before the first of its names changes, and comes after the last.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spikesweep.products import plain as plain_files
from spikesweep.products.atomic import flush, removed, written
from spikesweep.products.fingerprint import DIGITS, fingerprint
from spikesweep.products.seal import is_intact, sealed_json

_REPAIR = "-"


@contextmanager
def marked(mark: Path, beginning: str, names: Path, plan: Path) -> Iterator[None]:
    """Let a leaf change while it has no mark; leave one when it is done.

    Killed in between, whatever is asked for next, it is made again: also what it was made for
    before.

    Args:
        mark: its name may end in what was found in the leaf's place, see `repairing`.
        beginning: of the names of all marks that hold no longer.
        names: the folder with the leaf's names.
        plan: that the leaf was made for, which stands in the mark.
    """
    unmark(mark.parent, beginning)
    yield
    if names.is_dir():
        flush(names)
    for path in dict.fromkeys([plain(mark), mark]):
        with written(path) as temporary:
            temporary.write_bytes(sealed_json({"mark": path.name, "plan": str(plan)}))


def unmark(folder: Path, beginning: str) -> None:
    """Remove the marks of a leaf whose names are about to change."""
    folder.mkdir(parents=True, exist_ok=True)
    for mark in folder.glob(f"{beginning}*"):
        removed(mark)
    flush(folder)


def plan_of(mark: Path) -> Path | None:
    """Return the plan that a leaf was made for; None where the mark is not as it was left."""
    try:
        content = plain_files.content(mark)
    except OSError:  # something else stands in its place
        return None
    if not is_intact(content):
        return None
    left = json.loads(content)
    return Path(left["plan"]) if left.get("mark") == mark.name else None


def repairing(mark: Path, found: str) -> Path:
    """Return the name of a mark that is not there yet, though the leaf's own may be.

    Args:
        found: in the leaf's place, in words, with when it came there.
    """
    return mark.with_name(f"{mark.name}{_REPAIR}{fingerprint(found)[:DIGITS]}")


def is_plain(mark: Path) -> bool:
    """Return whether a mark has its own name, and not one of a repair."""
    return _REPAIR not in mark.name


def plain(mark: Path) -> Path:
    """Return a mark's own name."""
    return mark.with_name(mark.name.partition(_REPAIR)[0])
