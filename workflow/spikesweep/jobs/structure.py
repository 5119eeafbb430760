"""The job that looks at the cells as they are built: by segments, and by sections."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spikesweep.execution.child import in_child
from spikesweep.execution.packs import read_morphologies
from spikesweep.jobs.batch import start_simulator
from spikesweep.jobs.task import begin
from spikesweep.language import document as doc
from spikesweep.products.atomic import written
from spikesweep.products.fingerprint import fingerprint
from spikesweep.products.seal import sealed_json
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.structure import measured_places, section_snapshots, segment_rows
from spikesweep.tables.structure import write_structure


def make(plan_path: Path, output: Path) -> None:
    """Write the segments of the cells and their parameters, in the sweep's first simulation; and,
    beside the table, what NEURON's psection() says of them.

    Where that cannot be built both are empty, and the failure is that simulation's: others may be
    fine.
    """
    task = begin(plan_path, output)
    plan, recipe = task.plan, task.recipe
    first, simulator = plan.document(next(plan.rows())), start_simulator(plan)
    limits = {"timeout": recipe["timeout"], "memory": recipe["memory"]}
    try:
        rows, cells = structure(first, simulator, **limits), snapshot(first, simulator, **limits)
    except SimulationError as error:
        print(f"spikesweep: {plan['sweep']}: {output} is empty: {error}", file=sys.stderr)
        rows, cells = [], {}
    columns = write_structure(rows, output, plan["parameter_units"])
    _, sections = task.files
    with written(sections) as temporary:
        temporary.write_bytes(sealed_json({"fingerprint": fingerprint(recipe), "cells": cells}))
    task.describe(structure=columns)


def structure(document: doc.Document, simulator: Simulator, **limits: float | None) -> list[dict]:
    """Return a row for each segment of each cell, in the order of cells, sections and segments.

    Columns: cell, section (name), index, region (or None), x (the segment's middle, 0 to 1);
    x0, y0, z0, x1, y1, z1, the segment's ends in space, and diam and distance (from the middle of
    the soma, along the path), all in um; area (um2), Ra (ohm cm), cm (uF/cm2), and each RANGE
    parameter of the density mechanisms inserted there as "<mechanism>.<parameter>";
    and of ions what is given of them and not computed, "na_ion.ena".

    Raises:
        SimulationError: the cells cannot be built, or not within the limits: `timeout` (s) and
            `memory` (bytes).
    """
    return _of_built(document, simulator, segment_rows, limits)


def snapshot(
    document: doc.Document, simulator: Simulator, **limits: float | None
) -> dict[str, dict[str, dict]]:
    """Return what NEURON's psection() says of each section of each cell: cell -> section -> it.

    Sections and the places that they are connected to bear our names; a point process that the
    cell's own code has made is told by its place and its parameters.

    Raises:
        SimulationError: as `structure` does.
    """
    return _of_built(document, simulator, section_snapshots, limits)


def places(document: doc.Document, simulator: Simulator) -> dict[str, str]:
    """Return where the places lie that the document finds by a measure, by their text.

    Raises:
        SimulationError: as `structure` does, or there is no such place.
    """
    return _of_built(document, simulator, measured_places, {})


def _of_built(
    document: doc.Document,
    simulator: Simulator,
    look: Callable[[doc.Document, Simulator], Any],
    limits: dict,
) -> Any:
    """Return what a function finds where it may build cells: in a child."""
    read_morphologies([document], simulator)
    outcome = in_child(lambda: look(document, simulator), **limits)
    if outcome.status == "error":
        raise SimulationError(outcome.message)
    if outcome.status != "ok":
        raise SimulationError(f"NEURON {outcome.status}: {outcome.message}")
    return outcome.value
