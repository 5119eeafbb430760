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

_PARAMETERS, _STATES = 1, 3  # as MechanismStandard counts them

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
        if self._wanted["gating"] and (mechanism := _computed_wrongly()):
            self.message = (
                f"NEURON computes no right impedance with gating where {mechanism} is in several "
                "segments and has states, or parameters that differ; expected `gating: false`"
            )
            return
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


def _computed_wrongly() -> str | None:
    """Return a mechanism in several segments that has states, or other parameters in one of them.

    With gating, NEURON 9.0 computes the currents of all instances from the parameters of the first,
    and only the states of the first follow the potential.
    """
    first: dict[str, list[float]] = {}
    for section in n.allsec():
        for segment in section:
            names = [one.name() for one in segment if not one.name().endswith("_ion")]
            instances = [(name, (segment.x, section)) for name in names]
            instances += [(one.hname().partition("[")[0], one) for one in segment.point_processes()]
            for name, instance in instances:
                if name == "IClamp":  # its current does not follow the potential
                    continue
                parameters = _parameters(name, instance)
                if name not in first:
                    first[name] = parameters
                elif first[name] != parameters or n.MechanismStandard(name, _STATES).count():
                    return name
    return None


def _parameters(name: str, instance) -> list[float]:
    """Return the parameters of an instance: a point process, or (x, section)."""
    standard = n.MechanismStandard(name, _PARAMETERS)
    if isinstance(instance, tuple):
        standard._in(instance[0], sec=instance[1])
    else:
        standard._in(instance)
    values = []
    for i in range(int(standard.count())):
        variable = n.ref("")
        size = int(standard.name(variable, i))
        values += [standard.get(variable[0], k) for k in range(size)]
    return values
