"""Making products: reads what the plan says of a product and hands it to the stage that makes it.

Each function makes one product, or refuses where the code, the packages or an input are not
those that the plan was made with (`PlanFile.recipe`).
"""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from spikesweep.columns import COLUMNS, IDENTITY, Column
from spikesweep.errors import UserError
from spikesweep.files import written
from spikesweep.planfile import PlanFile, read_plan
from spikesweep.store import DamagedSegment, LostSimulations, Store

STORE = Path("results/store")
STRUCTURE_UNITS = {
    **dict.fromkeys(["x0", "y0", "z0", "x1", "y1", "z1", "diam", "distance"], "um"),
    **{"area": "um2", "Ra": "ohm cm", "cm": "uF/cm2"},
}


def make_dataset(plan_path: Path, output: Path) -> None:
    """Collect the results of all simulations into the dataset.

    Raises:
        UserError: a result is lost or damaged; the batches that promised it are removed first,
            so that the next run simulates it again.
    """
    from spikesweep.batch import machine_failures
    from spikesweep.dataset import collect

    plan = read_plan(plan_path)
    plan.recipe(output)
    contents = {
        **{name: plan[name] for name in ("sweep", "title", "axes", "design", "quantities")},
        "record": plan["document"]["record"],
        "specification": {"document": plan["document"], "slots": plan["slots"]},
        "tstop": _stop_times(plan),
    }
    batches = [plan.folder / name for name in plan["batches"]]
    rows = ((row.index, row.key, _point(row.axes, plan["axes"])) for row in plan.rows())
    try:
        fingerprint = plan.fingerprint(output)
        failed = machine_failures(batches)
        collect(contents, rows, failed, Store(STORE), output, fingerprint)
    except LostSimulations as error:
        if isinstance(error, DamagedSegment):
            Store(STORE).set_aside(error.path)
        remove_broken_promises(batches, error.keys)
        raise


def _stop_times(plan: PlanFile) -> float | list[float]:
    path = ["protocol", "tstop"]
    if path not in plan["slots"]:
        return plan["document"]["protocol"]["tstop"]
    position = plan["slots"].index(path)
    return [json.loads(row.slots[position]) for row in plan.rows()]


def _point(texts: Iterable[str], axes: list[dict[str, Any]]) -> list[float | str]:
    return [
        text if isinstance(axis["values"][0], str) else float(text)
        for text, axis in zip(texts, axes, strict=True)
    ]


def remove_broken_promises(batches: Iterable[Path], lost: Iterable[str]) -> None:
    """Remove the files of batches that say that lost results are in the store."""
    lost = set(lost)
    for batch in batches:
        if batch.exists() and any(line[:64] in lost for line in batch.read_text().splitlines()):
            batch.unlink()


def make_statistics(plan_path: Path, output: Path) -> None:
    """Write the statistics table and, beside it, its columns and the table of intervals."""
    from spikesweep.statistics import write_tables

    plan = read_plan(plan_path)
    recipe = plan.recipe(output)
    window = recipe["window"]
    write_tables(
        plan.folder / plan["dataset"],
        output,
        output.parent / plan["isi"],
        window=tuple(window) if window else None,
        refractory=recipe["refractory"],
    )
    axes = {axis["name"]: Column(axis["unit"], axis["long_name"], "axis") for axis in plan["axes"]}
    write_columns(output, {**IDENTITY, **axes, **COLUMNS})


def write_columns(table: Path, columns: Mapping[str, Column]) -> None:
    """Write what the columns of a table hold to a JSON beside it."""
    described = {name: column._asdict() for name, column in columns.items()}
    with written(table.with_suffix(".json")) as temporary:
        text = json.dumps({"columns": described}, indent=1, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def make_structure(plan_path: Path, output: Path) -> None:
    """Write the segments of the cells and their parameters, in the sweep's first simulation."""
    from spikesweep.batch import engine
    from spikesweep.simulation.errors import SimulationError
    from spikesweep.simulation.structure import structure

    plan = read_plan(plan_path)
    plan.recipe(output)
    try:
        rows = structure(plan.document(next(plan.rows())), engine(plan))
    except SimulationError as error:
        raise UserError(f"{plan['sweep']}: the model cannot be built: {error}") from None
    names = list(dict.fromkeys(name for row in rows for name in row))
    with written(output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    units = STRUCTURE_UNITS | plan["parameter_units"]
    write_columns(output, {name: Column(units.get(name, ""), name, "") for name in names})


def make_figure(plan_path: Path, output: Path) -> None:
    """Draw a figure: PDF, PNG and SVG."""
    from spikesweep.figures.data import FigureData
    from spikesweep.figures.render import render

    plan = read_plan(plan_path)
    recipe = plan.recipe(output)
    data = FigureData(**{name: plan.folder / plan[name] for name in recipe["reads"]})
    outputs = [output.with_suffix(suffix) for suffix in (".pdf", ".png", ".svg")]
    render(recipe["stage"].partition(".")[2], recipe["options"], data, outputs)
