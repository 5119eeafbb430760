"""The verb `structure`: the sections of a sweep's cells, as its first simulation has them.

NEURON builds the cells and nothing is simulated.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from spikesweep.commands.place import enter_project, sweep_name
from spikesweep.errors import UserError
from spikesweep.language.names import join
from spikesweep.plan.making import make_plan
from spikesweep.plan.products import Plan
from spikesweep.products.plan_file import PlanFile

Look = Callable[[Callable[..., Any]], Any]


class Section(NamedTuple):
    """A section of a cell.

    L: length, diam: mean diameter, distance: of the middle of its first segment, all in um.
    area: of its membrane (um2).
    """

    cell: str
    section: str
    region: str
    nseg: int
    L: float
    diam: float
    distance: float
    area: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", type=sweep_name)


def simulates(options: argparse.Namespace) -> bool:
    return True


def run(options: argparse.Namespace) -> None:
    enter_project()
    look = first_cells(make_plan(Path(), options.sweep, is_drawn=False))
    print("\n".join([*tell(sections(look)), *tell_places(look)]))


def first_cells(plan: Plan) -> Look:
    """Return what calls a function of `jobs.structure` for a sweep's first simulation.

    It raises UserError where the cells cannot be built.
    """
    from spikesweep.jobs.batch import start_simulator  # which imports NEURON
    from spikesweep.simulation.errors import SimulationError

    if plan.library and not plan.library.path.exists():
        from spikesweep.jobs import mechanisms

        mechanisms.make(plan.catalogue.set_name, plan.library.path)
    neuron = start_simulator(PlanFile(plan.plan.path, plan.contents))
    first = plan.template.fill([column[0] for column in plan.columns])

    def look(function: Callable[..., Any]) -> Any:
        try:
            return function(first, neuron)
        except SimulationError as error:
            raise UserError(f"{plan.name}: its cells cannot be built: {error}") from None

    return look


def sections(look: Look) -> list[Section]:
    """Return the sections of all cells."""
    from spikesweep.jobs.structure import snapshot, structure

    rows, said = look(structure), look(snapshot)
    by_section = groupby(rows, lambda row: (row["cell"], row["section"], row["index"]))
    return [_section(list(found), said) for _, found in by_section]


def _section(rows: list[dict[str, Any]], said: dict[str, dict[str, dict]]) -> Section:
    cell, name = rows[0]["cell"], join(rows[0]["section"], rows[0]["index"])
    return Section(
        cell,
        name,
        rows[0]["region"] or "",
        nseg=len(rows),
        L=said[cell][name]["morphology"]["L"],
        diam=sum(row["diam"] for row in rows) / len(rows),
        distance=rows[0]["distance"],
        area=sum(row["area"] for row in rows),
    )


def tell(found: Iterable[Section]) -> Iterator[str]:
    """Yield a table of each cell, a line a section."""
    for cell, own in groupby(found, lambda section: section.cell):
        lines = [Section._fields[1:], *(tuple(map(_text, section[1:])) for section in own)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        yield f"{cell}: {len(lines) - 1} sections (um, um2)"
        for line in lines:
            words = (word.ljust(width) for word, width in zip(line, widths, strict=True))
            yield f"  {'  '.join(words)}".rstrip()


def tell_places(look: Look) -> Iterator[str]:
    """Yield where the places lie that are found by their distance."""
    from spikesweep.jobs.structure import places

    if found := look(places):
        yield "places, in the first simulation"
        yield from (f"  {text} is {place}" for text, place in found.items())


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
