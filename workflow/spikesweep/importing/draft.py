"""A sweep that is made of other tools' files, for its user to read and edit."""

import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from spikesweep.errors import UserError, listing
from spikesweep.mechanisms.builtin import BUILTIN
from spikesweep.morphology.reading import Morphology, read_morphology

SCHEMA = "# yaml-language-server: $schema=../sweep.schema.json"
REGIONS = ("soma", "axon", "basal", "apical")
CABLE = ("Ra", "cm")
# Of NEURON's reversal potentials, as other tools set them by sections.
POTENTIALS = ("ena", "ek", "eca")


@dataclass
class Draft:
    """What is written: a sweep, and the files that it is made from.

    name: of the sweep. origin: what it was made of, for its first lines. notes: what could not be
    carried over, or wants a look, a sentence each. files: path in the project -> content.
    """

    name: str
    origin: str
    sweep: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: dict[Path, bytes] = field(default_factory=dict)

    def take_morphology(self, path: Path, *, axon: bool = True) -> tuple[str, Morphology]:
        """Have a morphology lie in the project; return its path there, and what it is.

        Args:
            axon: whether the axon is kept.

        Raises:
            UserError: it cannot be read.
        """
        if not path.is_file():
            raise UserError(f"{path}: no such file; expected a morphology, .swc or .asc")
        morphology = read_morphology(path, axon)
        repairs = [f"{path.name}: {repair}" for repair in morphology.repairs]
        self.notes += [repair for repair in repairs if repair not in self.notes]
        place = PurePosixPath("morphologies", path.name)
        self.files[Path(place)] = path.read_bytes()
        return str(place), morphology

    def take_mechanisms(self, used: set[str], folder: Path) -> str | None:
        """Have the NMODL files of a folder lie in a mechanism set of the sweep's name; return that
        name, or None where NEURON's own mechanisms do."""
        foreign = sorted(used - set(BUILTIN))
        if not foreign:
            return None
        sources = sorted(folder.glob("*.mod"))
        self.files |= {Path("mod", self.name, path.name): path.read_bytes() for path in sources}
        if not sources:
            self.notes.append(
                f"{folder.name}: has no .mod files; put those of {listing(foreign)} into "
                f"mod/{self.name}"
            )
        return self.name

    def take_json(self, path: Path, content: Any) -> None:
        """Have JSON lie in the project."""
        self.files[path] = f"{json.dumps(content, indent=1)}\n".encode()

    def text(self) -> str:
        """Return the sweep file."""
        lines = [SCHEMA, f"# Made of {self.origin}. Read it, and edit it."]
        if self.notes:
            lines += ["# What was not carried over, or wants a look:"]
            lines += [f"# - {' '.join(note.split())}" for note in self.notes]
        body = yaml.safe_dump(
            self.sweep, sort_keys=False, default_flow_style=None, width=110, allow_unicode=True
        )
        return "\n".join([*lines, body])


class Rules:
    """Biophysics, gathered region by region; those of all sections come first."""

    def __init__(self) -> None:
        self._rules: dict[str, dict[str, Any]] = {}

    @property
    def mechanisms(self) -> set[str]:
        """All that is inserted anywhere."""
        return {name for rule in self._rules.values() for name in rule.get("insert", {})}

    def insert(self, region: str, mechanism: str) -> dict[str, Any]:
        """Insert a mechanism; return its parameters there, to be added to."""
        rule = self._rules.setdefault(region, {})
        parameters: dict[str, Any] = rule.setdefault("insert", {}).setdefault(mechanism, {})
        return parameters

    def set(self, region: str, name: str, value: float | str) -> bool:
        """Set a quantity by NEURON's name for it, gbar_NaTs, ena or cm; return whether there is a
        place for it in a rule."""
        if name in CABLE:
            self._rules.setdefault(region, {})[name] = value
        elif name in POTENTIALS:
            self._rules.setdefault(region, {}).setdefault("ions", {})[name] = value
        elif "_" in name:
            parameter, mechanism = _split(name, self.mechanisms)
            self.insert(region, mechanism)[parameter] = value
        else:
            return False
        return True

    def single(self) -> dict[str, float]:
        """Return the numbers of mechanisms that one rule alone sets, by what axes call them."""
        found: dict[tuple[str, str], list[tuple[str, Any]]] = {}
        for region, rule in self._rules.items():
            for mechanism, parameters in rule.get("insert", {}).items():
                for parameter, value in parameters.items():
                    found.setdefault((mechanism, parameter), []).append((region, value))
        return {
            f"cell.{region}.{mechanism}.{parameter}": value
            for (mechanism, parameter), [(region, value), *others] in found.items()
            if not others and not isinstance(value, str)
        }

    def written(self) -> list[dict[str, Any]]:
        """Return the rules as a sweep file writes them."""
        order = ["all", *REGIONS]
        return [{"in": r, **self._rules[r]} for r in sorted(self._rules, key=order.index)]


def _split(name: str, mechanisms: set[str]) -> tuple[str, str]:
    """Return parameter and mechanism: of those that are inserted, the longest that fits."""
    fits = [one for one in mechanisms if name.endswith(f"_{one}")]
    mechanism = max(fits, key=len) if fits else name.rpartition("_")[2]
    return name.removesuffix(f"_{mechanism}"), mechanism


def first_section(morphology: Morphology) -> str:
    """Return where to put an electrode: the soma, or the first section of a cell without one."""
    name = "soma" if "soma" in morphology.sections else next(iter(morphology.sections))
    return name if morphology.sections[name] == 1 else f"{name}[0]"
