"""Impedances about the state that a simulation is in: of the model as it would follow a small
current, or with all its conductances as they are there. Neither changes a bit of the trajectory.
"""

import cmath
from collections.abc import Callable
from math import isfinite
from typing import Any

from spikesweep.language import document as doc
from spikesweep.language.names import impedance_parts
from spikesweep.simulation.nrn import n

# Of the potentials at both places over the current, as far as needed: the number asked for.
_NUMBERS: dict[str, tuple[Callable[..., float], tuple[int, ...]]] = {
    "resistance": (abs, (0,)),
    "input": (abs, (0,)),
    "input_phase": (cmath.phase, (0,)),
    "transfer": (abs, (1,)),
    "transfer_phase": (cmath.phase, (1,)),
    "ratio": (lambda at, to: abs(to / at), (0, 1)),
}
# Of NEURON's Impedance, located at `to`.
_METHODS = {**{name: name for name in _NUMBERS}, "resistance": "input"}

Names = dict[float, dict[str, str]]  # frequency (Hz) -> name -> what it measures


class Impedances:
    """Impedances between two places, or of one, once they are measured.

    values: name -> impedance (Mohm), phase (rad) or ratio. failures: name -> why there is none.

    Args:
        apart: calls a function in a copy of this process that ends with it, and returns how that
            went: its `status`, "ok" where all is well, its `value`, or else a `message`.
    """

    def __init__(self, at: Any, to: Any, wanted: doc.Impedances, apart: Callable[..., Any]):
        self.when = wanted["when"]
        self.values: dict[str, float] = {}
        self.failures: dict[str, str] = {}
        self._wanted, self._at, self._to, self._apart = wanted, at, to, apart

    def measure(self) -> None:
        """Measure in the present state of NEURON."""
        asked: Names = {}
        for name in self._wanted["names"]:
            measure, frequency = impedance_parts(name)
            asked.setdefault(frequency, {})[name] = measure
        (self._follow if self._wanted["gating"] else self._freeze)(asked)
        self.values = {name: value for name, value in self.values.items() if isfinite(value)}

    def _fail(self, message: str) -> None:
        self.failures = dict.fromkeys(self._wanted["names"], message)

    def _follow(self, asked: Names) -> None:
        """Measure a model whose states follow the potential."""
        from spikesweep.recording.linear_response import responses

        end = self._apart(lambda: responses(self._at, [self._at, self._to], [*asked]))
        if end.status != "ok":
            said = _said(end.message)
            self._fail(f"no impedance with gating: {said}; `gating: false` freezes all states")
            return
        for (frequency, names), both in zip(asked.items(), end.value, strict=True):
            for name, measure in names.items():
                number, of = _NUMBERS[measure]
                needed = [both[i] for i in of]
                if reasons := [one for one in needed if isinstance(one, str)]:
                    self.failures[name] = f"no impedance at {frequency:g} Hz: {reasons[0]}"
                else:
                    self.values[name] = number(*needed)

    def _freeze(self, asked: Names) -> None:
        """Measure a model whose conductances stay, by NEURON's Impedance class."""
        if any(section.has_membrane("extracellular") for section in n.allsec()):
            self._fail("NEURON's Impedance class leaves out extracellular, which is inserted")
            return
        try:
            for frequency, names in asked.items():
                impedance = n.Impedance()
                impedance.loc(self._to.x, sec=self._to.sec)
                impedance.compute(frequency, 0)
                for name, measure in names.items():
                    method = getattr(impedance, _METHODS[measure])
                    self.values[name] = float(method(self._at.x, sec=self._at.sec))
        except RuntimeError as error:
            self._fail(f"NEURON cannot compute an impedance: {_said(str(error))}")


def _said(message: str) -> str:
    """Return what NEURON says in a message, without the ways it came."""
    return message.rpartition("hoc_execerror: ")[2]
