"""The job that draws a figure."""

from pathlib import Path

from spikesweep.figures.data import FigureData
from spikesweep.figures.render import drawing, render
from spikesweep.lineage.stamp import CARRIERS, stamp
from spikesweep.products.plan_file import read_plan
from spikesweep.products.sidecar import check_dataset, check_origin, write_origin


def make_figure(plan_path: Path, output: Path) -> None:
    """Draw a figure as PDF, PNG and SVG; each holds the figure's fingerprint."""
    plan = read_plan(plan_path)
    kind = plan["products"][output.name]["stage"].partition(".")[2]
    drawing(kind)  # is imported before its code is looked at
    recipe = plan.recipe(output)
    for table, fingerprint in recipe["reads"].items():
        check = check_dataset if table == "dataset" else check_origin
        check(plan.folder / plan[table], fingerprint)
    data = FigureData(
        **{name: plan.folder / plan[name] for name in recipe["reads"]},
        simulation=recipe.get("simulation"),
    )
    outputs = [output.with_suffix(suffix) for suffix in CARRIERS]
    render(kind, recipe["options"], data, outputs)
    for path in outputs:
        stamp(path, path, {"fingerprint": plan.fingerprint(output)})
    write_origin(output, plan.origin(output), files=outputs)
