"""The work of the small benchmark, in plain NEURON: one Hodgkin-Huxley compartment."""

import sys

import numpy as np
from neuron import n

DT, TSTOP, EVERY = 0.025, 200.0, 0.1  # ms
PROCESSES = 2


class Soma:
    """A soma with its stimulus and its recordings: potential every 0.1 ms, spike times."""

    def __init__(self, gkbar: float):
        self.section = n.Section("soma", self)
        self.section.L = self.section.diam = 20
        self.section.insert(n.hh)
        middle = self.section(0.5)
        middle.hh.gkbar = gkbar
        self.step = n.IClamp(middle)
        self.step.delay, self.step.dur, self.step.amp = 20, 160, 0.2
        self.v = n.Vector().record(middle._ref_v, EVERY)
        self.spikes = n.Vector()
        self.detector = n.NetCon(middle._ref_v, None, sec=self.section)
        self.detector.threshold = -20  # mV, as the sweeps have it
        self.detector.record(self.spikes)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the trace, (2001,) float32 mV, and the spike times, (spikes,) ms.

        The step more that the sample at TSTOP takes also finds a spike at TSTOP. A run that ends
        there finds none: NEURON looks for the spikes of a step at the start of the next.
        """
        spikes = np.array(self.spikes)
        return np.array(self.v, np.float32), spikes[spikes < TSTOP - DT / 2]


def points() -> list[tuple[float, float]]:
    """Return gkbar (S/cm2) and celsius of each simulation, from the file that argument 1 names."""
    return [tuple(point) for point in np.loadtxt(sys.argv[1], ndmin=2)]


def save(results: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Write traces, trains one after the other, and their lengths to the file of argument 2."""
    traces, trains = zip(*results, strict=True)
    np.savez(
        sys.argv[2],
        traces=np.array(traces),
        spikes=np.concatenate(trains),
        counts=[len(train) for train in trains],
    )
