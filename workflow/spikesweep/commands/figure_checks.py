"""What is wrong with a figure, with a name that leads to one, and with the page of all; '' where
nothing is."""

from pathlib import Path

from spikesweep.errors import UserError, cut
from spikesweep.jobs.mark import is_plain
from spikesweep.lineage.checked import printable
from spikesweep.lineage.stamp import is_as_stamped, read_lineage
from spikesweep.products.plain import content
from spikesweep.products.stable_names import astray
from spikesweep.products.table import STAMP, STAMP_SET, Kind
from spikesweep.publishing import contact_sheet

CHANGED = "was changed after it was made"


def figure(path: Path) -> str:
    """Return what is wrong with a figure, wherever it lies."""
    try:
        read_lineage(path)
    except UserError as error:
        return str(error).removeprefix(f"{path}: ")
    return "" if is_as_stamped(path) else CHANGED


def stamped_figure(path: Path, owner: str, key: str = "sweep") -> str:
    """Return what is wrong with a figure that carries its label, in the folder of its owner.

    Args:
        owner: the sweep, or figure set, in whose folder it lies.
        key: under which the lineage has it.
    """
    return figure(path) or _other_than_named(path, owner, key)


def _other_than_named(path: Path, owner: str, key: str) -> str:
    """Return what is wrong with a figure that is intact: it is another than its name promises."""
    lineage = read_lineage(path)
    told = (lineage.get(name) for name in (key, "figure", "label"))
    expected = "/".join(map(str, told))
    named = f"{owner}/{path.stem.rpartition('_')[0]}/{path.stem.rpartition('_')[2]}"
    return (
        ""
        if expected == named
        else f"is another figure than its name promises: {cut(ascii(expected))}"
    )


def earlier_figure(path: Path, label: str, owner: str, key: str = "sweep") -> str:
    """Return what is wrong with a figure of an earlier label, in the folder of that."""
    is_there = path.stem.endswith(f"_{label}")
    other = "" if is_there else f"is in the folder of another label: {printable(label)}"
    return figure(path) or other or _other_than_named(path, owner, key)


def current_figure(path: Path, label: str) -> str:
    """Return what is wrong with a name that stays: it leads to nothing, or to another figure than
    that of its name which the last run has stamped.

    What it leads to is looked at under its own name.
    """
    if not path.exists():
        return "leads nowhere"
    folder = path.parents[1]
    name = f"{path.stem}_{label or '*'}{path.suffix}"  # without a mark any that is there
    found = [astray(path, file) for file in [*folder.glob(name)] or [folder / name]]
    return "" if "" in found else found[0]


def sheet(path: Path) -> str:
    """Return what is wrong with a contact sheet: it was changed, or is not that of the last run."""
    page, sweep = content(path), path.parent
    if not contact_sheet.is_as_written(page):
        return CHANGED
    label = label_of(sweep)
    is_right = not label or contact_sheet.is_of(page, sweep.name, label)
    return "" if is_right else "is of another run than the figures; remove it and run snakemake"


def label_of(owner: Path, kind: Kind = STAMP) -> str:
    """Return the git label of the figures of a sweep or a set, by their mark; '' without one.

    Args:
        owner: the folder of its results. kind: of the mark.
    """
    begins = f"{kind.files[0].name}_"
    results = owner.parents[1] if kind == STAMP_SET else owner.parent
    marks = (results / "made" / owner.relative_to(results)).glob(f"{begins}*")
    labels = (m.name.removeprefix(begins).partition("_")[0] for m in marks if is_plain(m))
    return next(labels, "")
