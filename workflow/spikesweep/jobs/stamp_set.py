"""The job that copies the figures of a figure set to names that carry the git label.

The record of the set lies in `results/provenance/`, beside those of its sweeps.
"""

from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.jobs.mark import marked
from spikesweep.jobs.stamp import lead, set_aside, write
from spikesweep.lineage.git_label import GitState, sweep_state
from spikesweep.lineage.lineage import lineage, patch_path, record_path
from spikesweep.lineage.set_plan import SetPlanFile, read_set_plan
from spikesweep.lineage.stamp import CARRIERS, stamp
from spikesweep.products import engine
from spikesweep.products.fingerprint import file_hash, fingerprint, versions
from spikesweep.products.plan_file import read_plan
from spikesweep.products.seal import sealed_json
from spikesweep.products.sidecar import beside, check_origin, read_origin
from spikesweep.products.table import FIGURE, STAMP_SET

RESULTS = Path("results/figure_sets")


def make(plan_path: Path, mark: Path) -> None:
    """Copy the figures to names that carry the git label, with their lineage inside.

    As with those of sweeps, earlier labels move to `earlier/<label>/`, and the names in `current/`
    lead to these.

    Raises:
        UserError: a figure is missing, or not, byte by byte, as it was drawn; or the label is no
            longer the one that the names carry.
    """
    plan = read_set_plan(plan_path)
    state = sweep_state(Path(), plan["sources"], plan["imported"])
    name = f"{STAMP_SET.files[0].name}_{state.label}_"
    if not mark.name.startswith(name):
        raise UserError(
            f"{mark}: the git label changed to {state.label} while this run was going on; nothing "
            "was stamped. Run snakemake again: it stamps the figures with the new label"
        )
    sweeps = {sweep: _of_sweep(plan.plan_of(sweep), state) for sweep in plan["plans"]}
    if state.patch_hash:
        write(patch_path(state.patch_hash), state.patch)
    folder = RESULTS / plan["set"]
    shared = _shared(plan, state)
    figures = {}
    with marked(mark, f"{STAMP_SET.files[0].name}_", folder, plan.path):
        set_aside(folder, state.label)
        for figure, file in plan["figures"].items():
            drawn = plan.path.parent / file
            figures[figure] = _of_figure(plan, figure, drawn)
            whole = _lineage(shared, figures[figure], sweeps)
            for suffix in CARRIERS:
                rendered = drawn.with_suffix(suffix)
                check_origin(rendered, whole["fingerprint"])
                stamp(rendered, folder / f"{figure}_{state.label}{suffix}", whole)
        lead(folder, state.label, figures)
        sources = {path: file_hash(Path(path)) for path in plan["sources"]}
        record = {**shared, "sources": sources, "sweeps": sweeps, "figures": figures}
        write(record_path(plan["set"], state.label), sealed_json(record))


def _of_sweep(plan: Path, state: GitState) -> dict[str, Any]:
    """Return the lineage of a sweep's tables; its own figures are not shown here."""
    whole = lineage(read_plan(plan), state)
    kept = {
        name: product
        for name, product in whole["products"].items()
        if not product["stage"].startswith(f"{FIGURE.stage}.")
    }
    return {**whole, "products": kept}


def _shared(plan: SetPlanFile, state: GitState) -> dict[str, Any]:
    """Return what the lineages of all figures of a set say."""
    every = versions(["snakemake"])
    for recipe in plan["products"].values():
        every |= recipe["versions"]
    return {
        "figure_set": plan["set"],
        "title": plan["title"],
        "command": f"snakemake --cores 8 {plan['set']}",
        "label": state.label,
        "commit": state.commit,
        "date": state.date,
        "patch": state.patch_hash,
        "changed_files": list(state.dirty_files),
        "spikesweep": engine.identity(),
        "plan": {"file": plan.path.name, "fingerprint": fingerprint(plan.contents)},
        "versions": dict(sorted(every.items())),
    }


def _of_figure(plan: SetPlanFile, figure: str, drawn: Path) -> dict[str, Any]:
    """Return what the lineage of a figure says of it alone."""
    recipe = plan.recipe(drawn)
    origin = read_origin(beside(drawn), drawn)
    return {
        "figure": figure,
        "fingerprint": fingerprint(recipe),
        "options": {name: recipe[name] for name in ("size", "mosaic", "share")},
        "panels": recipe["panels"],
        "files": origin["files"],
        "made_on": origin["made_on"],
    }


def _lineage(
    shared: dict[str, Any], of_figure: dict[str, Any], sweeps: dict[str, Any]
) -> dict[str, Any]:
    """Return the whole lineage of a figure, with those of the sweeps that its panels show."""
    panels = of_figure["panels"].values()
    shown = {panel[which] for panel in panels for which in ("sweep", "minus") if which in panel}
    return {**shared, **of_figure, "sweeps": {name: sweeps[name] for name in sorted(shown)}}
