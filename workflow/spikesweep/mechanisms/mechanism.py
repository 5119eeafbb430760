"""What can be known of a mechanism before NEURON loads it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Kind = Literal["density", "point", "artificial", "functions"]


@dataclass(frozen=True)
class Variable:
    """A variable of a mechanism.

    default: what NEURON sets where nothing else is asked for; None for what the code computes.
    size: number of elements; 1 for a scalar.
    """

    name: str
    unit: str = ""
    default: float | None = None
    size: int = 1

    @property
    def elements(self) -> list[str]:
        """The names of its numbers: its own, or those of an array's elements, `xg[0]`."""
        return [self.name] if self.size == 1 else [f"{self.name}[{i}]" for i in range(self.size)]


@dataclass(frozen=True)
class Ion:
    """An ion that a mechanism uses; valence None where the mechanism leaves it to others."""

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    valence: float | None = None


@dataclass(frozen=True)
class Mechanism:
    """A mechanism of NEURON's own or of an NMODL file.

    Attributes:
        name: as inserted or created: the SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL. Files with
            SUFFIX nothing, whose kind is "functions", have the name of the file.
        parameters: what can be set in each instance.
        recordable: what else each instance has and shows: states, currents, other RANGE variables.
        nonspecific: its currents that are of no ion, such as i of pas.
        globals: what all instances share, under NEURON's names: `q10_ih`, `usetable_hh`.
        pointers: what points to variables elsewhere.
        unset_pointers: those that the code follows, so that they must be set before a run.
        random: whether it draws random numbers at all.
        draws_itself: whether it does so from generators that the whole process shares, or by ids
            of its own, and not by RANDOM alone.
        writes_global: variables shared by all instances that the code assigns.
        pack_hazards: why instances of different simulations may not share a process, as phrases;
            empty where nothing speaks against it.
        receives: whether it is a target of NetCons.
        weights: what a NetCon's weights are: the arguments of its NET_RECEIVE block.
        external: whether its code reaches for that of other files.
        verbatim: its blocks of C++: file, line of VERBATIM, text.
        source: the normalised source.
    """

    name: str
    kind: Kind
    parameters: dict[str, Variable] = field(default_factory=dict)
    recordable: dict[str, Variable] = field(default_factory=dict)
    globals: dict[str, Variable] = field(default_factory=dict)
    nonspecific: tuple[str, ...] = ()
    ions: tuple[Ion, ...] = ()
    pointers: tuple[str, ...] = ()
    unset_pointers: tuple[str, ...] = ()
    random: bool = False
    draws_itself: bool = False
    writes_global: tuple[str, ...] = ()
    pack_hazards: tuple[str, ...] = ()
    receives: bool = False
    weights: tuple[Variable, ...] = ()
    external: bool = False
    file: Path | None = None
    line: int = 0
    verbatim: tuple[tuple[Path, int, str], ...] = field(default=(), repr=False)
    source: str = field(default="", repr=False)
