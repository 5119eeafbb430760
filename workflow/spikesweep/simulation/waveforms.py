"""Waveforms: what is played into parameters while NEURON integrates.

Before its first time a waveform has its first value, and after its last time its last: NEURON
alone would go on in the direction of the last two.
"""

from collections.abc import Mapping
from itertools import accumulate
from math import ceil, exp, sqrt

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.expressions import ExpressionError, compile_expression
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n
from spikesweep.simulation.processes import find_variable
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.streams import stream_ids


def play(
    document: doc.Document,
    cells: Mapping[str, Cell],
    processes: Mapping[str, object],
    simulator: Simulator,
) -> list:
    """Have NEURON play all waveforms of a document; return what must live as long as it does.

    Raises:
        SimulationError: no such variable, or an expression without a value at some time.
    """
    vectors = []
    for name, waveform in document["protocol"].get("play", {}).items():
        reference = find_variable(cells, processes, waveform["into"])
        times, values = map(n.Vector, samples(name, waveform, document, simulator))
        if waveform["between"] == "linear":
            values.play(reference, times, 1)
        else:
            values.play(reference, times)
        vectors += [times, values]
    return vectors


def count_values(waveform: doc.Waveform, tstop: float, simulator: Simulator) -> int:
    """Return the number of values of a waveform."""
    if "csv" in waveform:
        return len(simulator.waveform(waveform["csv"])[0])
    return ceil(tstop / waveform.get("noise", waveform)["every"]) + 1


def samples(
    name: str, waveform: doc.Waveform, document: doc.Document, simulator: Simulator
) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) from 0 on, and values, of a waveform until the end of the simulation."""
    tstop = document["protocol"]["tstop"]
    if "csv" in waveform:
        times, values = map(np.asarray, simulator.waveform(waveform["csv"]))
    else:
        count = count_values(waveform, tstop, simulator)
        times = waveform.get("noise", waveform)["every"] * np.arange(count)
        if "noise" in waveform:
            ids = stream_ids(document.get("seed", 0), "play", name)
            values = draw(waveform["noise"], count, ids)
        else:
            values = _evaluated(name, waveform["expression"], times, document.get("parameters", {}))
    if times[0] > 0:
        times, values = np.r_[0.0, times], np.r_[values[0], values]
    return np.r_[times, max(times[-1], tstop) + 1], np.r_[values, values[-1]]


def draw(noise: doc.Noise, count: int, ids: tuple[int, int, int]) -> np.ndarray:
    """Return values of Gaussian noise, (count,), at equal distances in time.

    With a correlation time tau it is a stationary Ornstein-Uhlenbeck process, by the exact update
    of Gillespie (1996), Phys. Rev. E 54:2084. A longer one begins with the same values.

    Args:
        noise: mean, sd and, in ms, every and perhaps tau.
        ids: the stream that is drawn from.
    """
    random = n.Random()
    random.Random123(*ids)
    first = random.normal(0, 1)  # which also has all others drawn from this distribution
    deviates = np.r_[first, n.Vector(count - 1).setrand(random)]
    if "tau" in noise:
        kept = exp(-noise["every"] / noise["tau"])
        fresh = sqrt(1 - kept**2)
        deviates = np.array(list(accumulate(deviates.tolist(), lambda x, d: kept * x + fresh * d)))
    return noise["mean"] + noise["sd"] * deviates


def _evaluated(
    name: str, text: str, times: np.ndarray, parameters: Mapping[str, float]
) -> np.ndarray:
    try:
        expression = compile_expression(text, ("t", *parameters))
        return np.array([expression.evaluate(t=t, **parameters) for t in times.tolist()])
    except ExpressionError as error:
        raise SimulationError(f"waveform {name}: {error}") from None
