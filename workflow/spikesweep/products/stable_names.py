"""Names that stay, as `results/<sweep>/dataset.nc`: they lead to what is current."""

import os
import shutil
from pathlib import Path

from spikesweep.errors import cut
from spikesweep.products.atomic import written
from spikesweep.products.fingerprint import file_hash


def link(link: Path, target: Path) -> None:
    """Make a relative symbolic link, so that the project can be moved; copy where none can be."""
    with written(link) as temporary:
        try:
            temporary.symlink_to(leads_to(link, target))
        except OSError:
            shutil.copyfile(target, temporary)


def leads_to(link: Path, target: Path) -> str:
    """Return what a stable name leads to, as the link has it."""
    return os.path.relpath(target, link.parent)


def astray(link: Path, target: Path) -> str:
    """Return what is found under a stable name, where it is neither the link that it should be nor
    a copy of the same bytes; '' where all is well."""
    if link.is_symlink():
        found = os.readlink(link)
        return "" if found == leads_to(link, target) else f"leads to {cut(ascii(found))}"
    if not link.exists():
        return "is missing"
    same = link.is_file() and target.is_file() and link.stat().st_size == target.stat().st_size
    return "" if same and file_hash(link) == file_hash(target) else "is no link, but something else"
