"""Regions that a sweep file names: unions, patterns, and sections where a condition holds."""

from collections.abc import Mapping
from dataclasses import replace

from spikesweep.language import document as doc
from spikesweep.language.names import means
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.places import Places


def name_regions(cell: Cell, definitions: Mapping[str, doc.Region]) -> Cell:
    """Return the cell with its named regions.

    A condition is that of a section's middle: its path distance from where the cell's distances
    start, the section's length, and its mean diameter where it is not divided yet.

    Args:
        cell: of one segment a section, unless code has built and divided it.
        definitions: name -> {"in": names, of regions above it as well, "where": expression}.

    Raises:
        SimulationError: a name that means no section, or that sections bear already, or a
            condition without a value.
    """
    if not definitions:
        return cell
    named: dict[str, frozenset] = {}
    for name, definition in definitions.items():
        if any(means(name, *key, region) for key, region in cell.regions.items()):
            raise SimulationError(
                f'cell {cell.name} has a region or section "{name}" already, beside the named one'
            )
        places = Places(replace(cell, named=named))
        keys = places.cell.keys(definition["in"])
        if "where" in definition:
            keys = {
                key for key in keys if places.evaluate(definition["where"], cell.sections[key](0.5))
            }
        named = named | {name: frozenset(keys)}
    return replace(cell, named=named)
