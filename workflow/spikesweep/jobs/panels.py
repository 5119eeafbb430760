"""The job that draws a figure of a figure set."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spikesweep.errors import UserError
from spikesweep.figures.composing import Panel, compose, difference
from spikesweep.figures.render import drawing
from spikesweep.jobs.figure import AHEAD as AHEAD
from spikesweep.jobs.figure import OWN, copy_code, figure_data, numbers
from spikesweep.jobs.own_code import draw_twice
from spikesweep.jobs.task import check_file
from spikesweep.lineage.set_plan import SetPlanFile, read_set_plan
from spikesweep.products.code import code_hash, code_hashes
from spikesweep.products.fingerprint import file_hash, versions
from spikesweep.products.plan_file import read_plan
from spikesweep.products.sidecar import origin, write_origin
from spikesweep.products.stages import modules
from spikesweep.products.table import PANELS, file_names


def make(plan_path: Path, output: Path) -> None:
    """Draw all panels of a figure into one, as PDF, PNG and SVG."""
    plan = read_set_plan(plan_path)
    recipe = plan.recipe(output)
    kinds = {panel["kind"] for panel in recipe["panels"].values() if "kind" in panel}
    for kind in kinds:
        drawing(kind)  # is imported before its code is looked at
    _check(recipe, output)
    files = [output.with_name(name) for name in file_names(PANELS.stage, output.name)]
    with TemporaryDirectory(prefix="spikesweep_") as scratch:
        panels: dict[str, Panel] = {}
        readable = [Path(scratch)]
        for letter, shown in recipe["panels"].items():
            panels[letter], read = _panel(plan, letter, shown, Path(scratch, letter))
            readable += read

        def draw(outputs) -> None:
            compose(recipe["size"], recipe["mosaic"], panels, recipe["share"], outputs)

        if OWN in kinds:
            draw_twice(draw, files, readable, plan.figure_of(output))
        else:
            draw(files)
    of_kinds = (f"spikesweep.figures.{kind}" for kind in kinds)
    code = code_hashes(*modules(PANELS.stage), *of_kinds)
    write_origin(output, origin(recipe, code), files)


def _check(recipe: dict[str, Any], output: Path) -> None:
    """Refuse to draw with other code or packages than planned."""
    planned = {panel["kind"]: panel["code"] for panel in recipe["panels"].values() if "kind" in
               panel}  # fmt: skip
    same = recipe["code"] == code_hash(*modules(PANELS.stage))
    same = same and all(code_hash(f"spikesweep.figures.{k}") == c for k, c in planned.items())
    if not same or recipe["versions"] != versions(recipe["versions"]):
        raise UserError(
            f"{output}: the code of the figures, or a package, changed while this run was going "
            "on; nothing was made. Run snakemake again: it makes what the new sources ask for"
        )


def _panel(
    plan: SetPlanFile, letter: str, shown: dict[str, Any], folder: Path
) -> tuple[Panel, list[Path]]:
    """Return a panel, and the files that may be opened to draw it."""
    if "image" in shown:
        path = Path(shown["image"]).absolute()
        if not path.is_file() or file_hash(path) != shown["sha256"]:
            raise UserError(f"{shown['image']}: changed while this run was going on; run it again")
        return Panel(image=path), [path]
    sweep = read_plan(plan.plan_of(shown["sweep"]))
    for name in shown["reads"]:
        check_file(sweep, sweep.file(name))
    reads = {name: sweep.file(name).absolute() for name in shown["reads"]}
    readable = [path.with_suffix("") for path in reads.values()]
    if shown["kind"] != OWN:
        data = figure_data(shown, reads)
        if "minus" in shown:
            other = read_plan(plan.plan_of(shown["minus"]))
            for name in shown["reads_minus"]:
                check_file(other, other.file(name))
            less = {name: other.file(name).absolute() for name in shown["reads_minus"]}
            readable += [path.with_suffix("") for path in less.values()]
            data = difference(data, figure_data({}, less), shown["sweep"], shown["minus"])
        return Panel(shown["kind"], shown["options"], data), readable
    options = copy_code(shown, folder)
    return Panel(OWN, options, numbers(sweep, shown, reads)), readable
