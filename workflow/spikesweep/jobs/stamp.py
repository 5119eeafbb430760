"""The job that copies the figures of a sweep to names that carry the git label."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.jobs.mark import leave_mark
from spikesweep.jobs.task import check_file
from spikesweep.lineage.git_label import sweep_state
from spikesweep.lineage.lineage import figure_lineage, lineage, patch_path, record_path
from spikesweep.lineage.stamp import CARRIERS, stamp
from spikesweep.products.atomic import written
from spikesweep.products.fingerprint import file_hash
from spikesweep.products.plan_file import PlanFile, read_plan
from spikesweep.products.seal import sealed_json
from spikesweep.products.table import STAMP

RESULTS = Path("results")


def make(plan_path: Path, mark: Path) -> None:
    """Copy the figures of a sweep to names that carry the git label, with their lineage inside.

    What all of them share is kept under `results/provenance/` as well, for the products that know
    no commit; and, where the tree is dirty, the patch against that commit.

    Args:
        mark: `stamped_<label>_<fingerprint>`; written last.

    Raises:
        UserError: a rendered figure is missing, or not, byte by byte, as it was drawn; or the label
            is no longer the one that the names carry.
    """
    plan = read_plan(plan_path)
    state = sweep_state(Path(), plan["sources"])
    name = f"{STAMP.files[0].name}_{state.label}_"
    if not mark.name.startswith(name):
        raise UserError(
            f"{mark}: the git label changed to {state.label} while this run was going on; nothing "
            "was stamped. Run snakemake again: it stamps the figures with the new label"
        )
    shared = lineage(plan, state)
    if state.patch_hash:
        _write(patch_path(state.patch_hash), state.patch)
    stamped = dict(_stamped(plan, shared))
    _write(record_path(plan["sweep"], state.label), sealed_json({**shared, "figures": stamped}))
    leave_mark(mark, name)


def _stamped(plan: PlanFile, shared: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Stamp every figure in every format; yield its path and the SHA-256 of its bytes."""
    for name, figure in plan["figures"].items():
        rendered = plan.folder / figure
        whole = figure_lineage(shared, plan, name)
        for suffix in CARRIERS:
            check_file(plan, rendered.with_suffix(suffix))
            folder = RESULTS / plan["sweep"] / "figures"
            destination = folder / f"{name}_{shared['label']}{suffix}"
            stamp(rendered.with_suffix(suffix), destination, whole)
            yield str(destination), file_hash(destination)


def _write(path: Path, content: bytes) -> None:
    with written(path) as temporary:
        temporary.write_bytes(content)
