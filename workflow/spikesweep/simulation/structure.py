"""The segments of a simulation's cells as a table: where they lie, and what is set there."""

from collections.abc import Iterator, Mapping
from typing import Any

from spikesweep.language import document as doc
from spikesweep.language.names import join, location_text, locations_by_measure
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.drawing import Drawing, ends_of
from spikesweep.simulation.globals import set_globals
from spikesweep.simulation.ions import holds
from spikesweep.simulation.nrn import (
    PARAMETER,
    Section,
    is_ion,
    is_process,
    kind_of,
    n,
    variable_names,
)
from spikesweep.simulation.processes import find_segment
from spikesweep.simulation.simulation import Simulation, build_cells
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.variables import elements, get_variable


def section_snapshots(document: doc.Document, simulator: Simulator) -> dict[str, dict[str, dict]]:
    """Return what `jobs.structure.snapshot` does; to be called in a child."""
    set_globals(document["protocol"])
    cells, beside = _cells_to_tell(document, simulator)
    names = {
        section: f"{cell.name}.{name}[{index}]"
        for cell in cells.values()
        for (name, index), section in cell.sections.items()
    }
    return {
        cell.name: {
            names[section].removeprefix(f"{cell.name}."): _psection(section, names, beside)
            for section in cell.sections.values()
        }
        for cell in cells.values()
    }


def _cells_to_tell(
    document: doc.Document, simulator: Simulator
) -> tuple[dict[str, Cell], list[Any]]:
    """Return the cells, and the processes that are none of theirs.

    psection() cannot tell of a POINTER that leads nowhere; to what it leads, the whole simulation
    may be needed.
    """
    rules = (rule for cell in document["cells"].values() for rule in cell.get("biophysics", ()))
    if not any("pointers" in rule for rule in rules):
        return build_cells(document, simulator), []
    simulation = Simulation(document, simulator)
    return simulation.cells, [*simulation.processes.values(), *simulation.gap_junctions]


def measured_places(document: doc.Document, simulator: Simulator) -> dict[str, str]:
    """Return where the places lie that a document finds by a measure, "pyr.apical(farthest)" ->
    "pyr.apical[3](1)"; to be called in a child."""
    set_globals(document["protocol"])
    cells = build_cells(document, simulator)
    names = {
        section: (cell.name, *key)
        for cell in cells.values()
        for key, section in cell.sections.items()
    }
    found = {}
    for cell, *rest in locations_by_measure(document):
        one = cell if cell in cells else join(cell, 0)  # of copies the first
        segment = find_segment(cells, [one, *rest])
        place = location_text([*names[segment.sec], segment.x])
        found[location_text([one, *rest])] = place
    return found


def _psection(section: Section, names: Mapping[Section, str], beside: list[Any]) -> dict[str, Any]:
    """Return psection() as plain JSON, without what differs from one run to the next, and without
    the point processes that are `beside` the cells."""
    said = section.psection()
    of_cells = {kind: [p for p in every if p not in beside]
                for kind, every in said["point_processes"].items()}  # fmt: skip
    said["point_processes"] = {kind: set(own) for kind, own in of_cells.items() if own}
    return {
        name: _plain(value, names)
        for name, value in said.items()
        if name not in ("cell", "hoc_internal_name", "name")
    }


def _plain(value: Any, names: Mapping[Section, str]) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(inner, names) for key, inner in sorted(value.items())}
    if isinstance(value, set):
        return sorted((_plain(item, names) for item in value), key=repr)
    if isinstance(value, list | tuple):
        return [_plain(item, names) for item in value]
    if is_process(value):
        parameters = variable_names(kind_of(value), PARAMETER)
        numbers = {p: getattr(value, p) for p in parameters}
        return {
            "x": value.get_segment().x,
            **{p: list(v) if hasattr(v, "__len__") else v for p, v in numbers.items()},
        }
    if hasattr(value, "sec"):
        return f"{names.get(value.sec, value.sec)}({value.x:g})"
    return str(value)


def segment_rows(document: doc.Document, simulator: Simulator) -> list[dict]:
    """Return what `jobs.structure.structure` does; to be called in a child."""
    set_globals(document["protocol"])
    simulation = Simulation(document, simulator)
    cells = simulation.cells.values()
    # What is electrical comes first, since drawing changes the size of what has no points.
    rows = [row for cell in cells for row in _electrical_rows(cell)]
    points = Drawing(simulation.cells, simulation.placements).points()
    ends = [end for section in points for end in ends_of(points[section], section.nseg)]
    return [
        row | dict(zip(("x0", "y0", "z0", "x1", "y1", "z1"), end, strict=True))
        for row, end in zip(rows, ends, strict=True)
    ]


def _electrical_rows(cell: Cell) -> Iterator[dict]:
    origin = cell.origin
    for (name, index), section in cell.sections.items():
        for segment in section:
            yield {
                "cell": cell.name,
                "section": name,
                "index": index,
                "region": cell.regions[name, index],
                "x": segment.x,
                "diam": segment.diam,
                "distance": n.distance(origin, segment),
                "area": segment.area(),
                "Ra": section.Ra,
                "cm": segment.cm,
                **_parameters(segment),
            }


def _parameters(segment) -> dict[str, float]:
    return {
        f"{mechanism}.{name}": get_variable(segment, mechanism, name)
        for mechanism in (one.name() for one in segment)
        for name in _settable(segment.sec, mechanism)
    }


def _settable(section: Section, mechanism: str) -> list[str]:
    """Return the parameters of a mechanism in a section; of an ion, what is given of it there and
    not computed."""
    if is_ion(mechanism):
        ion = mechanism.removesuffix("_ion")
        return [name for name in (f"e{ion}", f"{ion}i", f"{ion}o") if holds(name, section)]
    return elements(mechanism, variable_names(mechanism, PARAMETER))
