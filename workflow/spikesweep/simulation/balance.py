"""Balance: parameters set so that each segment is at rest at v_init, once all is initialised.

The old idiom of HOC models, `e_pas = v + (ina + ik) / g_pas` in their init().
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from spikesweep.language import document as doc
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import is_ion, n
from spikesweep.simulation.simulation import Simulation
from spikesweep.simulation.variables import get_variable, set_variable

_CHANGE = 1.0  # of a parameter, to see what current it makes
_REST = 1e-6  # of a parameter's unit: so near lies what is taken for the solution


@dataclass(frozen=True)
class _Balanced:
    """A parameter at a segment. currents: mechanism -> its currents that are of no ion."""

    segment: Any
    mechanism: str
    name: str
    currents: dict[str, list[str]]

    @property
    def value(self) -> float:
        return get_variable(self.segment, self.mechanism, self.name)

    def set(self, value: float) -> None:
        set_variable(self.segment, self.mechanism, self.name, value)

    def current(self) -> float:
        """Return the current of all ions and of all mechanisms of the membrane (mA/cm2); that of
        stimuli and of synapses, but for what these put into ions, is none of it."""
        inserted = [mechanism.name() for mechanism in self.segment]
        ions = [name.removesuffix("_ion") for name in inserted if is_ion(name)]
        return sum(getattr(self.segment, f"i{ion}") for ion in ions) + sum(
            get_variable(self.segment, mechanism, current)
            for mechanism in inserted
            for current in self.currents.get(mechanism, ())
        )

    def __str__(self) -> str:
        return f"{self.mechanism}.{self.name} at {self.segment}"


def initialise_balanced(
    simulations: Sequence[Simulation], documents: Sequence[doc.Document]
) -> None:
    """Initialise all that was built, so that no current flows at v_init where anything is
    balanced. What it ends with is an initialisation, as by someone who knew the values.

    The current is taken to depend on a parameter by a line, as on a reversal potential or on a
    constant current: two initialisations tell it, and two more mend what rounding left.

    Raises:
        SimulationError: a parameter that makes no current, or none at which it is 0.
    """
    v_init = documents[0]["protocol"]["v_init"]
    places = [
        place
        for simulation, document in zip(simulations, documents, strict=True)
        for place in _places(simulation, document["protocol"]["balance"])
    ]
    n.finitialize(v_init)
    for _ in range(2):
        _solve(places, v_init)


def _solve(places: Sequence[_Balanced], v_init: float) -> None:
    at_first, values = _currents(places), [place.value for place in places]
    for place, value in zip(places, values, strict=True):
        place.set(value + _CHANGE)
    n.finitialize(v_init)
    slopes = [b - a for a, b in zip(at_first, _currents(places), strict=True)]
    for place, value, current, slope in zip(places, values, at_first, slopes, strict=True):
        if slope == 0:
            raise SimulationError(
                f"balance: {place} makes no current there; expected a parameter that does, such as "
                "the reversal potential of a conductance above 0"
            )
        place.set(value - current * _CHANGE / slope)
    n.finitialize(v_init)
    for place, current, slope in zip(places, _currents(places), slopes, strict=True):
        if not abs(current) <= _REST * abs(slope):
            raise SimulationError(
                f"balance: no value of {place} was found at which no current flows at {v_init:g} "
                "mV; expected a current that follows it by a straight line, and nothing played "
                "into it"
            )


def _currents(places: Iterable[_Balanced]) -> list[float]:
    return [place.current() for place in places]


def _places(simulation: Simulation, balance: doc.Balance) -> Iterable[_Balanced]:
    """Yield what is balanced at each segment: the first that stands there."""
    for cell in simulation.cells.values():
        for section in cell.sections.values():
            first = next((one for one in balance["sets"] if section.has_membrane(one[0])), None)
            for segment in section if first else ():
                yield _Balanced(segment, *first, balance["currents"])
