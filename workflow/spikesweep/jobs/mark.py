"""Marks: files that say what a leaf of the workflow was made for, under a name that tells it."""

from pathlib import Path


def leave_mark(mark: Path, beginning: str, text: str = "") -> None:
    """Write a mark and remove earlier ones: what they said holds no longer.

    Args:
        beginning: of the names of all marks of this kind.
    """
    for earlier in mark.parent.glob(f"{beginning}*"):
        if earlier != mark:
            earlier.unlink()
    mark.write_text(text)
