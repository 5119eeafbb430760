"""Cells that HOC files or a Python class build: what the code leaves behind becomes a `Cell`, with
its sections under the names that the code gives them."""

import os
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.expressions import nearest
from spikesweep.language.names import REGIONS, split
from spikesweep.simulation.cells import Cell, SectionKey
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.geometry import REGION_NAMES
from spikesweep.simulation.globals import RUN_VARIABLES
from spikesweep.simulation.nrn import (
    Section,
    Segment,
    density_mechanisms,
    is_process,
    n,
    process_kinds,
    random_variables,
)
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.streams import seed_cell, seed_process, stream_ids
from spikesweep.simulation.usercode import Home

_REGIONS = {**REGION_NAMES, **{name: name for name in REGIONS}}
_OF_PROTOCOL = ("celsius", "dt", *RUN_VARIABLES)  # which holds, whatever the code sets
SCALAR = 5  # what HOC's name_declared says of a variable that is one number


@dataclass(frozen=True, kw_only=True)
class CodeCell(Cell):
    """A cell that code has built.

    owner: the object of the class or template, or NEURON itself for HOC code without a template;
        its attributes are the names that the code gives to sections and processes.
    home: where its code runs.
    """

    owner: Any
    home: Home

    def section(self, name: str, index: int = 0):
        """Return a section by its own name, or by one under which the code exposes it."""
        if (name, index) in self.sections:
            return self.sections[name, index]
        found = _sections(_item(getattr(self.owner, name, None), index))
        return found[0] if found else super().section(name, index)

    def process(self, name: str):
        base, index = split(name)
        found = _item(getattr(self.owner, base, None), index)
        if isinstance(found, Segment):
            raise SimulationError(
                f"cell {self.name}: {name} is a place that its code holds, {found}, of which "
                "variables can be recorded; expected the section and the place along it"
            )
        if not is_process(found):
            known = [name for name in _names(self.owner) if is_process(getattr(self.owner, name))]
            raise SimulationError(
                f'cell {self.name}: its code has no point process "{name}"{nearest(name, known)}'
            )
        return found

    def held_segment(self, name: str):
        base, index = split(name)
        found = _item(getattr(self.owner, base, None), index)
        return found if isinstance(found, Segment) else None

    def _select(self, name: str) -> set[SectionKey]:
        base, index = split(name)
        if name != "all" and (base, index or 0) not in self.sections:
            exposed = set(_sections(_item(getattr(self.owner, base, None), index)))
            found = {key for key, section in self.sections.items() if section in exposed}
            if found:
                return found
        return super()._select(name)


@dataclass(frozen=True)
class Drawing:
    """What draws random numbers: density mechanisms of a cell, and how many processes of a kind."""

    inserted: frozenset[str]
    processes: dict[str, int]


def build_code_cell(
    name: str,
    document: doc.CodeCell,
    simulator: Simulator,
    parameters: Mapping[str, float],
    seed: int,
) -> CodeCell:
    """Return a new cell, built by its document's code.

    Args:
        parameters: the numbers of which expressions in its rules may speak.

    Raises:
        SimulationError: the code cannot be run, raises, or leaves an error that NEURON prints and
            no more; or it makes no sections.
    """
    before, drawing = set(n.allsec()), _count_drawing()
    file = document["python"]["file"] if "python" in document else document["hoc"][0]
    home = Home((simulator.models / file).parent, simulator.models)
    with home.running():
        if "python" in document:
            owner = _python_object(document, simulator, stream_ids(seed, name, "python"))
        else:
            owner = _hoc_object(document, simulator)
    made = [section for section in n.allsec() if section not in before]
    if not made:
        raise SimulationError(f"cell {name}: its code has made no section")
    _seed_processes(drawing, seed, name)
    sections = _named_sections(owner, made)
    regions = {key: _REGIONS.get(key[0]) for key in sections}
    return CodeCell(name, sections, regions, parameters, owner=owner, home=home)


def _python_object(document: doc.PythonCell, simulator: Simulator, seeds: tuple[int, ...]) -> Any:
    random.seed(seeds[0])
    np.random.seed(seeds[1])  # noqa: NPY002  (what a model's own code draws from)
    file, name = simulator.models / document["python"]["file"], document["python"]["class"]
    if file not in simulator.loaded:
        simulator.loaded[file] = _run_module(file)
    return getattr(simulator.loaded[file], name)(
        **{key: _given(value) for key, value in document["parameters"].items()}
    )


def _given(value: Any) -> Any:
    """Return what code is given; a text that names files has what counts of them with it."""
    return value["text"] if isinstance(value, dict) else value


