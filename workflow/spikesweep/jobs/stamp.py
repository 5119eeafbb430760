"""The job that copies the figures of a sweep to names that carry the git label."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.jobs.mark import marked, unmark
from spikesweep.jobs.task import check_file
from spikesweep.lineage.git_label import GitState, sweep_state
from spikesweep.lineage.lineage import figure_lineage, lineage, patch_path, record_path
from spikesweep.lineage.stamp import CARRIERS, stamp
from spikesweep.products.atomic import removed, renamed, written
from spikesweep.products.fingerprint import file_hash
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.seal import sealed_json
from spikesweep.products.sidecar import beside
from spikesweep.products.stable_names import link
from spikesweep.products.table import CONTACT_SHEET, CURRENT_FIGURES, EARLIER, FIGURES, STAMP
from spikesweep.publishing.contact_sheet import contact_sheet

RESULTS = Path("results")
_STAMPED = re.compile(r"\w+?_([0-9a-f]{8}(?:\+[0-9a-f]{4})?|nogit)\.(?:pdf|png|svg)")


def make(plan_path: Path, mark: Path) -> None:
    """Copy the figures of a sweep to names that carry the git label, with their lineage inside.

    Those of other labels move to `earlier/<label>/`, the names in `current/` lead to these, and
    `results/<sweep>/index.html` shows them.

    What all of them share is kept under `results/provenance/` as well, for the products that know
    no commit; and, where the tree is dirty, the patch against that commit.

    Args:
        mark: `stamped_<label>_<fingerprint>`; written last.

    Raises:
        UserError: a rendered figure is missing, or not, byte by byte, as it was drawn; or the label
            is no longer the one that the names carry.
    """
    plan = read_plan(plan_path)
    state = sweep_state(Path(), plan["sources"], plan["imported"])
    name = f"{STAMP.files[0].name}_{state.label}_"
    if not mark.name.startswith(name):
        raise UserError(
            f"{mark}: the git label changed to {state.label} while this run was going on; nothing "
            "was stamped. Run snakemake again: it stamps the figures with the new label"
        )
    folder = RESULTS / plan["sweep"] / FIGURES
    with marked(mark, f"{STAMP.files[0].name}_", folder, plan.path):
        _stamp(plan, state, plan["figures"])


def stamp_drawn(plan_path: Path) -> tuple[list[str], list[str]]:
    """Stamp the figures of a sweep that are drawn, where others cannot be.

    No mark is left: the next run tries the others again.

    Returns:
        The names of figures that are stamped, and of those that are not drawn.

    Raises:
        UserError: as `make` does.
    """
    plan = read_plan(plan_path)
    drawn = {
        name: figure
        for name, figure in plan["figures"].items()
        if all(file.is_file() for file in _drawn(plan, figure))
    }
    if drawn:
        unmark(plan.folder, f"{STAMP.files[0].name}_")
        _stamp(plan, sweep_state(Path(), plan["sources"], plan["imported"]), drawn)
    return [*drawn], [name for name in plan["figures"] if name not in drawn]


def _drawn(plan: PlanFile, figure: str) -> list[Path]:
    """Return the files of a drawn figure: in every format, and what speaks of them."""
    rendered = plan.folder / figure
    return [*(rendered.with_suffix(suffix) for suffix in CARRIERS), beside(rendered)]


def _stamp(plan: PlanFile, state: GitState, figures: Mapping[str, str]) -> None:
    """Stamp some figures, and keep the lineage that they share."""
    shared = lineage(plan, state)
    if state.patch_hash:
        write(patch_path(state.patch_hash), state.patch)
    folder = RESULTS / plan["sweep"] / FIGURES
    set_aside(folder, state.label)
    stamped = dict(_stamped(plan, shared, figures))
    lead(folder, state.label, figures)
    earlier = sorted(path.name for path in (folder / EARLIER).glob("*/"))
    page = contact_sheet(plan, shared, earlier)
    write(folder.parent / CONTACT_SHEET, page.encode())
    write(record_path(plan["sweep"], state.label), sealed_json({**shared, "figures": stamped}))


def _stamped(
    plan: PlanFile, shared: dict[str, Any], figures: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Stamp figures in every format; yield the path of each and the SHA-256 of its bytes."""
    for name, figure in figures.items():
        rendered = plan.folder / figure
        whole = figure_lineage(shared, plan, name)
        for suffix in CARRIERS:
            check_file(plan, rendered.with_suffix(suffix))
            folder = RESULTS / plan["sweep"] / FIGURES
            destination = folder / f"{name}_{shared['label']}{suffix}"
            stamp(rendered.with_suffix(suffix), destination, whole)
            yield str(destination), file_hash(destination)


def set_aside(folder: Path, label: str) -> None:
    """Move the figures of other labels out of the way; those of this one come back anew."""
    for path in sorted(folder.glob("*")):
        named = _STAMPED.fullmatch(path.name)
        if named and named[1] != label and not path.is_dir():
            earlier = folder / EARLIER / named[1]
            earlier.mkdir(parents=True, exist_ok=True)
            renamed(path, earlier / path.name)
    if (folder / EARLIER / label).is_dir():
        for path in (folder / EARLIER / label).glob(f"*_{label}.*"):
            removed(path)
        with suppress(OSError):  # something else is in it
            (folder / EARLIER / label).rmdir()


def lead(folder: Path, label: str, figures: Iterable[str]) -> None:
    """Let the names that stay lead to the figures of a label, and to none that are not there."""
    links = {
        f"{name}{suffix}": folder / f"{name}_{label}{suffix}"
        for name in figures
        for suffix in CARRIERS
    }
    for name, target in links.items():
        link(folder / CURRENT_FIGURES / name, target)
    for path in (folder / CURRENT_FIGURES).glob("*"):
        if path.name not in links and path.suffix in CARRIERS:
            removed(path)


def write(path: Path, content: bytes) -> None:
    """Write a file that appears whole."""
    with written(path) as temporary:
        temporary.write_bytes(content)
