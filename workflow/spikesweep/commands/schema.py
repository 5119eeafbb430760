"""The verb `schema`: the JSON Schema of sweep files; of one sweep, with the names that it can use.

An editor completes what it finds in a schema. The names are offered beside all that any sweep may
write: a sweep that fits the one fits the other.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.mechanisms.mechanism import Mechanism, Variable
from spikesweep.plan.making import make_plan
from spikesweep.plan.products import Plan
from spikesweep.sweepfile.schema import as_text, schema

REGIONS = ("all", "soma", "axon", "basal", "apical")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for",
        dest="sweep",
        type=sweep_name,
        metavar="SWEEP",
        help="with the names of its mechanisms, parameters, cells and processes",
    )


def run(options: argparse.Namespace) -> None:
    if options.sweep is None:
        print(as_text(schema()), end="")
        return
    enter_project()
    print(as_text(schema_for(make_plan(Path(), options.sweep))), end="")


def schema_for(plan: Plan) -> dict[str, Any]:
    """Return the schema with all names that a sweep can use, and the units of parameters."""
    known = schema()
    parts = known["$defs"]
    mechanisms = plan.catalogue.known.values()
    inserted = [m for m in mechanisms if m.kind == "density"]
    placed = [m for m in mechanisms if m.kind != "density"]
    rule = parts["BiophysicsRule"]["properties"]
    rule["insert"]["properties"] = {m.name: _parameters(m) for m in inserted}
    process = parts["Process"]["properties"]
    _offer(process["type"], (m.name for m in placed))
    cells = list(plan.sweep.model.cells)
    places = [f"{cell}.soma(0.5)" for cell in cells]
    _offer(process["at"], places)
    _offer(parts["SpikeDetector"]["properties"]["at"], places)
    _offer(
        parts["Trace"]["properties"]["of"],
        [f"{one}.v" for one in (*places, *plan.sweep.protocol.electrodes)],
    )
    _offer(parts["Axis"]["properties"]["sets"], _targets(plan, cells))
    return known


def _parameters(mechanism: Mechanism) -> dict[str, Any]:
    """Return what a mechanism takes: each parameter with its unit and default."""
    return {
        "type": ["object", "null"],
        "properties": {name: {"description": _told(v)} for name, v in mechanism.parameters.items()},
    }


def _told(variable: Variable) -> str:
    unit = variable.unit or "no unit"
    return unit if variable.default is None else f"{unit}; default {variable.default:g}"


def _offer(part: dict[str, Any], names: Iterable[str]) -> None:
    """Let an editor complete names where any other text is allowed as well."""
    said = {key: part.pop(key) for key in ("title", "description", "default") if key in part}
    before = dict(part)
    part.clear()
    part.update({**said, "anyOf": [{"enum": sorted(set(names))}, before]})


def _targets(plan: Plan, cells: Iterable[str]) -> list[str]:
    """Return what an axis can set: of the protocol, of processes, of mechanisms in the cells."""
    protocol = [f"protocol.{name}" for name in ("celsius", "v_init", "tstop", "dt", "seed")]
    processes = [
        f"{name}.{parameter}"
        for name, process in plan.sweep.protocol.processes.items()
        for parameter in plan.catalogue.point(process.type, name).parameters
    ]
    used = {
        m for cell in plan.sweep.model.cells.values() for r in cell.biophysics for m in r.insert
    }
    return [
        *protocol,
        *processes,
        *(f"parameters.{name}" for name in plan.sweep.model.parameters),
        *(
            f"{cell}.{region}.{mechanism}.{parameter}"
            for cell in cells
            for region in REGIONS
            for mechanism in sorted(used)
            for parameter in plan.catalogue.density(mechanism, mechanism).parameters
        ),
    ]
