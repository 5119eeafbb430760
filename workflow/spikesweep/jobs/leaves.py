"""The leaves of the workflow: figures under labelled names, and stable names for the tables."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.lineage.git_label import sweep_state
from spikesweep.lineage.lineage import figure_lineage, lineage, patch_path, record_path
from spikesweep.lineage.stamp import CARRIERS, read_lineage, stamp
from spikesweep.products.atomic import written
from spikesweep.products.fingerprint import DIGITS, file_hash
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.seal import sealed_json
from spikesweep.products.sidecar import refusal

RESULTS = Path("results")


def stamp_figures(plan_path: Path, mark: Path, label: str) -> None:
    """Copy the figures of a sweep to names that carry the git label, with their lineage inside.

    What all of them share is kept under `results/provenance/` as well, for the products that know
    no commit; and, where the tree is dirty, the patch against that commit.

    Raises:
        UserError: a rendered figure is missing, no picture, or not the one that its name
            promises; or the label is no longer the one that the names carry.
    """
    plan = read_plan(plan_path)
    state = sweep_state(Path(), plan["sources"])
    if state.label != label:
        raise UserError(
            f"{mark}: the git label changed to {state.label} while this run was going on; nothing "
            "was stamped. Run snakemake again: it stamps the figures with the new label"
        )
    shared = lineage(plan, state)
    if state.patch_hash:
        _write(patch_path(state.patch_hash), state.patch)
    stamped = dict(_stamped(plan, shared))
    _write(record_path(plan["sweep"], label), sealed_json({**shared, "figures": stamped}))
    _leave_mark(mark, f"stamped_{label}_")


def _stamped(plan: PlanFile, shared: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Stamp every figure in every format; yield its path and the SHA-256 of its bytes."""
    for name, figure in plan["figures"].items():
        rendered = plan.folder / figure
        whole = figure_lineage(shared, plan, name)
        for suffix in CARRIERS:
            _check(rendered.with_suffix(suffix), plan.fingerprint(rendered))
            folder = RESULTS / plan["sweep"] / "figures"
            destination = folder / f"{name}_{shared['label']}{suffix}"
            stamp(rendered.with_suffix(suffix), destination, whole)
            yield str(destination), file_hash(destination)


def _write(path: Path, content: bytes) -> None:
    with written(path) as temporary:
        temporary.write_bytes(content)


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
        "psection.json": plan.folder / plan["psection"],
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
