"""The segments of a simulation's cells as a table: where they lie, and what is set there."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.names import join, location_text, locations_by_measure
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.geometry import points_of
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
    cells = build_cells(document, simulator)
    names = {
        section: f"{cell.name}.{name}[{index}]"
        for cell in cells.values()
        for (name, index), section in cell.sections.items()
    }
    return {
        cell.name: {
            names[section].removeprefix(f"{cell.name}."): _psection(section, names)
            for section in cell.sections.values()
        }
        for cell in cells.values()
    }


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


def _psection(section: Section, names: Mapping[Section, str]) -> dict[str, Any]:
    """Return psection() as plain JSON, without what differs from one process to the next."""
    said = section.psection()
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
    # What is electrical comes first, since define_shape draws sections that have no points, and
    # their size then follows from those points, rounded to single precision.
    rows = [row for cell in cells for row in _electrical_rows(cell)]
    points = _draw(simulation)
    ends = [end for section in points for end in _ends(points[section], section.nseg)]
    return [row | end for row, end in zip(rows, ends, strict=True)]


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


def _draw(simulation: Simulation) -> dict:
    """Return the points of all sections, each cell where it stands.

    NEURON draws the sections that have none, from the root of their cell on, which it puts
    anywhere; here that is the origin of the cell's own coordinates.
    """
    sections = [section for cell in simulation.cells.values() for section in cell.sections.values()]
    known = {section: points_of(section) for section in sections if section.n3d()}
    n.define_shape()  # also moves sections, whose points are known by then
    points = {}
    for name, cell in simulation.cells.items():
        own = {s: known[s] if s in known else points_of(s) for s in cell.sections.values()}
        root = next(iter(own))
        origin = 0.0 if root in known else own[root][0, 1:]
        for section, path in own.items():
            xyz = simulation.placements[name].place(path[:, 1:] - origin)
            points[section] = np.column_stack([path[:, 0], xyz])
    return points


def _ends(points: np.ndarray, nseg: int) -> Iterator[dict]:
    """Yield the two ends in space of each segment of a section."""
    bounds = np.linspace(0, points[-1, 0], nseg + 1)
    xyz = np.array([np.interp(bounds, points[:, 0], points[:, axis]) for axis in (1, 2, 3)]).T
    for start, end in zip(xyz[:-1].tolist(), xyz[1:].tolist(), strict=True):
        yield dict(zip(("x0", "y0", "z0", "x1", "y1", "z1"), start + end, strict=True))
