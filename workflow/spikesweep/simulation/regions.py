"""Regions that a sweep file names: unions, patterns, and sections where a condition holds."""

from collections.abc import Mapping
from dataclasses import replace

from spikesweep.simulation.cells import Cell
from spikesweep.simulation.places import Places


def name_regions(cell: Cell, definitions: Mapping[str, dict]) -> Cell:
    """Return the cell with its named regions.

    A condition is that of a section's middle before the section is divided: its path distance
    from where the cell's distances start, its length, its mean diameter.

    Args:
        cell: of one segment a section.
        definitions: name -> {"in": names, of regions above it as well, "where": expression}.

    Raises:
        SimulationError: a name that means no section, or a condition without a value.
    """
    named: dict[str, frozenset] = {}
    for name, definition in definitions.items():
        places = Places(replace(cell, named=named))
        keys = places.cell.keys(definition["in"])
        if "where" in definition:
            keys = {
                key for key in keys if places.evaluate(definition["where"], cell.sections[key](0.5))
            }
        named = named | {name: frozenset(keys)}
    return replace(cell, named=named)
