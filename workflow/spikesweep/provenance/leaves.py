"""The leaves of the workflow: figures under labelled names, and stable names for the tables."""

import os
import shutil
from pathlib import Path

from spikesweep.files import written
from spikesweep.fingerprint import DIGITS
from spikesweep.origin import refusal
from spikesweep.planfile import PlanFile, read_plan
from spikesweep.provenance.stamp import read_lineage, stamp

RESULTS = Path("results")
FIGURE_FORMATS = (".pdf", ".png", ".svg")


def stamp_figures(plan_path: Path, mark: Path, label: str, commit: str) -> None:
    """Copy the figures of a sweep to names that carry the git label, with their lineage inside.

    Raises:
        UserError: a rendered figure is missing, no picture, or not the one that its name
            promises.
    """
    plan = read_plan(plan_path)
    folder = RESULTS / plan["sweep"] / "figures"
    for name, figure in plan["figures"].items():
        rendered = plan.folder / figure
        lineage = {
            "sweep": plan["sweep"],
            "figure": name,
            "label": label,
            "commit": commit,
            "fingerprint": plan.fingerprint(rendered),
        }
        for suffix in FIGURE_FORMATS:
            _check(rendered.with_suffix(suffix), plan.fingerprint(rendered))
            destination = folder / f"{name}_{label}{suffix}"
            stamp(rendered.with_suffix(suffix), destination, lineage)
    _leave_mark(mark, f"stamped_{label}_")


def _check(figure: Path, fingerprint: str) -> None:
    inner = read_lineage(figure).get("fingerprint", "")
    if inner != fingerprint:
        raise refusal(figure, f"it holds the figure {inner[:DIGITS]}", fingerprint)


def link_current(plan_path: Path, mark: Path) -> None:
    """Let the stable names in `results/<sweep>/` lead to the products of the current plan."""
    plan = read_plan(plan_path)
    folder = RESULTS / plan["sweep"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, product in current_files(plan).items():
        _link(folder / name, product)
    _leave_mark(mark, "current_", f"{plan.path}\n")


def current_files(plan: PlanFile) -> dict[str, Path]:
    """Return what each stable name in `results/<sweep>/` leads to."""
    return {
        "plan.csv": plan.path.with_suffix(".csv"),
        "structure.csv": plan.folder / plan["structure"],
        "dataset.nc": plan.folder / plan["dataset"],
        "statistics.csv": plan.folder / plan["statistics"],
        "isi.csv": plan.folder / plan["isi"],
        "failures.csv": plan.folder / plan["failures"],
    }


def _link(link: Path, target: Path) -> None:
    """Make a relative symbolic link, so that the project can be moved; copy where none can be."""
    with written(link) as temporary:
        try:
            temporary.symlink_to(os.path.relpath(target, link.parent))
        except OSError:
            shutil.copyfile(target, temporary)


def _leave_mark(mark: Path, beginning: str, text: str = "") -> None:
    """Write the mark and remove earlier ones: what they said holds no longer."""
    for earlier in mark.parent.glob(f"{beginning}*"):
        if earlier != mark:
            earlier.unlink()
    mark.write_text(text)