def _run_module(file: Path) -> ModuleType:
    spec = spec_from_file_location(file.stem, file)
    module = module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def _hoc_object(document: doc.HocCell, simulator: Simulator) -> Any:
    values, template = document.get("globals", {}), document.get("template")
    protocol = {name: getattr(n, name) for name in _OF_PROTOCOL if n.name_declared(name) == SCALAR}
    for file in (simulator.models / file for file in document["hoc"]):
        if file not in simulator.loaded:
            n.load_file(_name_to_load(file, simulator))
            simulator.loaded[file] = os.getcwd()
        _set_variables(protocol | values)
    for name in values:
        if n.name_declared(name) != SCALAR:
            raise SimulationError(
                f'HOC has no variable "{name}" once the files are loaded{nearest(name, dir(n))}; '
                "expected one that they set at their top level"
            )
    if template is None:
        return n
    if not hasattr(n, template):
        known = nearest(template, dir(n))
        raise SimulationError(f'the HOC files define no template "{template}"{known}')
    made = getattr(n, template)(*map(_given, document["arguments"]))
    for name, value in values.items():
        if getattr(n, name) != value:
            raise SimulationError(
                f"HOC variable {name} is {getattr(n, name):.15g} once the template is made, not "
                f"{value:.15g} as the sweep file sets it: its code sets it again; expected one of "
                "them to set it"
            )
    return made


def _name_to_load(file: Path, simulator: Simulator) -> str:
    """Return the name by which code beside a file loads it, since NEURON goes by that to load it
    once; the whole path where code of another folder may have loaded one of that name."""
    is_alone = all(home == os.getcwd() for home in simulator.loaded.values())
    return os.path.relpath(file) if is_alone else str(file)


def _set_variables(values: dict[str, float]) -> None:
    """Set those HOC variables that are there by now; assigning makes any other name."""
    for name, value in values.items():
        if n.name_declared(name) == SCALAR:
            setattr(n, name, value)


def _count_drawing() -> dict[str, int]:
    """Return how many there are of each kind of point process that draws random numbers."""
    return {kind: int(n.List(kind).count()) for kind in process_kinds() if random_variables(kind)}


def _seed_processes(before: dict[str, int], seed: int, name: str) -> None:
    """Set the streams of the point processes that a cell's code has made, in their order."""
    for kind, count in before.items():
        for number, process in enumerate(list(n.List(kind))[count:]):
            seed_process(process, kind, seed, f"{name}.{kind}[{number}]")


def what_draws(cell: CodeCell) -> Drawing:
    """Return what draws random numbers by now, for `seed_made`."""
    inserted = frozenset(
        name
        for name in density_mechanisms()
        if random_variables(name)
        and any(section.has_membrane(name) for section in cell.sections.values())
    )
    return Drawing(inserted, _count_drawing())


def seed_made(cell: CodeCell, before: Drawing, seed: int) -> None:
    """Set the streams of what a cell's code has inserted and made since then."""
    seed_cell(cell, density_mechanisms() - before.inserted, seed)
    _seed_processes(before.processes, seed, f"{cell.name}.init")


def _named_sections(owner: Any, made: list) -> dict[SectionKey, Section]:
    """Return sections by name and index: those that an attribute holds by its name, a list's by
    its name and their place in it, all others by the names that NEURON knows them under."""
    named: dict[SectionKey, Section] = {}
    order = {section: place for place, section in enumerate(made)}
    left = dict(order)

    def take(key: SectionKey, section) -> None:
        if section in left and key not in named:
            named[key] = section
            del left[section]

    exposed = {} if owner is n or not hasattr(owner, "__dict__") else vars(owner)
    public = {name: value for name, value in exposed.items() if not name.startswith("_")}
    for name, value in public.items():
        if isinstance(value, Section):
            take((name, 0), value)
    for name, value in sorted(public.items(), key=lambda item: item[0] == "all"):
        for index, section in enumerate(_sections(value)):
            take((name, index), section)
    for section in list(left):
        name, index = split(section.name().rpartition(".")[2])
        index = index or 0
        while (name, index) in named:
            index += 1
        take((name, index), section)
    return dict(sorted(named.items(), key=lambda item: order[item[1]]))


def _sections(value: Any) -> list:
    """Return the sections that an attribute holds: one, or those of a list; none of all else."""
    if isinstance(value, Section):
        return [value]
    if isinstance(value, str | bytes | dict) or value is None or is_process(value):
        return []
    try:
        items = list(value)
    except Exception:  # neither a list nor HOC's kinds of it
        return []
    return items if items and all(isinstance(item, Section) for item in items) else []


def _item(value: Any, index: int | None) -> Any:
    """Return an element of a list or of HOC's kinds of it; the thing itself without an index."""
    if index is None or value is None or isinstance(value, Section) or is_process(value):
        return value if not index else None
    try:
        return list(value)[index]
    except Exception:  # it has no elements, or fewer
        return None


def _names(owner: Any) -> list[str]:
    return [name for name in dir(owner) if not name.startswith("_")] if owner is not n else []
