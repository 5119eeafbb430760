"""Impedances by NEURON's Impedance class, about the state that a simulation is in.

It linearises the model there. That changes no bit of the trajectory: states are put back.
"""

from math import isfinite

from spikesweep.language import document as doc
from spikesweep.language.names import impedance_parts
from spikesweep.simulation.nrn import n

# Of each state, for its derivative. NEURON's own, 1e-3, leaves an error of 0.4% in a
# Hodgkin-Huxley soma, this one 4e-6.
STEP = 1e-6

# Of what `Impedance` has, all seen from where the current goes in.
_METHODS = {
    "resistance": "input",
    "input": "input",
    "input_phase": "input_phase",
    "transfer": "transfer",
    "transfer_phase": "transfer_phase",
    "ratio": "ratio",
}


class Impedances:
    """Impedances between two places, or of one, once they are measured.

    values: name -> impedance (Mohm), phase (rad) or ratio. message: why there are none, or ''.
    """

    def __init__(self, at, to, wanted: doc.Impedances):
        self.when = wanted["when"]
        self.values: dict[str, float] = {}
        self.message = ""
        self._wanted, self._at, self._to = wanted, at, to

    def measure(self) -> None:
        """Measure in the present state of NEURON."""
        by_frequency: dict[float, list[tuple[str, str]]] = {}
        for name in self._wanted["names"]:
            measure, frequency = impedance_parts(name)
            by_frequency.setdefault(frequency, []).append((name, _METHODS[measure]))
        try:
            for frequency, asked in by_frequency.items():
                impedance = n.Impedance()
                impedance.loc(self._to.x, sec=self._to.sec)
                impedance.deltafac(STEP)
                impedance.compute(frequency, int(self._wanted["gating"]))
                for name, method in asked:
                    value = float(getattr(impedance, method)(self._at.x, sec=self._at.sec))
                    if isfinite(value):
                        self.values[name] = value
        except RuntimeError as error:
            said = str(error).rpartition("hoc_execerror: ")[2]
            self.message = f"NEURON cannot compute an impedance: {said}"
