"""Waveforms: what is played into parameters while NEURON integrates.

Before its first time a waveform has its first value, and after its last time its last: NEURON
alone would go on in the direction of the last two.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from math import ceil, exp, sqrt
from typing import Any

import numpy as np

from spikesweep.language import document as doc
from spikesweep.language.expressions import ExpressionError, compile_expression
from spikesweep.simulation.cells import Cell
from spikesweep.simulation.copies import Placement
from spikesweep.simulation.electrodes import resistances
from spikesweep.simulation.errors import SimulationError
from spikesweep.simulation.nrn import n
from spikesweep.simulation.places import Places
from spikesweep.simulation.processes import (
    find_cell,
    find_segment,
    find_variable,
    variable_at,
)
from spikesweep.simulation.simulator import Simulator
from spikesweep.simulation.streams import stream_ids


def play(
    document: doc.Document,
    cells: Mapping[str, Cell],
    processes: Mapping[str, object],
    placements: Mapping[str, Placement],
    simulator: Simulator,
) -> list:
    """Have NEURON play all waveforms of a document; return what must live as long as it does.

    Raises:
        SimulationError: no such variable, one that two waveforms are played into, or an
            expression without a value at some time or place.
    """
    parameters = document.get("parameters", {})
    vectors, taken = [], set()
    for name, waveform in document["protocol"].get("play", {}).items():
        times, values = samples(name, waveform, document, simulator)
        clock = n.Vector(times)
        vectors.append(clock)
        for what, reference, factor in _targets(waveform, cells, processes, placements, parameters):
            if what in taken:
                raise SimulationError(f"waveform {name}: another one is played into {what}")
            taken.add(what)
            played = n.Vector(values if factor is None else factor * values)
            if waveform["between"] == "linear":
                played.play(reference, clock, 1)
            else:
                played.play(reference, clock)
            vectors.append(played)
    return vectors


def _targets(
    waveform: doc.Waveform,
    cells: Mapping[str, Cell],
    processes: Mapping[str, object],
    placements: Mapping[str, Placement],
    parameters: Mapping[str, float],
) -> Iterator[tuple[str, object, float | None]]:
    """Yield what a waveform is played into: its name, NEURON's reference, and by what the values
    are multiplied there; None where they are played as they are.

    Raises:
        SimulationError: no segment has such a variable, or an expression has no value there.
    """
    into = waveform["into"]
    if "region" not in into:
        variable = find_variable(cells, processes, into)
        place = into["process"] if "process" in into else find_segment(cells, into["at"])
        yield f"{place}.{into['variable']}", variable, None
        return
    name, region = into["region"]
    cell, placement = find_cell(cells, name), placements[name]
    factors = _factors(waveform, cell, placement, parameters)
    found = False
    for section in cell.select([region]):
        for segment in section:
            if (variable := variable_at(segment, into["variable"])) is not None:
                found = True
                yield f"{segment}.{into['variable']}", variable, factors(segment)
    if not found:
        raise SimulationError(f'there is no variable "{into["variable"]}" in {name}.{region}')


def _factors(
    waveform: doc.Waveform, cell: Cell, placement: Placement, parameters: Mapping[str, float]
) -> Callable[[Any], float | None]:
    """Return what says by how much a waveform is multiplied at a segment of a cell."""
    if "scale" in waveform:
        places = Places(cell, placement)
        return lambda segment: places.evaluate(waveform["scale"], segment)
    if "through" not in waveform:
        return lambda segment: None
    total: dict[Any, float] = {}
    for one in waveform["through"]:
        for segment, resistance in resistances(one["electrode"], cell, placement, parameters):
            total[segment] = total.get(segment, 0.0) + one["share"] * resistance
    return lambda segment: total[segment]


def samples(
    name: str, waveform: doc.Waveform, document: doc.Document, simulator: Simulator
) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) from 0 on, and values, of a waveform until the end of the simulation."""
    tstop = document["protocol"]["tstop"]
    if "csv" in waveform:
        times, values = map(np.asarray, simulator.waveform(waveform["csv"]))
    else:
        every = waveform.get("noise", waveform)["every"]
        count = ceil(tstop / every) + 1
        times = every * np.arange(count)
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
